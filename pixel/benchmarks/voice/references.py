"""Real speech whose words are known, and the count of what a transcript got wrong."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np

from pixel.voice.audio.decoding import windows


@dataclass(frozen=True)
class Reference:
    """
    Attributes:
        name: of the recording.
        samples: float32 `[samples]` at 16 kHz.
        texts: what is said, an utterance each, in order.
    """

    name: str
    samples: np.ndarray
    texts: tuple[str, ...]


@dataclass(frozen=True)
class Errors:
    """int `[utterances]` each: words of the reference, and those put wrong, left out and put in."""

    words: np.ndarray
    substituted: np.ndarray
    deleted: np.ndarray
    inserted: np.ndarray

    @property
    def wrong(self) -> np.ndarray:
        return self.substituted + self.deleted + self.inserted


# name, recording, transcript, and what is spoken before the transcript begins
RECORDINGS = (
    ("LibriSpeech test-other, 5 readers", "librispeech_5spk_417s.flac", "librispeech_5spk_417s.json", ""),
    ("JFK, 1961", "jfk.flac", "jfk.txt", ""),
    ("Sonnet 1, LibriVox", "sonnet1_librivox.mp3", "sonnet1_librivox.txt", "One"),
    ("AMI ES2003a, far and low, two at once", "ami_ES2003a_0-30s.flac", "ami_ES2003a_0-30s.json", ""),
)


def references(data_root: str | Path) -> list[Reference]:
    """
    The recordings of `speech/` that are there, in the order above.

    Raises:
        FileNotFoundError: none of them is.
    """
    folder, found = Path(data_root) / "speech", []
    for name, recording, transcript, before in RECORDINGS:
        if (folder / recording).is_file() and (folder / transcript).is_file():
            text = (folder / transcript).read_text(encoding="utf-8")
            rows = [row["text"] for row in json.loads(text)] if transcript.endswith(".json") else [text]
            samples = np.concatenate([window.samples for window in windows(folder / recording)])
            found.append(Reference(name, samples, tuple([before] * bool(before) + rows)))
    if not found:
        raise FileNotFoundError(f"{folder}: no recordings. Mend: give the folder of the corpora, --data_root")
    return found


@lru_cache(maxsize=1)
def normaliser():
    """Whisper's English normaliser (numbers, contractions, fillers), without its list of British spellings."""
    from transformers.models.whisper.english_normalizer import EnglishTextNormalizer

    return EnglishTextNormalizer({})


def errors(texts: Sequence[str], heard: str) -> Errors:
    """
    One alignment over the whole recording, its errors counted with the utterance that they are in.

    Args:
        texts: the reference, an utterance each.
        heard: the whole transcript.

    Source: jiwer's alignment (Levenshtein); a word put in counts with the reference word that follows it.
    """
    import jiwer

    normal = normaliser()
    said = [normal(text).split() for text in texts]
    owner = [place for place, words in enumerate(said) for _ in words]
    counts = {name: np.zeros(len(texts), int) for name in ("substitute", "delete", "insert")}
    aligned = jiwer.process_words(" ".join(word for words in said for word in words), normal(heard))
    for step in aligned.alignments[0]:
        if step.type == "insert":
            place = owner[min(step.ref_start_idx, len(owner) - 1)]
            counts["insert"][place] += step.hyp_end_idx - step.hyp_start_idx
        elif step.type != "equal":
            for word in range(step.ref_start_idx, step.ref_end_idx):
                counts[step.type][owner[word]] += 1
    lengths = np.array([len(words) for words in said])
    return Errors(lengths, counts["substitute"], counts["delete"], counts["insert"])
