"""A machine's voice, spoken once."""

import numpy as np
import pytest

from pixel.benchmarks.synthetic_speech import speak

TEXT = (
    "When the letter came, nobody in the house dared to open it. We waited until the evening. "
    "Then my brother read it aloud, slowly, and we all laughed."
)


@pytest.fixture(scope="session")
def speech() -> np.ndarray:
    return speak(TEXT, "en-us", 150)
