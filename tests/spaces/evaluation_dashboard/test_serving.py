"""The app as a process: nothing is given to those who have not signed in, and sign-in is what it says."""

import httpx
import pytest

from tests.spaces.evaluation_dashboard.conftest import PASSWORD

PATHS = (
    "/config", "/gradio_api/info", "/gradio_api/queue/data?session_hash=x",
    "/gradio_api/file=/etc/passwd", "/gradio_api/file=review.db", "/file=/etc/passwd", "/monitoring",
)  # fmt: skip


@pytest.mark.parametrize("path", PATHS)
def test_without_sign_in_nothing_is_given(dashboard, path):
    url, _ = dashboard
    answer = httpx.get(url + path, timeout=20)
    assert answer.status_code in (401, 403, 404) and "older" not in answer.text and "root:" not in answer.text


def test_every_handler_refuses_a_call_without_sign_in(dashboard):
    url, _ = dashboard
    with httpx.Client(base_url=url, timeout=20) as signed_in:
        signed_in.post("/login", data={"username": "ann", "password": PASSWORD})
        handlers = [entry["id"] for entry in signed_in.get("/config").json()["dependencies"]]
    assert len(handlers) >= 8
    for number in handlers:
        body = {"data": [], "fn_index": number, "session_hash": "x"}
        for path in ("/gradio_api/queue/join", "/gradio_api/run/predict"):
            assert httpx.post(url + path, json=body, timeout=20).status_code in (401, 403, 404, 405, 422)


def test_a_wrong_password_is_refused_and_a_right_one_is_not(dashboard):
    url, _ = dashboard
    wrong = httpx.post(f"{url}/login", data={"username": "ann", "password": "a wrong password"}, timeout=20)
    right = httpx.post(f"{url}/login", data={"username": "ann", "password": PASSWORD}, timeout=20)
    assert wrong.status_code == 400 and right.status_code == 200


def test_files_outside_are_not_given_to_those_who_have_signed_in_either(dashboard):
    url, folder = dashboard
    with httpx.Client(base_url=url, timeout=20) as client:
        client.post("/login", data={"username": "ann", "password": PASSWORD})
        for path in ("/etc/passwd", folder / "review.db", folder / "runs" / "older" / "results.json", "../review.db"):
            assert client.get(f"/gradio_api/file={path}").status_code in (403, 404)


def test_a_choice_that_is_no_run_opens_nothing(dashboard):
    from gradio_client import Client

    url, _ = dashboard
    client = Client(url, auth=("ann", PASSWORD), verbose=False)
    for dependency in client.config["dependencies"]:
        assert dependency["api_visibility"] == "private"
