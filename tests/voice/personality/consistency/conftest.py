import numpy as np
import pytest

from pixel.voice.personality.consistency.drift import curve
from pixel.voice.personality.consistency.drift_reference import DriftReference
from pixel.voice.personality.consistency.likeness import Likeness, profile
from tests.voice.personality.consistency.speakers import talk, vector


@pytest.fixture(scope="session")
def likeness():
    """Fitted on speakers 100 to 119, who appear in no test."""
    rows = []
    pieces = {s: [vector(" ".join(talk(s, 300, seed))) for seed in range(6)] for s in range(100, 120)}
    for one, own in pieces.items():
        other = pieces[100 + (one - 99) % 20]
        for k in (1, 2, 3):
            rows.append((own[0] @ profile(own[1 : 1 + k]), True, 300, 300 * k))
            rows.append((own[0] @ profile(other[:k]), False, 300, 300 * k))
            rows.append((own[4] @ profile(own[1 : 1 + k]), True, 300, 300 * k))
    return Likeness.fit(*map(np.array, zip(*rows, strict=True)))


@pytest.fixture(scope="session")
def reference():
    """Fitted on streams of speakers 200 to 239."""
    found = [curve(talk(s, 1200 + 30 * (s % 20), 9), vector) for s in range(200, 240)]
    return DriftReference.fit([(one.cosine, one.left, one.right) for one in found], limit=4.0)
