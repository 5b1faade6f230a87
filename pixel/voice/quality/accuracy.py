"""Expected word error rate of a segment, without a reference: a small fitted function of the decoder's own signs."""

import json
import math
from functools import lru_cache
from pathlib import Path

from pixel.voice.segment import Segment

WEIGHTS = Path(__file__).with_name("accuracy.json")


def expected_wer(segment: Segment) -> float | None:
    r"""
    Share of words that are likely wrong.

    .. math:: \sigma\big(w_0 + \sum_k w_k (x_k - m_k) / s_k\big)

    over the mean word probability, the mean log-probability and, where a second model listened, the agreement; one
    set of weights with it and one without.

    Args:
        segment: with words.

    Returns:
        (0, 1); `None` without words.

    Validity: fitted on 55 short utterances of LibriSpeech test-other, clean and noisy, as Whisper tiny.en hears them
    (agreement with Whisper base). On speakers it was not fitted on: AUC .945 for finding a word error rate above .3
    with agreement and .890 without, mean error .17 (`accuracy.json`, `pixel.benchmarks.voice.quality_errors`). It
    does not rank better than agreement alone; what it adds is the scale. For other models and languages the level is
    a guess.
    """
    if segment.word_probability is None:
        return None
    signs = {"word_probability": segment.word_probability, "mean_logprob": segment.mean_logprob}
    if segment.agreement is not None:
        signs["agreement"] = segment.agreement
    return foretell(_weights()["with_agreement" if segment.agreement is not None else "alone"], signs)


def foretell(weights: dict[str, dict[str, float]], signs: dict[str, float]) -> float:
    """
    The formula of `expected_wer`.

    Args:
        weights: `{"intercept": w0, SIGN: {"weight", "mean", "scale"}, ...}`.
        signs: by name.
    """
    total = weights["intercept"]
    for name, value in signs.items():
        sign = weights[name]
        total += sign["weight"] * (value - sign["mean"]) / sign["scale"]
    return 1 / (1 + math.exp(-max(-30.0, min(30.0, total))))


@lru_cache(maxsize=1)
def _weights() -> dict:
    return json.loads(WEIGHTS.read_text(encoding="utf-8"))
