"""What the pipeline makes of conversations: heard by Whisper, labelled by speaker, how many words are whose."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from pixel.benchmarks.voice.speaker_scenes import RATE, Scene, conversations, meeting, readers
from pixel.metrics.bootstrap import bootstrap_interval
from pixel.metrics.measure import defined, undefined
from pixel.voice.diarization.labelling import label_speakers
from pixel.voice.segment import Segment


def word_speakers(data_root: str | Path, model: str = "embedded:tiny.en") -> list[dict[str, Any]]:
    """
    Args:
        data_root: folder with the raw corpora.
        model: see `pixel.voice.transcription.settings.Settings`.

    Returns:
        one row for each kind of conversation and for the number of speakers found or given: `n` conversations, `words`
        that lie in somebody's turn, `right`: the share of them whose speaker is who speaks in their middle (any of
        them, where several do), `low` and `high`: its 95 % interval over conversations, `segments` as Whisper's and
        `parts` after cutting them.

    Raises:
        ConversationError: the recordings are not below `data_root`.
        ModuleNotFoundError: Resemblyzer is not installed.
    """
    from pixel.voice.transcription.settings import Settings
    from pixel.voice.transcription.transcriber import Transcriber

    transcriber = Transcriber(Settings(model=model, language="en", cpu_threads=1))
    source, rows = readers(data_root), []
    kinds = (
        ("LibriSpeech, 5 readers, 417 s", [source]),
        ("AMI, 2 speakers, 30 s", [meeting(data_root)]),
        ("planted, 2 of 5 readers", conversations(source, 2)),
    )
    for name, scenes in kinds:
        heard = [(scene, transcriber.window(scene.name, scene.samples, 0.0).kept) for scene in scenes]
        for given in (False, True):
            counts = [right_words(scene, segments, given) for scene, segments in heard]
            rows.append({"conversation": name, "speakers": "given" if given else "found"} | _pooled(counts))
    return rows


def right_words(scene: Scene, segments: Sequence[Segment], given: bool) -> dict[str, int]:
    """Counts of a conversation; speakers are matched one to one so that most words are right."""

    def sound(start: float, end: float) -> np.ndarray:
        return scene.samples[round(start * RATE) : round(end * RATE)]

    parts = label_speakers(sound, segments, scene.speakers if given else None, cut_changes=True)
    words = [((word.start + word.end) / 2, part.speaker) for part in parts for word in part.words]
    return {"segments": len(segments), "parts": len(parts)} | matched(scene, words)


def matched(scene: Scene, words: Sequence[tuple[float, str | None]]) -> dict[str, int]:
    """`words` in somebody's turn and how many are `right`, of (middle in seconds, speaker found or `None`: wrong)."""
    from scipy.optimize import linear_sum_assignment

    spoke = [{name for start, end, name in scene.true if start <= at < end} for at, _ in words]
    kept = [(who, said) for who, (_, said) in zip(spoke, words, strict=True) if who]
    true, found = sorted({name for who, _ in kept for name in who}), sorted({said for _, said in kept if said})
    shared = np.array([[sum(a in who and b == said for who, said in kept) for b in found] for a in true])
    right = shared[linear_sum_assignment(-shared)].sum() if found else 0
    return {"words": len(kept), "right": int(right)}


def _pooled(counts: Sequence[dict[str, int]]) -> dict[str, Any]:
    def share(at: np.ndarray):
        words = sum(counts[i]["words"] for i in at)
        return defined(sum(counts[i]["right"] for i in at) / words) if words else undefined("no words")

    low, high = bootstrap_interval(share, len(counts)) or (None, None)
    sums = {name: sum(count[name] for count in counts) for name in ("segments", "parts", "words")}
    right = share(np.arange(len(counts))).value
    return {"n": len(counts)} | sums | {"right": right, "low": low, "high": high}
