"""Trials until there are enough: in this process, or in several on one study."""

import multiprocessing
import sys
import time
from collections.abc import Callable
from pathlib import Path

from tqdm.auto import tqdm

from pixel.benchmarks.tuning.presence import Presence
from pixel.benchmarks.tuning.store import counts, retry_stale
from pixel.training.arguments import SettingError

CAUGHT = (ArithmeticError, RuntimeError, ValueError)
"""What a trial's settings may bring about: the trial has failed, the search goes on."""
IN_A_ROW = 3
"""So many trials that fail one after the other end the search: it is not their settings that are wrong."""


def search(study, trials: int, prepare: Callable, folder: Path, workers: int = 1) -> dict[str, int]:
    """
    Run trials until `trials` are finished in the study, those of earlier runs and of other processes counted.

    Args:
        study: of `open_study`.
        trials: complete or pruned ones wanted.
        prepare: without arguments, gives `(study, objective)`: Optuna's study, opened anew, and what is called with a
            trial. With several workers each of them calls it in its own process, so it must be a module's function
            or a `functools.partial` of one.
        folder: where workers leave their signs.
        workers: processes.

    Returns:
        see `counts`.

    Raises:
        SettingError: three trials failed in a row, or all workers were killed three times.
    """
    now, deaths = counts(study), 0
    with tqdm(total=trials, initial=min(now["finished"], trials), desc="Tuning", unit="trial") as bar:
        while now["finished"] < trials:
            if stale := retry_stale(study):
                tqdm.write(f"{stale} trial(s) of a worker that was killed: queued again", file=sys.stderr)
            before = now["failed"] + now["finished"]
            if workers == 1:
                _work(prepare, trials, folder, show=lambda: _show(bar, study, trials))
            else:
                ended = _several(prepare, trials, folder, workers, show=lambda: _show(bar, study, trials))
                deaths = 0 if ended else deaths + 1
                if deaths == IN_A_ROW:
                    raise SettingError("all workers were killed, three times. Mend: fewer --workers, or more memory")
            now = _show(bar, study, trials)
            if now["failed"] + now["finished"] == before and now["finished"] < trials:
                time.sleep(1.0)  # the rest is with a process that somebody else started
    return now


def _work(prepare: Callable, trials: int, folder: Path, show: Callable = lambda: None) -> None:
    """Trials one after the other while any are wanted that nobody is at."""
    study, objective = prepare()
    parent = multiprocessing.parent_process()
    failures = 0
    with Presence(folder) as sign:
        objective.worker = sign.name
        while parent is None or parent.is_alive():
            retry_stale(study)
            if not _wanted(study, trials):
                break
            ended: list = []
            study.optimize(objective, n_trials=1, catch=CAUGHT, callbacks=[lambda _, t, ended=ended: ended.append(t)])
            failures = failures + 1 if ended[-1].state.name == "FAIL" else 0
            show()
            if failures == IN_A_ROW:
                raise SettingError(f"{IN_A_ROW} trials failed in a row. Mend: see the first error above")


def _several(prepare: Callable, trials: int, folder: Path, workers: int, show: Callable) -> bool:
    """
    As many processes, watched until all have ended. One that is killed leaves its trial to the others.

    Returns:
        whether any of them came to its end.
    """
    context = multiprocessing.get_context("spawn")
    processes = [context.Process(target=_child, args=(prepare, trials, folder), daemon=True) for _ in range(workers)]
    for process in processes:
        process.start()
    while any(process.is_alive() for process in processes):
        time.sleep(0.5)
        show()
    if all(process.exitcode == 1 for process in processes):
        raise SettingError("every worker failed. Mend: see the first error above, or try --workers 1")
    return any(process.exitcode == 0 for process in processes)


def _child(prepare: Callable, trials: int, folder: Path) -> None:
    try:
        _work(prepare, trials, folder)
    except SettingError as error:
        sys.exit(f"error: {error}")


def _wanted(study, trials: int) -> bool:
    now = counts(study)
    return now["finished"] + now["running"] < trials


def _show(bar: tqdm, study, trials: int) -> dict[str, int]:
    now = counts(study)
    bar.n = min(now["finished"], trials)
    complete = [trial for trial in study.get_trials(deepcopy=False) if trial.state.name == "COMPLETE"]
    best = max((sum(trial.values) / len(trial.values) for trial in complete), default=None)
    bar.set_postfix_str(f"{now['pruned']} pruned" + ("" if best is None else f", best {best:.4f}"))
    return now
