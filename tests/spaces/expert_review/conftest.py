"""The Space's own process, started once for all tests, with accounts of every role and conversations that bite."""

import sys
from pathlib import Path

import pytest

from pixel.benchmarks.review_server import ReviewServer
from tests.spaces.expert_review.people import ITEMS, PASSWORD, PEOPLE, Caller

SPACE = Path(__file__).resolve().parents[3] / "spaces" / "expert_review"


@pytest.fixture(scope="session")
def space_path():
    """The Space's modules can be imported, as they can beside its app.py."""
    sys.path.insert(0, str(SPACE))
    yield SPACE
    sys.path.remove(str(SPACE))


@pytest.fixture(scope="session")
def server(tmp_path_factory):
    """A running server whose store has `PEOPLE`, `ITEMS` and one training run that waits."""
    pytest.importorskip("gradio")
    from pixel.review import ReviewDatabase

    folder = tmp_path_factory.mktemp("review")
    with ReviewDatabase(folder / "review.db") as store:
        for name, role in PEOPLE.items():
            store.add_reviewer(name, PASSWORD, role)
        store.add_items(ITEMS, overlap=2)
        store.request({"id": "run-1-step-500", "step": 500, "reason": "milestone <b>warm</b>"})
    running = ReviewServer(folder / "review.db", folder / "server.log")
    running.start()
    yield running
    running.stop()


@pytest.fixture(scope="session")
def callers(server):
    """`callers[name]`: somebody signed in; `callers[None]`: nobody."""
    people = {name: Caller(server.url, name) for name in PEOPLE}
    yield people | {None: Caller(server.url, None)}
    for caller in people.values():
        caller.http.close()
