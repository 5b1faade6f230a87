"""Authenticity: do texts sound like one and the same speaker? Style vectors, calibrated on people in one meeting."""

import json
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import numpy as np

from pixel.text.style_vector import LEAST_WORDS, StyleReference

WEIGHTS = Path(__file__).with_name("weights")
REFERENCE, CALIBRATION = WEIGHTS / "style_reference.json", WEIGHTS / "authenticity.json"


class Profile(NamedTuple):
    """
    A speaker's voice in writing.

    Attributes:
        vector: style vector, of length 1.
        words: how many words it rests on.
    """

    vector: np.ndarray
    words: int


class AuthenticityReader:
    """
    Compares texts with the profile of a speaker.

    It hears habits of small words and spelling. Two transcripts by one person differ with the transcriber, and
    scripted or edited text is nearly inseparable: take profiles and texts of the same make.

    Args:
        reference: default: the one that ships with Pixel, of spoken English.
        calibration: `slope`, `intercept` and `more`: from similarity to the probability of one speaker.

    Example:
        >>> reader = AuthenticityReader()
        >>> voice = reader.profile(transcripts)
        >>> reader.same_speaker(replies, voice)
    """

    def __init__(self, reference: StyleReference | None = None, calibration: dict[str, float] | None = None):
        self.reference = reference or StyleReference.load(REFERENCE)
        self.calibration = calibration or json.loads(CALIBRATION.read_text(encoding="utf-8"))

    def profile(self, texts: Sequence[str]) -> Profile:
        """
        The profile of a speaker's texts taken together.

        Raises:
            ValueError: fewer than 300 words.
        """
        text = " ".join(texts)
        words = len(text.split())
        if words < LEAST_WORDS:
            raise ValueError(f"{words} words are too few to know a speaker by. Mend: give {LEAST_WORDS} or more")
        return Profile(self.reference.vector(text), words)

    def similarity(self, texts: Sequence[str], profile: Profile) -> float | None:
        """Cosine with the profile, in [-1, 1]; `None` below 300 words."""
        text = " ".join(texts)
        return float(self.reference.vector(text) @ profile.vector) if len(text.split()) >= LEAST_WORDS else None

    def same_speaker(self, texts: Sequence[str], profile: Profile) -> float | None:
        """
        Probability that the speaker is the profile's, where before looking both are equally likely; `None` below 300
        words. Calibrated from 300 to 600 words; longer texts count as 600.
        """
        similarity = self.similarity(texts, profile)
        if similarity is None:
            return None
        words = min(len(" ".join(texts).split()), profile.words)
        return float(1 / (1 + np.exp(-_logit(np.array([similarity]), words, self.calibration)[0])))


def fit_calibration(similarities: Sequence[np.ndarray], same: Sequence[np.ndarray], words: Sequence[int]) -> dict:
    """
    A balanced logistic regression on similarity, and on similarity by how much more than 300 words there are.

    Args:
        similarities, same: of pairs of texts; one array for each number of words.
        words: the numbers of words.
    """
    from sklearn.linear_model import LogisticRegression

    x = np.vstack([_columns(values, count) for values, count in zip(similarities, words, strict=True)])
    model = LogisticRegression(class_weight="balanced", C=1000.0, max_iter=1000).fit(x, np.concatenate(same))
    return dict(zip(("slope", "more"), model.coef_[0].tolist(), strict=True)) | {"intercept": model.intercept_[0]}


def _columns(similarity: np.ndarray, words: int) -> np.ndarray:
    longer = np.log2(min(max(words, LEAST_WORDS), 2 * LEAST_WORDS) / LEAST_WORDS)
    return np.column_stack([similarity, similarity * longer])


def _logit(similarity: np.ndarray, words: int, given: dict[str, float]) -> np.ndarray:
    return _columns(similarity, words) @ np.array([given["slope"], given["more"]]) + given["intercept"]


@lru_cache(maxsize=1)
def default_authenticity() -> AuthenticityReader:
    """The reader that ships with Pixel, read once."""
    return AuthenticityReader()
