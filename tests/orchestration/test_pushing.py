"""A push outlasts a Hub that is away, and leaves the command where it does not come back."""

import shlex

import pytest

from pixel.hub.push import PushError, push_folder
from pixel.orchestration.pushing import push_until_taken
from tests.hub_standin import TOKEN, HubStandIn


@pytest.fixture
def model(tmp_path):
    folder = tmp_path / "model"
    folder.mkdir()
    (folder / "config.json").write_text("{}")
    (folder / "attempts").mkdir()
    (folder / "attempts" / "1.log").write_text("what a run said")
    return folder


@pytest.fixture
def hub():
    standin = HubStandIn()
    yield standin
    standin.close()


def pushing(hub, answers=None):
    """`push_folder` to that Hub; before try N, `answers[N]` is done."""
    tries = []

    def push(folder, repo, **options):
        tries.append(repo)
        if answers and len(tries) <= len(answers):
            answers[len(tries) - 1]()
        return push_folder(folder, repo, endpoint=hub.url, token=TOKEN, **options)

    push.tries = tries
    return push


def test_a_hub_that_answers_500_twice_has_it_at_the_third_try(model, hub, tmp_path):
    def fails():
        hub.fail = ("/api/repos/create", 500)

    def recovers():
        hub.fail = None

    push = pushing(hub, [fails, lambda: None, recovers])
    leave = tmp_path / "again.sh"
    assert push_until_taken(model, "me/tiny", tries=5, first=0.01, leave=leave, push=push) == 0
    assert len(push.tries) == 3 and not leave.exists()
    ((kind, name),) = hub.repos
    assert "config.json" in hub.files(name) and not any("attempts" in file for file in hub.files(name))


def test_a_hub_that_stays_away_costs_the_tries_and_leaves_the_command(model, tmp_path, capsys):
    gone = HubStandIn()
    gone.close()
    push, leave = pushing(gone), tmp_path / "deep" / "again.sh"
    assert push_until_taken(model, "me/tiny", tries=2, first=0.01, leave=leave, push=push) == 1
    assert len(push.tries) == 2
    words = shlex.split(leave.read_text())
    assert "hf" in words and "upload" in words and str(model) in words
    assert leave.read_text().strip() in capsys.readouterr().err


def test_a_refused_token_is_not_tried_again(model, hub):
    hub.fail = ("/api/repos/create", 403)
    push = pushing(hub)
    assert push_until_taken(model, "me/tiny", tries=5, first=60, push=push) == 1
    assert len(push.tries) == 1


def test_what_cannot_be_pushed_is_not_tried_again(model, hub, tmp_path):
    (model / "weights.bin").write_bytes(b"pickle")
    assert push_until_taken(model, "me/tiny", tries=5, first=60, push=pushing(hub)) == 1
    assert push_until_taken(tmp_path / "nowhere", "me/tiny", tries=5, first=60, push=pushing(hub)) == 1


def test_a_busy_hub_is_waited_for():
    from pixel.orchestration.pushing import may_pass

    def answered(status):
        error, cause = PushError("x", "folder", "again"), Exception()
        cause.response = type("Answer", (), {"status_code": status})
        error.__cause__ = cause
        return may_pass(error)

    assert [answered(status) for status in (429, 500, 503, 400, 401, 404)] == [True, True, True, False, False, False]
