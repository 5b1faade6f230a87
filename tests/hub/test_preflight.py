import socket
import time

from pixel.hub import hub_available
from tests.hub_standin import TOKEN


def closed_port() -> str:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{probe.getsockname()[1]}"


def test_a_listening_hub_with_a_good_token_is_available_and_names_the_user(hub):
    status = hub_available(hub.url, TOKEN)
    assert status and status.user == "tester" and hub.url in status.reason


def test_endpoint_and_token_come_from_the_environment(hub):
    assert hub_available().ok
    assert hub.log == [("GET", "/api/whoami-v2")]  # cheap: one request


def test_nothing_listening_is_said_and_not_raised():
    status = hub_available(closed_port(), TOKEN)
    assert not status and "does not answer" in status.reason


def test_a_hub_that_accepts_and_stays_silent_is_given_up_in_time():
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        start = time.monotonic()
        status = hub_available(f"http://127.0.0.1:{silent.getsockname()[1]}", TOKEN, timeout=0.2)
    assert not status and "does not answer" in status.reason
    assert time.monotonic() - start < 5


def test_a_refused_token_is_named_with_its_mend(hub):
    status = hub_available(hub.url, "hf_wrong")
    assert not status and "refuses the token (401)" in status.reason and "hf auth login" in status.reason


def test_a_failing_hub_is_not_available(hub):
    hub.fail = ("whoami", 500)
    status = hub_available(hub.url, TOKEN)
    assert not status and status.reason.endswith("answers 500")


def test_no_token_and_no_address_are_reasons(hub, monkeypatch):
    monkeypatch.delenv("HF_TOKEN")
    assert "no token" in hub_available(hub.url).reason
    assert "not an http address" in hub_available("hub.example", TOKEN).reason


def test_offline_mode_is_a_reason_and_asks_nobody(hub, monkeypatch):
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    assert "offline" in hub_available(hub.url, TOKEN).reason
    assert hub.log == []


def test_an_answer_that_is_no_account_is_a_reason(hub, monkeypatch):
    monkeypatch.setattr("pixel.hub.preflight._get", lambda *_: type("Answer", (), {"status_code": 200, "json": dict}))
    assert "the check itself failed" in hub_available(hub.url, TOKEN).reason
