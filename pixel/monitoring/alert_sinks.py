"""Where alerts go: the console, a file, a webhook. Each is called with an `Alert`."""

import atexit
import json
import math
import queue
import sys
import threading
import urllib.request
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

from pixel.monitoring.alerts import Alert

SEVERITIES = ("info", "warning", "error")
Sink = Callable[[Alert], None]


def as_json(alert: Alert, **more) -> str:
    """One line of JSON; numbers that JSON does not know (NaN, infinity) are written as words."""
    fields = alert.as_dict()
    fields["values"] = {
        name: value if not isinstance(value, float) or math.isfinite(value) else str(value)
        for name, value in fields["values"].items()
    }
    return json.dumps(fields | more, ensure_ascii=False, allow_nan=False)


class ConsoleSink:
    """One line an alert on the error stream, above a progress bar where there is one."""

    def __call__(self, alert: Alert) -> None:
        from tqdm import tqdm

        tqdm.write(f"[{alert.severity}] step {alert.step}: {alert.kind}: {alert.message}", file=sys.stderr)


class FileSink:
    """
    Appends a line of JSON an alert, flushed at once; a resumed run goes on in the same file.

    Args:
        path: made with its folders when the first alert comes.
    """

    def __init__(self, path: Path | str):
        self.path = Path(path)

    def __call__(self, alert: Alert) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self.path.open("a", encoding="utf-8") as file:
            file.write(as_json(alert) + "\n")
            file.flush()


class WebhookSink:
    """
    POSTs each alert as JSON from a thread of its own. Training never waits and never fails for it.

    The body has the fields of the alert, `run`, and `text` (one line, what Slack and its like show). Alerts that find
    the queue full, or that the other side does not take within `timeout`, are dropped and counted in `dropped`.

    Args:
        url: http or https.
        run: name of the run.
        timeout: seconds for one POST.
        waiting: most alerts in the queue.

    Raises:
        ValueError: not an http address.
    """

    def __init__(self, url: str, run: str = "", timeout: float = 5.0, waiting: int = 100):
        if urlsplit(url).scheme not in ("http", "https"):
            raise ValueError("a webhook needs an address that starts with http:// or https://")
        self.url, self.run, self.timeout = url, run, timeout
        self.dropped = 0
        self._queue: queue.Queue[Alert] = queue.Queue(maxsize=waiting)
        self._thread: threading.Thread | None = None

    def __call__(self, alert: Alert) -> None:
        if self._thread is None:
            self._thread = threading.Thread(target=self._work, name="webhook alerts", daemon=True)
            self._thread.start()
            atexit.register(self.close)
        try:
            self._queue.put_nowait(alert)
        except queue.Full:
            self._drop("the queue is full")

    def close(self, wait: float | None = None) -> bool:
        """
        Wait for what is in the queue, at most `wait` seconds (by default one timeout).

        Returns:
            whether the queue was emptied.
        """
        done = threading.Event()
        threading.Thread(target=lambda: (self._queue.join(), done.set()), daemon=True).start()
        return done.wait(self.timeout if wait is None else wait)

    def _work(self) -> None:
        while True:
            alert = self._queue.get()
            try:
                self._post(alert)
            except Exception as error:  # whatever the network does, the run goes on
                self._drop(_reason(error))
            finally:
                self._queue.task_done()

    def _post(self, alert: Alert) -> None:
        text = f"{self.run} step {alert.step}: [{alert.severity}] {alert.kind}: {alert.message}".strip()
        body = as_json(alert, run=self.run, text=text).encode()
        request = urllib.request.Request(self.url, data=body, headers={"Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=self.timeout) as answer:
            answer.read(1024)

    def _drop(self, reason: str) -> None:
        self.dropped += 1
        if self.dropped == 1:  # the address may hold a secret: only the host is named
            host = urlsplit(self.url).hostname
            print(f"alerts: the webhook at {host} did not take an alert ({reason})", file=sys.stderr, flush=True)


def _reason(error: Exception) -> str:
    """What went wrong, without the words of the error: those of a malformed address quote it, secret and all."""
    said = getattr(error, "code", None) or getattr(error, "reason", None) or ""
    return f"{type(error).__name__} {said}".strip()


class AtLeast:
    """Passes on alerts of a severity and above."""

    def __init__(self, severity: str, sink: Sink):
        if severity not in SEVERITIES:
            raise ValueError(f"there is no severity {severity!r}; use one of: {', '.join(SEVERITIES)}")
        self.least, self.sink = SEVERITIES.index(severity), sink

    def __call__(self, alert: Alert) -> None:
        if SEVERITIES.index(alert.severity) >= self.least:
            self.sink(alert)


def build_sinks(
    *,
    console: bool = True,
    file: Path | str | None = None,
    webhook: str | None = None,
    webhook_severity: str = "warning",
    run: str = "",
) -> list[Sink]:
    """
    The sinks of a run.

    Args:
        console: one line each on the error stream.
        file: of JSON lines.
        webhook: address to POST to; `""` or `None` for none.
        webhook_severity: least severity that is POSTed.
        run: name of the run, for the webhook.
    """
    sinks: list[Sink] = [ConsoleSink()] if console else []
    if file is not None:
        sinks.append(FileSink(file))
    if webhook:
        sinks.append(AtLeast(webhook_severity, WebhookSink(webhook, run)))
    return sinks
