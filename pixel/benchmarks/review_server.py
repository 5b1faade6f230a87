"""The expert review's own process: started, killed and started again, as a Space is."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from urllib.parse import urlsplit

APP = Path(__file__).resolve().parents[2] / "spaces" / "expert_review" / "app.py"


class ReviewServer:
    """
    `spaces/expert_review/app.py` on a port of this machine.

    Args:
        database: `PIXEL_REVIEW_DB`; it must have an account.
        log: where what it prints goes, appended.
        port: 0 takes a free one, kept over restarts.

    Example:
        with ReviewServer("review.db", "review.log") as server:
            print(server.url)
    """

    def __init__(self, database: str | Path, log: str | Path, port: int = 0):
        self.database, self.log, self.port = Path(database), Path(log), port or free_port()
        self.process: subprocess.Popen | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self, patience: float = 120.0) -> float:
        """
        Start it and wait until it answers.

        Returns:
            the seconds that took.

        Raises:
            RuntimeError: it ended, or does not answer within `patience` seconds; with the end of what it printed.
        """
        surroundings = os.environ | {
            "PIXEL_REVIEW_DB": str(self.database),
            "GRADIO_SERVER_PORT": str(self.port),
            "GRADIO_SERVER_NAME": "127.0.0.1",
            "GRADIO_TEMP_DIR": str(self.database.with_name("gradio")),
            "PYTHONUNBUFFERED": "1",
        }
        began = time.perf_counter()
        with self.log.open("a", encoding="utf-8") as log:
            self.process = subprocess.Popen(
                [sys.executable, str(APP)], env=surroundings, cwd=self.database.parent, stdout=log, stderr=log
            )
        while time.perf_counter() - began < patience and self.process.poll() is None:
            try:
                with urllib.request.urlopen(f"{self.url}/gradio_api/app_id", timeout=5):
                    return time.perf_counter() - began
            except OSError:
                time.sleep(0.1)
        self.kill()
        raise RuntimeError(f"the review server did not start: {self.log.read_text(encoding='utf-8')[-500:]}")

    def kill(self) -> None:
        """SIGKILL: nothing is written or closed any more."""
        if self.process is not None:
            if self.process.poll() is None:
                self.process.send_signal(signal.SIGKILL)
            self.process.wait()

    def stop(self) -> None:
        """SIGTERM, and SIGKILL after ten seconds."""
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.kill()

    def __enter__(self) -> "ReviewServer":
        self.start()
        return self

    def __exit__(self, *_) -> None:
        self.stop()


def await_port(url: str, patience: float) -> None:
    """
    Wait until somebody listens at `http://HOST:PORT`.

    Raises:
        TimeoutError: nobody did within `patience` seconds.
    """
    address = urlsplit(url)
    end = time.perf_counter() + patience
    while time.perf_counter() < end:
        try:
            socket.create_connection((address.hostname, address.port), timeout=5).close()
            return
        except OSError:
            time.sleep(0.25)
    raise TimeoutError("nobody listens there")


def free_port() -> int:
    """A port that nobody listens on just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
