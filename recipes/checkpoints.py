"""
Look at a run's checkpoints, check them, go back, tidy up, and make a model folder of one.

    python recipes/checkpoints.py list --output_dir outputs/run
    python recipes/checkpoints.py verify --output_dir outputs/run
    python recipes/checkpoints.py rollback --output_dir outputs/run --to 1200
    python recipes/checkpoints.py prune --output_dir outputs/run --last 2 --best 1 --every 1000
    python recipes/checkpoints.py consolidate --checkpoint outputs/run/checkpoint-1200 --output outputs/model
    python recipes/checkpoints.py seal --checkpoint old/checkpoint-500

rollback moves later checkpoints to OUTPUT/rolled_back; the next start with --resume_from_checkpoint auto goes on from
there. With --running, a run that is going ends after its step and is to be started again (a supervisor does).
verify exits with 1 where a checkpoint is broken. Nothing is ever removed but by prune.
"""

import argparse
import sys
import time
from pathlib import Path

from pixel.checkpoints.errors import CheckpointError


def options(arguments: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    for name, words in (
        ("list", "step, size, age, metric, state, and why each is kept"),
        ("verify", "read every byte and compare it with the manifest"),
        ("rollback", "go back to the checkpoint of a step"),
        ("prune", "remove what the rules do not keep"),
    ):
        one = commands.add_parser(name, help=words)
        one.add_argument("--output_dir", required=True, type=Path, help="folder of the run")
        if name == "rollback":
            one.add_argument("--to", required=True, type=int, help="step to go on from")
            one.add_argument("--why", default="by hand", help="noted beside what is moved")
            one.add_argument("--running", action="store_true", help="the run is going: ask it to end and go back")
        if name in ("list", "prune"):
            one.add_argument("--last", type=int, help="newest checkpoints to keep (as --save_total_limit)")
            one.add_argument("--best", type=int, default=0, help="checkpoints with the best metric to keep")
            one.add_argument("--every", type=int, default=0, help="steps whose multiples are kept for good")
            one.add_argument("--greater_is_better", action="store_true", help="of the metric")
        if name == "prune":
            one.add_argument("--dry", action="store_true", help="only say what would go")
    one = commands.add_parser("consolidate", help="write a model folder from a checkpoint, split or not")
    one.add_argument("--checkpoint", required=True, type=Path, help="checkpoint folder")
    one.add_argument("--output", required=True, type=Path, help="new folder")
    one.add_argument("--base", help="for adapters and heads: the model that training started from")
    one.add_argument("--dtype", choices=("float32", "bfloat16", "float16"), help="of the weights (default: as is)")
    one = commands.add_parser("seal", help="take a checkpoint without a manifest as it is")
    one.add_argument("--checkpoint", required=True, type=Path, help="checkpoint folder")
    chosen = parser.parse_args(arguments)
    for name in ("last", "best", "every"):
        if (getattr(chosen, name, 0) or 0) < 0:
            parser.error(f"--{name} must not be negative")
    return chosen


def show(chosen: argparse.Namespace, hashes: bool) -> bool:
    """Print a line a checkpoint; whether all are whole."""
    from pixel.checkpoints import look, progress, readable

    found = look(chosen.output_dir, hashes)
    reasons = rules(chosen).reasons(found) if chosen.command == "list" else {}
    print(f"{'step':>8} {'size':>9} {'age':>8} {'metric':>10}  state")
    for verdict in found:
        age = time.time() - verdict.facts.get("written", verdict.folder.stat().st_mtime)
        metric = verdict.facts.get("metric")
        state = f"BROKEN: {verdict.problems[0]}" if verdict.problems else "whole" if hashes else "complete"
        if not verdict.problems and chosen.command == "list":
            state += f"; {', '.join(reasons[verdict.step]) or 'may go'}"
        shown = "" if metric is None else f"{metric:.4g}"
        print(f"{verdict.step:>8} {readable(verdict.size):>9} {lasting(age):>8} {shown:>10}  {state}")
    come = progress(chosen.output_dir)
    print(f"step {come.step} of {come.max_steps or '?'}{', finished' if come.finished else ''}")
    return all(verdict.valid for verdict in found)


def rules(chosen: argparse.Namespace):
    from pixel.checkpoints import Retention, best_model, look

    best = best_model(chosen.output_dir)  # what load_best_model_at_end will want
    greater = chosen.greater_is_better or any(v.facts.get("greater_is_better") for v in look(chosen.output_dir))
    return Retention(chosen.last, chosen.best, chosen.every, greater, frozenset([best] if best else []))


def lasting(seconds: float) -> str:
    for unit, size in (("d", 86400), ("h", 3600), ("min", 60)):
        if seconds >= size:
            return f"{seconds / size:.0f} {unit}"
    return f"{max(seconds, 0):.0f} s"


def main(chosen: argparse.Namespace) -> int:
    from pixel.checkpoints import MANIFEST, prune, readable, require_valid, roll_back, seal, step_of
    from pixel.checkpoints.going_back import ask_to_roll_back

    if getattr(chosen, "output_dir", None) is not None and not chosen.output_dir.is_dir():
        raise CheckpointError(f"--output_dir {chosen.output_dir}: no such folder", "name the output folder of a run")
    if chosen.command in ("list", "verify"):
        return 0 if show(chosen, hashes=chosen.command == "verify") or chosen.command == "list" else 1
    if chosen.command == "rollback" and chosen.running:
        print(f"The run ends after its step and goes on from {chosen.to} when it is started again:")
        print(ask_to_roll_back(chosen.output_dir, chosen.to, chosen.why))
    elif chosen.command == "rollback":
        moved = roll_back(chosen.output_dir, chosen.to, chosen.why)
        print(f"{len(moved)} moved: {', '.join(map(str, moved)) or 'none was later'}")
        print(f"Go on with --resume_from_checkpoint auto: from {chosen.output_dir / f'checkpoint-{chosen.to}'}")
    elif chosen.command == "prune":
        if not chosen.last:
            raise CheckpointError("prune without --last keeps every checkpoint", "say how many, e.g. --last 2")
        gone = prune(chosen.output_dir, rules(chosen), hashes=True, dry=chosen.dry)
        print(f"{'Would go' if chosen.dry else 'Removed'}: {', '.join(path.name for path in gone) or 'none'}")
    elif chosen.command == "seal":
        if not chosen.checkpoint.is_dir() or step_of(chosen.checkpoint) < 0:
            raise CheckpointError(f"{chosen.checkpoint}: no folder checkpoint-STEP", "name one")
        if (chosen.checkpoint / MANIFEST).exists():
            require_valid(chosen.checkpoint)  # what is broken is not made whole by a new manifest
        seal(chosen.checkpoint, step_of(chosen.checkpoint))
        print(f"{chosen.checkpoint}: sealed, {readable(require_valid(chosen.checkpoint).size)}")
    else:
        import torch

        from pixel.training.consolidating import consolidate

        dtype = getattr(torch, chosen.dtype) if chosen.dtype else None
        print(f"Model in {consolidate(chosen.checkpoint, chosen.output, chosen.base, dtype)}")
    return 0


if __name__ == "__main__":
    chosen = options()
    from pixel.training.command_line import explain

    with explain():
        sys.exit(main(chosen))
