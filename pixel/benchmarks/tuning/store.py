"""A study on disk: opened or gone on with, and cleared of trials whose worker was killed."""

import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import numpy as np

from pixel.benchmarks.tuning.installed import optuna
from pixel.benchmarks.tuning.presence import is_gone
from pixel.training.arguments import SettingError

SAMPLERS = ("tpe", "nsga2", "random")
PRUNERS = ("median", "hyperband", "none")
RETRIES = 3
NAMELESS = timedelta(minutes=2)
"""After that long a running trial without a worker's name was killed before it could say it."""


def open_study(
    storage: str,
    name: str,
    terms: dict[str, Any],
    sampler: str = "tpe",
    pruner: str = "median",
    seed: int = 0,
    names: Sequence[str] | None = None,
    steps: int = 0,
    every: int = 0,
):
    """
    Create a study, or go on with the one of that name.

    Args:
        storage: a database URL such as `sqlite:///FILE`. SQLite waits up to a minute for another worker's lock.
        name: of the study in it.
        terms: what must be the same for its trials to be comparable, as JSON.
        sampler: one of `SAMPLERS`. Its draws depend on `seed` and on how many trials there are, so that a study gone
            on with does not draw the same again.
        pruner: one of `PRUNERS`; the median rule waits for five trials, Hyperband shares trials out over brackets.
        seed: of the sampler.
        names: of the objectives, where there are several; all are maximised, and nothing is pruned.
        steps: optimizer steps of a trial.
        every: steps between intermediate validations.

    Raises:
        SettingError: Optuna is not installed, or the study was begun on other terms.
    """
    kit = optuna()
    options = {"connect_args": {"timeout": 60}} if storage.startswith("sqlite") else {}
    study = kit.create_study(
        storage=kit.storages.RDBStorage(storage, engine_kwargs=options),
        study_name=name,
        directions=["maximize"] * len(names or ["mean"]),
        load_if_exists=True,
        pruner=_pruner(kit, pruner if every and not names else "none", steps, every),
    )
    drawn = int(np.random.SeedSequence([seed, len(study.get_trials(deepcopy=False))]).generate_state(1)[0])
    study.sampler = _sampler(kit, sampler, drawn)
    terms = json.loads(json.dumps(terms))
    before = study.user_attrs.get("terms")
    if before is None:
        study.set_user_attr("terms", terms)
        if names:
            study.set_metric_names(list(names))
    elif changed := sorted(key for key in terms.keys() | before.keys() if terms.get(key) != before.get(key)):
        raise SettingError(
            f"the study {name!r} was begun with other {', '.join(changed)}, so new trials could not be compared with "
            "its own. Mend: give another --study_name, or the same options as before"
        )
    return study


def enqueue_default(study, params: dict[str, Any]) -> None:
    """Make the default settings the first trial, so that the comparison is inside the study."""
    study.enqueue_trial(params, user_attrs={"default": True}, skip_if_exists=True)


def retry_stale(study) -> int:
    """
    Mark trials as failed whose worker was killed, and put their parameters back in the queue, three times at most.

    Returns:
        how many there were.
    """
    kit, stale = optuna(), 0
    again = kit.storages.RetryHeartbeatStaleTrialCallback(max_retry=RETRIES)
    for trial in study.get_trials(deepcopy=True, states=(kit.trial.TrialState.RUNNING,)):
        worker = trial.user_attrs.get("worker")
        nameless = worker is None and datetime.now() - trial.datetime_start > NAMELESS
        if not (nameless or (worker is not None and is_gone(worker))):
            continue
        try:
            study.tell(trial.number, state=kit.trial.TrialState.FAIL)
        except (ValueError, kit.exceptions.OptunaError):  # another worker was quicker
            continue
        again(study, trial)
        stale += 1
    return stale


def counts(study) -> dict[str, int]:
    """How many trials are `finished` (complete or pruned), `complete`, `pruned`, `running`, `failed`, `waiting`."""
    states = [trial.state.name for trial in study.get_trials(deepcopy=False)]
    found = {name: states.count(name.upper()) for name in ("complete", "pruned", "running", "waiting")}
    return found | {"failed": states.count("FAIL"), "finished": found["complete"] + found["pruned"]}


def _sampler(kit, name: str, seed: int):
    if name == "tpe":
        return kit.samplers.TPESampler(multivariate=True, group=True, seed=seed)
    return {"nsga2": kit.samplers.NSGAIISampler, "random": kit.samplers.RandomSampler}[name](seed=seed)


def _pruner(kit, name: str, steps: int, every: int):
    if name == "median":
        return kit.pruners.MedianPruner(n_startup_trials=5, n_warmup_steps=every)
    if name == "hyperband":
        return kit.pruners.HyperbandPruner(min_resource=every, max_resource=max(steps, every))
    return kit.pruners.NopPruner()
