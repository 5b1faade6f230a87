"""Where alerts go, against a server of our own and stand-ins for the trackers."""

import json
import math
import threading
import time
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from pixel.monitoring.alert_sinks import (
    AtLeast,
    ConsoleSink,
    FileSink,
    WebhookSink,
    build_sinks,
)
from pixel.monitoring.alerts import Alert, Alerts

ALERT = Alert("loss_spike", "warning", 7, "the loss is 9", {"loss": 9.0, "z": math.inf})


@contextmanager
def server(answer=200, wait: threading.Event | None = None):
    """`(address, bodies)` of a web server on this machine."""
    bodies = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            if wait is not None:
                wait.wait(10)
            bodies.append((self.headers["Content-Type"], json.loads(body)))
            self.send_response(answer)
            self.end_headers()

        def log_message(self, *args):
            pass

    web = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=web.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{web.server_port}/hook?token=secret", bodies
    finally:
        web.shutdown()
        web.server_close()


def test_the_console_gets_one_line(capsys):
    ConsoleSink()(ALERT)
    assert capsys.readouterr().err == "[warning] step 7: loss_spike: the loss is 9\n"


def test_the_file_gets_a_line_of_json_each_and_keeps_what_it_had(tmp_path):
    path = tmp_path / "new" / "alerts.jsonl"
    FileSink(path)(ALERT)
    FileSink(path)(ALERT)
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    assert len(lines) == 2 and lines[0]["kind"] == "loss_spike"
    assert lines[0]["values"] == {"loss": 9.0, "z": "inf"}


def test_the_webhook_posts_json():
    with server() as (url, bodies):
        sink = WebhookSink(url, run="demo")
        sink(ALERT)
        assert sink.close(5)
    ((kind, body),) = bodies
    assert kind == "application/json" and sink.dropped == 0
    assert body["text"] == "demo step 7: [warning] loss_spike: the loss is 9"
    assert (body["run"], body["step"], body["severity"]) == ("demo", 7, "warning")


@pytest.mark.parametrize("broken", ["nobody listens", "error 500", "malformed"])
def test_a_webhook_that_fails_neither_raises_nor_shows_its_secret(broken, capsys):
    with server(answer=500) as (url, _):
        path = "ho ok" if broken == "malformed" else "hook"
        address = url if broken == "error 500" else f"http://127.0.0.1:9/{path}?token=secret"
        alerts = Alerts([WebhookSink(address, timeout=2)])
        for _ in range(3):
            alerts.send(ALERT)
        assert alerts.sinks[0].close(10)
    assert alerts.sinks[0].dropped == 3
    said = capsys.readouterr().err
    assert said.count("did not take an alert") == 1 and "secret" not in said


def test_a_webhook_that_hangs_does_not_hold_up_the_run():
    go = threading.Event()
    with server(wait=go) as (url, bodies):
        sink = WebhookSink(url, waiting=2)
        started = time.monotonic()
        for _ in range(10):
            sink(ALERT)
        assert time.monotonic() - started < 1
        assert sink.dropped >= 7  # one under way, two waiting
        assert not sink.close(0.2)
        go.set()
        assert sink.close(5)
    assert len(bodies) + sink.dropped == 10


def test_only_http_addresses_are_taken():
    with pytest.raises(ValueError, match="http"):
        WebhookSink("file:///etc/passwd")


def test_the_sinks_of_a_run_are_those_asked_for(tmp_path):
    sinks = build_sinks(file=tmp_path / "a", webhook="http://x")
    assert [type(sink) for sink in sinks] == [ConsoleSink, FileSink, AtLeast]
    assert build_sinks(console=False, webhook="") == []


def test_a_sink_can_be_told_to_pass_by_what_is_mild():
    got = []
    sink = AtLeast("error", got.append)
    sink(ALERT)
    assert got == []
    AtLeast("warning", got.append)(ALERT)
    assert got == [ALERT]
    with pytest.raises(ValueError, match="loud"):
        AtLeast("loud", got.append)
