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

    Validity: fitted on 55 segments, joined from two runs: 25 short utterances of 5 readers of LibriSpeech test-other
    as recorded, 10 of them also with three noises, as Whisper tiny.en hears them (agreement with Whisper base, after
    Whisper's own normalising). On readers it was not fitted on: AUC .945 for finding a word error rate above .3 (31 of
    55) with agreement and .890 without, mean error .168 and .176, where the mean of the others' errors alone has .260
    (`accuracy.json`, `pixel.benchmarks.voice.quality_errors`). It ranks no better than one sign alone (agreement .954,
    word probability .922); what it adds is the scale. For other models and languages the level is a guess.
    """
    if segment.word_probability is None:
        return None
    signs = {"word_probability": segment.word_probability, "mean_logprob": segment.mean_logprob}
    if segment.agreement is not None:
        signs["agreement"] = segment.agreement
    return foretell(weights()["with_agreement" if segment.agreement is not None else "alone"], signs)


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
def weights() -> dict:
    """What `accuracy.json` holds, read once a process."""
    return json.loads(WEIGHTS.read_text(encoding="utf-8"))
