"""
Stands in for recipes/train.py: counts steps, seals a checkpoint after each, and does a deed on the way.

    python child.py FOLDER STEPS

FOLDER/deeds.json: a deed for every attempt: fine, crash, quit (ends with 0 half-way), hang, stubborn (hangs and hears
no signal), fork (leaves a grandchild in a session of its own), setting, late (finishes, then ends with 3), port, long.
"""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

from pixel.checkpoints import progress, seal
from pixel.orchestration.heartbeat import Heartbeat

FOREVER = [sys.executable, "-c", "import signal, time; signal.signal(15, signal.SIG_IGN); time.sleep(600)"]


def main(folder: Path, steps: int) -> int:
    attempt = int(os.environ["PIXEL_ATTEMPT"])
    deeds = json.loads((folder / "deeds.json").read_text())
    deed = deeds[min(attempt, len(deeds)) - 1]
    heart, told = Heartbeat(folder, every=0), []
    signal.signal(signal.SIGTERM, lambda *_: told.append(1))
    heart.beat("start", 0, steps)
    if deed == "setting":
        sys.exit("error: learning_rate is a word. Mend: give a number")
    if deed == "crash at once":
        raise KeyError("a sentence that nobody should read elsewhere")
    for step in range(progress(folder).step + 1, steps + 1):
        heart.beat("train", step, steps)
        time.sleep(0.05 if deed != "long" else 0.3)
        if step == 2:
            do(deed, folder)
            if deed == "quit":
                return 0
        save(folder, step, steps)
        if told:
            heart.beat("end", status=75)
            return 75
    (folder / "finished.json").write_text(json.dumps({"global_step": steps, "max_steps": steps}))
    return 3 if deed == "late" else 0


def do(deed: str, folder: Path) -> None:
    if deed == "crash":
        raise RuntimeError("a sentence that nobody should read elsewhere")
    if deed == "hang":
        time.sleep(600)
    if deed == "stubborn":
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        time.sleep(600)
    if deed == "killed":
        os.kill(os.getpid(), signal.SIGKILL)
    if deed == "non finite":
        sys.exit(76)
    if deed == "port":
        with socket.socket() as one, socket.socket() as other:
            one.bind(("127.0.0.1", 0))
            one.listen()
            other.bind(one.getsockname())
    if deed in ("fork", "fork and hang"):
        grandchild = subprocess.Popen(FOREVER, start_new_session=True)
        (folder / "grandchild").write_text(str(grandchild.pid))
        if deed == "fork and hang":
            time.sleep(600)


def save(folder: Path, step: int, steps: int) -> None:
    partial = folder / f".checkpoint-{step}.partial"
    partial.mkdir(exist_ok=True)
    (partial / "trainer_state.json").write_text(json.dumps({"global_step": step, "max_steps": steps}))
    seal(partial, step)
    if not (folder / f"checkpoint-{step}").exists():
        partial.rename(folder / f"checkpoint-{step}")


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), int(sys.argv[2])))
