"""The stand-in Hub, emptied for each test."""

import pytest

from tests.hub_standin import session_hub


@pytest.fixture
def hub():
    """The stand-in that `HF_ENDPOINT` points at (see `tests/hub_standin.py`)."""
    session_hub().reset()
    yield session_hub()
    session_hub().reset()
