"""All measures of one segment's transcript, from what the decoder said about itself and from the words."""

import re
from collections import Counter
from itertools import pairwise

from pixel.voice.quality.accuracy import expected_wer
from pixel.voice.segment import Segment

TRANSCRIPT_MEASURES = (
    "words", "words_per_minute", "word_probability", "least_word_probability", "mean_logprob", "no_speech",
    "compression_ratio", "punctuation", "repetition", "agreement", "expected_wer",
)  # fmt: skip
_WORD = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*")
_MARK = re.compile(r"[.,!?;:…]")


def measure_transcript(segment: Segment) -> dict[str, float | None]:
    """
    How far a transcript may be trusted.

    Args:
        segment: with its words, confidences and, where a second model listened, `agreement`.

    Returns:
        rounded floats by name, `None` where there is nothing to measure:
        `words`: their number;
        `words_per_minute`: over the segment's length (people speak 100 to 200; far above that words were invented);
        `word_probability`, `least_word_probability`: mean and lowest over the words, [0, 1];
        `mean_logprob`, `no_speech`, `compression_ratio`: as the decoder gave them;
        `punctuation`: marks a word (0 in more than a dozen words: the decoder lost the sentence structure);
        `repetition`: share of the word pairs that were there before, [0, 1];
        `agreement`: of two models, [0, 1];
        `expected_wer`: word error rate that the signs above foretell, see `pixel.voice.quality.accuracy`.
    """
    words = [word.casefold() for word in _WORD.findall(segment.text)]
    seconds = segment.end - segment.start
    measured = {
        "words": float(len(words)),
        "words_per_minute": 60 * len(words) / seconds if seconds > 0 else None,
        "word_probability": segment.word_probability,
        "least_word_probability": min((word.probability for word in segment.words), default=None),
        "mean_logprob": segment.mean_logprob,
        "no_speech": segment.no_speech,
        "compression_ratio": segment.compression_ratio,
        "punctuation": len(_MARK.findall(segment.text)) / len(words) if words else None,
        "repetition": repetition(words),
        "agreement": segment.agreement,
        "expected_wer": expected_wer(segment),
    }
    return {name: None if value is None else round(float(value), 4) for name, value in measured.items()}


def repetition(words: list[str]) -> float | None:
    """
    Share of the word pairs that occurred before in the same list.

    Args:
        words: in order.

    Returns:
        [0, 1), 0 where no pair comes twice; `None` below two words.

    Example:
        >>> repetition(["you", "know", "you", "know"])  # "you know" twice, "know you" once
        0.333...
    """
    pairs = Counter(pairwise(words))
    total = sum(pairs.values())
    return (total - len(pairs)) / total if total else None
