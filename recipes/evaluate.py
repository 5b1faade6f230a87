"""
Measure a model: read-outs, EQ, persona, clinical safety, empathy, conversation, bias, language.

    python recipes/evaluate.py --model outputs/demo --data_root DATA --output outputs/demo-eval
    python recipes/evaluate.py --model outputs/demo --output DIR --tasks readouts 'empathy_*' --limit 200
    python recipes/evaluate.py --endpoint http://localhost:8000/v1 --endpoint_model NAME --output DIR
    accelerate launch --num_processes 4 recipes/evaluate.py --model outputs/demo --output DIR

Writes OUTPUT/results.json (every figure with interval, n, majority, message length alone, ten-minute and published
figures), OUTPUT/report.html, and OUTPUT/items/TASK.jsonl (what each item scored, for recipes/compare.py). --model is a
Pixel model or a plain causal language model, whose read-out tasks are skipped. With --endpoint an OpenAI-compatible
server (key: OPENAI_API_KEY) generates in the local model's place. What the model was trained on is left out.

An interrupted run goes on where it stopped when it is started again: finished tasks are kept, and so is what the model
already said. Exit status 1 if a task failed by a bug; 0 also where tasks were skipped, with the reason in the report.
"""

import argparse
import sys
import time
from pathlib import Path

from pixel.training.command_line import explain


def options(arguments: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", help="folder or Hub id of a Pixel model or of a causal language model")
    parser.add_argument("--data_root", help="folder with the raw corpora, or hub:org/name (default: $PIXEL_DATA_ROOT)")
    parser.add_argument("--output", help="folder to write")
    parser.add_argument("--tasks", nargs="+", metavar="TASK", help="only these; NAME* for all that begin so")
    parser.add_argument("--list", action="store_true", help="show the tasks and stop")
    parser.add_argument("--limit", type=int, help="at most that many items a task, for a quick look")
    parser.add_argument("--seed", type=int, default=0, help="of every draw (default: 0)")
    parser.add_argument("--resamples", type=int, default=500, help="bootstrap draws for an interval (default: 500)")
    more = "earlier versions, oldest first, or folders of checkpoint-* (default: MODEL/checkpoint-*)"
    parser.add_argument("--checkpoints", nargs="+", metavar="DIR", help=more)
    more = "models that judge, such as fitted:words or a folder; never the one measured (default: small fitted ones)"
    parser.add_argument("--judges", nargs="+", metavar="NAME", help=more)
    parser.add_argument("--endpoint", help="address of an OpenAI-compatible server that generates")
    parser.add_argument("--endpoint_model", help="name it serves the model under (default: --model)")
    parser.add_argument("--device", default="auto", help="auto, cpu, cuda, cuda:1, ... (default: auto)")
    parser.add_argument("--batch_tokens", type=int, default=4096, help="padded tokens a batch (default: 4096)")
    parser.add_argument("--cache", help="folder for what the model said (default: OUTPUT/cache)")
    chosen = parser.parse_args(arguments)
    if not chosen.list and not (chosen.output and (chosen.model or chosen.endpoint)):
        parser.error("--output is needed, and --model or --endpoint")
    if chosen.endpoint and not (chosen.endpoint_model or chosen.model):
        parser.error("--endpoint needs --endpoint_model")
    if (chosen.limit is not None and chosen.limit < 1) or chosen.batch_tokens < 1 or chosen.resamples < 0:
        parser.error("--limit and --batch_tokens must be at least 1, --resamples at least 0")
    return chosen


def show_tasks() -> None:
    from pixel.evaluation.runner import load_task
    from pixel.evaluation.task import TaskSkipped
    from pixel.evaluation.tasks import TASKS

    for name in TASKS:
        try:
            task = load_task(name)
            print(f"{name:26} {task.group:16} {', '.join(task.needs) or '-':28} {getattr(task, 'about', '')}")
        except TaskSkipped as reason:
            print(f"{name:26} {reason}")


def corpora_of(data_root: str | None):
    """`(folder, name -> splits, fingerprint of the folder)`, or three times `None` without a data root."""
    import os

    from datasets_scripts import load_corpus
    from pixel.data.builder import find_root
    from pixel.evaluation.runner import data_fingerprint

    if not (data_root or os.environ.get("PIXEL_DATA_ROOT")):
        return None, None, None
    root = find_root(data_root)
    return root, (lambda name: load_corpus(name, root)), data_fingerprint(root)


def checkpoints_of(given: list[str] | None, model: str | None) -> list[Path]:
    """Folders of earlier versions: those given, `checkpoint-*` inside them or the model's own, by their step."""
    found: list[Path] = []
    for folder in map(Path, given or ([model] if model else [])):
        inside = [path for path in folder.glob("checkpoint-*") if path.name.split("-")[-1].isdigit()]
        found += sorted(inside, key=lambda path: int(path.name.split("-")[-1])) or ([folder] if given else [])
    return found


def join_processes(device: str) -> str:
    """Under `accelerate launch` the processes meet here; returns the device of this one."""
    import os

    if int(os.environ.get("WORLD_SIZE", "1")) == 1:
        return device
    from accelerate import PartialState

    state = PartialState(cpu=device == "cpu")
    return str(state.device) if device == "auto" else device


def judges_of(names: list[str] | None, model: str | None, device: str) -> list | None:
    """The judges, which load their models when first asked; `None` where none were named."""
    if not names:
        return None
    if model and any(Path(name.removeprefix("rating:")).resolve() == Path(model).resolve() for name in names):
        sys.exit("error: --judges: a model does not judge itself. Mend: name another one")
    from pixel.evaluation.judges import load_judges

    try:
        return load_judges(names, device=device)
    except ValueError as error:
        sys.exit(f"error: {error}")


def main(chosen: argparse.Namespace) -> int:
    from pixel.data.seen import SeenRows
    from pixel.evaluation.context import Context
    from pixel.evaluation.endpoint import Endpoint, EndpointError
    from pixel.evaluation.processes import is_first, shared
    from pixel.evaluation.report import write_page
    from pixel.evaluation.results import results_of, write_results
    from pixel.evaluation.runner import UnknownTask, chosen_tasks, run_tasks
    from pixel.evaluation.store import TaskStore
    from pixel.evaluation.subjects import Subject, folder_fingerprint

    # ── look before loading ──
    try:
        names = chosen_tasks(chosen.tasks)
        endpoint = Endpoint(chosen.endpoint, chosen.endpoint_model or chosen.model) if chosen.endpoint else None
        seen = SeenRows.load(chosen.model) if chosen.model else None
    except (UnknownTask, EndpointError, ValueError) as error:
        sys.exit(f"error: {error}")
    root, corpora, data = corpora_of(chosen.data_root)
    checkpoints = checkpoints_of(chosen.checkpoints, chosen.model)
    judges = judges_of(chosen.judges, chosen.model, chosen.device)
    device = join_processes(chosen.device)

    # ── the model ──
    def subject(model: str | None, endpoint: Endpoint | None = None) -> Subject:
        return Subject(model, endpoint, device=device, batch_tokens=chosen.batch_tokens)

    try:
        model = subject(chosen.model, endpoint)
    except ValueError as error:  # bad models and bad choices
        sys.exit(f"error: {error}")
    output = Path(chosen.output)
    context = Context(
        model, cache=chosen.cache or output / "cache", corpora=corpora, data_root=root, seen=seen, seed=chosen.seed,
        limit=chosen.limit, resamples=chosen.resamples, checkpoints=checkpoints,
        judges=judges and (lambda: judges),
        other_model=lambda folder: subject(str(folder)),
    )  # fmt: skip

    # ── measure ──
    settings = {
        "seed": chosen.seed, "limit": chosen.limit, "resamples": chosen.resamples,
        "endpoint": endpoint and endpoint.url, "endpoint_model": endpoint and endpoint.model,
        "judges": chosen.judges,
    }  # fmt: skip
    made_from = {
        "model": model.fingerprint, "speaks_as": model.speaks_as, "data": data, "seen": seen and len(seen),
        "checkpoints": [folder_fingerprint(folder) for folder in checkpoints], **settings,
    }  # fmt: skip
    started = time.time()

    def say(line: str) -> None:
        if is_first():
            print(line, flush=True)

    outcome = run_tasks(names, context, TaskStore(output / "tasks"), made_from, say=say)

    # ── tell ──
    if is_first():
        about = {"name": model.name, "path": model.path, "kind": model.kind, "fingerprint": model.fingerprint}
        shown = settings | {
            "tasks": names, "data_root": root and str(root), "checkpoints": [str(folder) for folder in checkpoints],
            "device": chosen.device, "batch_tokens": chosen.batch_tokens,
        }  # fmt: skip
        results = results_of(outcome, about, shown)
        if model.unreadable:
            results["unreadable"] = model.unreadable
        write_results(output, results, outcome)
        write_page(output, results)
        print(f"{len(results['results'])} figures, {len(outcome.skipped)} tasks skipped, in "
              f"{time.time() - started:.1f} s: {output / 'report.html'}")  # fmt: skip
    shared(None)  # no process leaves before the first has written
    return 1 if outcome.failed else 0


if __name__ == "__main__":
    chosen = options()
    with explain():
        if chosen.list:
            show_tasks()
        else:
            sys.exit(main(chosen))
