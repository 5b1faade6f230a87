"""What choosing under a budget of hours gains over chance and over quality alone, on what people said in meetings."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from pixel.voice.quality.optimisation import quality_of, within_budget
from pixel.voice.segment import Segment

WORDS, WORDS_A_SECOND = 25, 2.7


def budget_selection(
    data_root: str | Path, segments: int = 600, share: float = 0.1, repeats: int = 20, seed: int = 0
) -> list[dict[str, Any]]:
    """
    Keep a tenth of AMI's talk by every way and look at what is in it.

    Sentence embeddings are what is optimised, so that coverage is told by something else: different words. The
    transcripts are people's; expected word error rates are drawn (Beta(2, 6), mean .25), since there is no sound.

    Args:
        data_root: with `ami/`.
        segments: of 25 words, drawn from all meetings.
        share: of the time to keep.
        repeats: random choices.
        seed: of the draws.

    Returns:
        rows `way`, `different_words` (share of all that are kept), `voices` (share of all speakers that are heard),
        `right_words` (expected share of right words in what is kept), for chance the mean and its standard deviation.
        Voices and right words are among what is optimised, different words are not.
    """
    from pixel.text.sentence_encoder import default_encoder

    draw = np.random.default_rng(seed)
    pool = _segments(data_root, segments, draw)
    seconds = np.array([one.end - one.start for one in pool])
    budget = share * seconds.sum()
    vectors = default_encoder().encode([one.text for one in pool])
    chance = [_figures(pool, _first(draw.permutation(len(pool)), seconds, budget)) for _ in range(repeats)]
    best = np.argsort([-quality_of(one) for one in pool], kind="stable")
    ways: dict[str, Callable[[], list[int]]] = {
        "highest quality first": lambda: _first(best, seconds, budget),
        "coverage, quality and voices": lambda: within_budget(pool, budget / 3600, vectors, seed=seed),
    }
    mean = {name: float(np.mean([one[name] for one in chance])) for name in chance[0]}
    spread = {f"{name}_sd": float(np.std([one[name] for one in chance])) for name in chance[0]}
    rows = [{"way": f"chance, mean of {repeats}"} | mean | spread]
    return rows + [{"way": name} | _figures(pool, way()) | dict.fromkeys(spread) for name, way in ways.items()]


def _segments(data_root: str | Path, count: int, draw: np.random.Generator) -> list[Segment]:
    from pixel.voice.personality.fingerprint.ami import read_speakers

    cut = []
    for one in read_speakers(data_root):
        words = one.text.split()
        for start in range(0, len(words) - WORDS, WORDS):
            place = start / WORDS_A_SECOND
            text = " ".join(words[start : start + WORDS])
            cut.append(Segment(one.meeting, place, place + WORDS / WORDS_A_SECOND, text, speaker=one.channel))
    chosen = draw.permutation(len(cut))[:count]
    return [
        Segment(one.file, one.start, one.end, one.text, speaker=one.speaker, quality={"expected_wer": float(wrong)})
        for one, wrong in zip((cut[place] for place in chosen), draw.beta(2, 6, count), strict=False)
    ]


def _first(order: np.ndarray, seconds: np.ndarray, budget: float) -> list[int]:
    return [int(place) for place in order[np.cumsum(seconds[order]) <= budget]]


def _figures(pool: list[Segment], kept: list[int]) -> dict[str, float]:
    def words(some: list[Segment]) -> set[str]:
        return {word.strip(".,?!-").lower() for one in some for word in one.text.split()}

    def voices(some: list[Segment]) -> set[tuple]:
        return {(one.file, one.speaker) for one in some}

    chosen = [pool[place] for place in kept]
    return {
        "different_words": len(words(chosen)) / len(words(pool)),
        "voices": len(voices(chosen)) / len(voices(pool)),
        "right_words": float(np.mean([quality_of(one) for one in chosen])),
    }
