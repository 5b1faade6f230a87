"""
The program that a fault strikes: `recipes/train.py` itself, with an order to be struck.

    PIXEL_BENCHMARK_FAULT=order.json python pixel/benchmarks/faults/trainee.py --config ...

Training code holds no hook for this: what is needed is put around it here, from outside.
"""

import json
import os
import runpy
import sys
import threading
from pathlib import Path

from pixel.benchmarks.faults.actions import ACTIONS, ORDER

RECIPE = Path(__file__).parents[3] / "recipes" / "train.py"
WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT


class Striker:
    """
    Waits for the moment and acts once, over all attempts and processes.

    Args:
        order: from `Fault.order`.
        rank: of this process.
    """

    def __init__(self, order: dict, rank: int):
        self.order, self.rank = order, rank
        self.output = os.path.abspath(order["output"])
        self.moment = order["moment"] or {"at": "never"}
        self.folder = Path(order["folder"])
        self.over, self.operations, self.acting = False, 0, False

    def arm(self) -> None:
        """Begin to wait. A process that is not meant, or comes after the fault, waits for nothing."""
        if self.moment["at"] == "never" or self.moment["rank"] != self.rank or (self.folder / "fired").exists():
            return
        if self.moment["at"] == "start":
            self._later(self.moment["delay"])
        elif self.moment["at"] in ("save", "after") and self.rank == 0:
            sys.addaudithook(self._heard)

    def step(self, step: int, where: str) -> None:
        """The trainer is here."""
        if self.moment["at"] == "step" and (self.moment["step"], self.moment["where"]) == (step, where):
            self.strike()

    def saving(self, step: int) -> None:
        """A checkpoint begins; 0: what follows the last step. Ranks but the first write nothing that an audit sees."""
        if self.rank and (self.moment["at"], self.moment.get("step")) in (("save", step), ("after", step)):
            self._later(0.01 * self.moment["operation"])

    def strike(self) -> None:
        """Now, if nobody was faster."""
        if self.moment["rank"] != self.rank or self.acting:
            return
        try:
            os.close(os.open(self.folder / "fired", os.O_CREAT | os.O_EXCL | os.O_WRONLY))
        except FileExistsError:
            self.moment = {"at": "never"}
            return
        self.acting = True
        ACTIONS[self.order["action"]](self.order)
        self.moment = {"at": "never"}

    def _later(self, seconds: float) -> None:
        timer = threading.Timer(seconds, self.strike)
        timer.daemon = True
        timer.start()

    def _heard(self, event: str, args: tuple) -> None:
        """An audit hook: every file that Python opens to write, renames, makes or removes in the output folder."""
        at = self.moment["at"]
        if at == "never" or self.acting or event not in ("open", "os.rename", "os.mkdir", "os.remove", "os.rmdir"):
            return
        if event == "open" and not (isinstance(args[2], int) and args[2] & WRITES):
            return
        paths = [os.path.abspath(os.fsdecode(one)) for one in args[:2] if isinstance(one, (str, bytes, os.PathLike))]
        paths = [path.removeprefix(self.output + "/") for path in paths if path.startswith(self.output + "/")]
        if not paths or any(path.startswith(("heartbeat", "attempts")) for path in paths):
            return
        if at == "after" and not self.over:
            return
        step = f"checkpoint-{self.moment['step']}"
        if at == "save" and not any(path.lstrip(".").startswith((f"{step}.", f"{step}/")) for path in paths):
            if not any(path == step for path in paths):
                return
        self.operations += 1
        last = paths[-1] == step if at == "save" else any("finished.json" in path for path in paths)
        if self.operations >= self.moment["operation"] or last:
            if self.moment["delay"] and not last:
                self._later(self.moment["delay"])
                self.operations = -(10**9)
            else:
                self.strike()


def surround(striker: Striker) -> None:
    """Let the trainer tell the striker where it is, and note every step that is taken; spoil data where ordered."""
    from transformers import TrainerCallback

    from pixel.benchmarks.faults import spoiled
    from pixel.training.trainer import PixelTrainer

    class Telling(TrainerCallback):
        def on_step_begin(self, args, state, control, **kwargs):
            striker.step(state.global_step + 1, "begin")

        def on_pre_optimizer_step(self, args, state, control, **kwargs):
            striker.step(state.global_step + 1, "optimizer")

        def on_step_end(self, args, state, control, **kwargs):
            if striker.rank == 0:
                with (striker.folder / "steps.txt").open("a") as file:
                    file.write(f"{os.getpid()} {state.global_step}\n")
            striker.step(state.global_step, "end")

        def on_train_end(self, args, state, control, **kwargs):
            striker.over = state.global_step >= state.max_steps
            if striker.over and striker.rank == 0:
                end = {"log": state.log_history, "state": self.trainer.state_to_keep()}
                (striker.folder / "end.json").write_text(json.dumps(end))
            if striker.over:
                striker.saving(0)

    begin, save = PixelTrainer.__init__, PixelTrainer._save_checkpoint

    def __init__(self, *args, **kwargs):
        begin(self, *args, **kwargs)
        telling = Telling()
        telling.trainer = self
        self.add_callback(telling)

    def _save_checkpoint(self, *args, **kwargs):
        striker.saving(self.state.global_step)
        return save(self, *args, **kwargs)

    PixelTrainer.__init__, PixelTrainer._save_checkpoint = __init__, _save_checkpoint
    spoiled.surround(PixelTrainer, striker)


def main() -> None:
    order = json.loads(Path(os.environ[ORDER]).read_text())
    striker = Striker(order, int(os.environ.get("RANK") or 0))
    striker.arm()
    surround(striker)
    sys.path[0] = str(RECIPE.parent)  # what stands beside the recipe, and not beside this file
    sys.argv[0] = str(RECIPE)
    runpy.run_path(sys.argv[0], run_name="__main__")


if __name__ == "__main__":
    main()
