import json
import os
import random
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
SPACE = ROOT / "spaces" / "evaluation_dashboard"
PASSWORD = "a long password"
if str(SPACE) not in sys.path:
    sys.path.append(str(SPACE))


def write_evaluation(folder: Path, better: float) -> None:
    """As `recipes/evaluate.py` leaves it; the share of right items rises with `better`."""
    from pixel.models.labels import EQ_DOMAINS

    draw = random.Random(0)
    right = [float(draw.random() < 0.4 + better) for _ in range(200)]
    (folder / "items").mkdir(parents=True)
    row = {"low": 0.1, "high": 0.9, "n": 200, "higher_is_better": True, "validated": None}
    rows = [row | {"task": "eq", "group": "eq", "metric": domain, "value": 0.5} for domain in EQ_DOMAINS]
    rows.append(row | {"task": "empathy_genuine", "group": "empathy", "metric": "likeness", "value": 0.4 + better})
    rows.append(row | {"task": "made", "group": "language", "metric": "accuracy", "value": sum(right) / 200})
    content = {"schema": 1, "model": {"name": folder.name}, "settings": {"seed": 0}, "results": rows, "skipped": []}
    (folder / "results.json").write_text(json.dumps(content))
    lines = [json.dumps({"id": str(n), "metric": "accuracy", "value": value}) for n, value in enumerate(right)]
    (folder / "items" / "made.jsonl").write_text("\n".join(lines) + "\n")


def write_training(folder: Path) -> None:
    steps = range(1, 6)
    history = {
        "Losses": {"all": [[s, 6.0 - s] for s in steps], "language": [[s, 3.0 / s] for s in steps]},
        "Loss weights": {"language": [[s, 1.0] for s in steps]},
        "Conflicts": {"language_eq": [[s, 0.1 * (s - 3)] for s in steps]},
    }
    alerts = [{"step": 3, "severity": "error", "kind": "spike", "message": "the loss rose"}]
    folder.mkdir(parents=True)
    (folder / "report.json").write_text(json.dumps({"history": history, "alerts": alerts}))


@pytest.fixture(scope="session")
def dashboard(tmp_path_factory):
    """The app in a process of its own, with two evaluations, a training run, a tiny model and an account."""
    pytest.importorskip("gradio")
    from pixel.review import ReviewDatabase
    from tests.training.parts import tiny_network

    folder = tmp_path_factory.mktemp("dashboard")
    for name, better in (("older", 0.0), ("newer", 0.4)):
        write_evaluation(folder / "runs" / name, better)
    write_training(folder / "runs" / "run")
    tokenizer, network = tiny_network()
    network.config.trained_fields = ["emotion", "persona_mode", "risk"]
    network.save_pretrained(folder / "runs" / "model")
    tokenizer.save_pretrained(folder / "runs" / "model")
    with ReviewDatabase(folder / "review.db") as database:
        database.add_reviewer("ann", PASSWORD)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = os.environ | {
        "PIXEL_RUNS": str(folder / "runs"), "PIXEL_REVIEW_DB": str(folder / "review.db"),
        "GRADIO_SERVER_PORT": str(port), "GRADIO_TEMP_DIR": str(folder / "gradio"),
    }  # fmt: skip
    with (folder / "log.txt").open("w") as log:
        process = subprocess.Popen(
            [sys.executable, str(SPACE / "app.py")], cwd=folder, env=environment, stdout=log, stderr=log
        )
        try:
            url = f"http://127.0.0.1:{port}"
            _wait(url, process, folder / "log.txt")
            yield url, folder
        finally:
            process.terminate()
            process.wait(10)


def _wait(url: str, process, log: Path) -> None:
    import httpx

    for _ in range(240):
        if process.poll() is not None:
            raise RuntimeError(log.read_text())
        try:
            httpx.get(url, timeout=2)
            return
        except httpx.HTTPError:
            time.sleep(0.5)
    raise RuntimeError(f"no answer: {log.read_text()}")
