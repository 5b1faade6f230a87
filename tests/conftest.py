"""The session's surroundings: no telemetry, few threads, a cache of its own, and a stand-in for the Hub."""

import atexit
import os
import shutil
import sys
import tempfile

import pytest

from tests.hub_standin import TOKEN, session_hub

# Before anything imports huggingface_hub, transformers or datasets: they read these once, at import.
HOME = tempfile.mkdtemp(prefix="pixel-tests-")
atexit.register(shutil.rmtree, HOME, ignore_errors=True)
os.environ |= {
    "HF_ENDPOINT": session_hub().url,
    "HF_HOME": HOME,
    "HF_TOKEN": TOKEN,
    "HF_HUB_DISABLE_XET": "1",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "HF_HUB_DISABLE_PROGRESS_BARS": "1",
    "TOKENIZERS_PARALLELISM": "false",
    "GRADIO_ANALYTICS_ENABLED": "False",
    "NO_PROXY": "127.0.0.1,localhost",
    "no_proxy": "127.0.0.1,localhost",
}
os.environ.setdefault("OMP_NUM_THREADS", "1")


@pytest.fixture(autouse=True)
def _denormals_as_they_were():
    """A trainer on a CPU flushes denormals to zero for the whole process; hypothesis, for one, needs them."""
    yield
    if "torch" in sys.modules:
        sys.modules["torch"].set_flush_denormal(False)
