"""Speech patterns: how long sentences are, how many are questions or fragments, what is said twice."""

import re
from collections import Counter
from collections.abc import Sequence

import numpy as np

from pixel.voice.personality.marker import markers_of
from pixel.voice.personality.words import plain, sentences, words

SHORT = 3
"""A sentence of so many words or fewer counts as short: an answer, an acknowledgement, a fragment."""
LONG = 20
STRETCH = 100
"""Words within which a run of three that comes again counts as said twice."""
_REPAIR = re.compile(r"\b(?:i mean|or rather|no wait|sorry|let me rephrase|what i meant)\b")

MARKERS = markers_of("speech")


def measure(text: str) -> dict[str, float | None]:
    """
    Args:
        text: one speaker's words, with punctuation. Whisper drops fillers and many repetitions: on its transcripts
            `word_repetitions` is a lower bound, and nothing here speaks of disfluency.

    Returns:
        name -> value; `None` where there is no sentence, and for `repeated_phrases` below 100 words.
    """
    whole = sentences(text)
    spoken = [words(sentence) for sentence in whole]
    if not spoken:
        return dict.fromkeys(MARKERS)
    lengths, all_words = np.array([len(one) for one in spoken]), [word for one in spoken for word in one]
    low, high = np.quantile(lengths, [0.25, 0.75])
    hundred = 100 / len(all_words)
    openings = Counter(one[0] for one in spoken)
    twice = sum(a == b for one in spoken for a, b in zip(one, one[1:], strict=False))
    values = {
        "sentence_words_median": np.median(lengths),
        "sentence_words_mean": lengths.mean(),
        "sentence_words_spread": high - low,
        "short_sentences": (lengths <= SHORT).mean(),
        "long_sentences": (lengths >= LONG).mean(),
        "questions": np.mean([sentence.rstrip("\"')] ").endswith("?") for sentence in whole]),
        "exclamations": np.mean([sentence.rstrip("\"')] ").endswith("!") for sentence in whole]),
        "commas": plain(text).count(",") * hundred,
        "word_repetitions": twice * hundred,
        "repeated_phrases": _repeated(all_words),
        "self_corrections": len(_REPAIR.findall(" ".join(all_words))) * hundred,
        "same_opening": openings.most_common(1)[0][1] / len(spoken),
    }
    return {name: None if value is None else float(value) for name, value in values.items()}


def _repeated(said: Sequence[str]) -> float | None:
    """Share of runs of three words that were said before, mean over whole stretches of 100 (it grows with length)."""
    shares = []
    for start in range(0, len(said) - STRETCH + 1, STRETCH):
        part = said[start : start + STRETCH]
        runs = list(zip(part, part[1:], part[2:], strict=False))
        shares.append(1 - len(set(runs)) / len(runs))
    return float(np.mean(shares)) if shares else None
