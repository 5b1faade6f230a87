"""What was heard: a stretch of speech with its words, times and confidences. The row of `segments.jsonl`."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any


@dataclass(frozen=True)
class Word:
    """
    Attributes:
        text: with its leading blank, as Whisper writes it.
        start, end: seconds from the start of the file.
        probability: of its tokens, in [0, 1].
    """

    text: str
    start: float
    end: float
    probability: float


@dataclass(frozen=True)
class Segment:
    """
    One utterance-like stretch of a recording.

    Attributes:
        file: path of the recording below the input folder, with `/`.
        start, end: seconds from the start of the file.
        text: what was said, without blanks at its ends.
        words: with times and probabilities.
        language: ISO 639-1; `language_probability` in [0, 1], of the ten minutes around it.
        mean_logprob: mean log-probability of the tokens, at most 0.
        no_speech: Whisper's probability that nobody speaks, in [0, 1].
        compression_ratio: of the decoding's text, zlib; above 2.4 it repeats itself.
        temperature: of the decoding that was kept; above 0 the first one failed.
        speaker: of the file, `S1`, `S2` in order of appearance, or null where nobody looked.
        agreement: 1 minus the word error rate between two models' decodings, in [0, 1], or null.
        quality: measurements by name, e.g. `snr_db`; see `pixel.voice.quality`.
        flags: names of the guards and thresholds it failed; empty where all is well.
    """

    file: str
    start: float
    end: float
    text: str
    words: tuple[Word, ...] = ()
    language: str = "en"
    language_probability: float = 1.0
    mean_logprob: float = 0.0
    no_speech: float = 0.0
    compression_ratio: float = 1.0
    temperature: float = 0.0
    speaker: str | None = None
    agreement: float | None = None
    quality: Mapping[str, float | None] = field(default_factory=dict)
    flags: tuple[str, ...] = ()

    @property
    def word_probability(self) -> float | None:
        """Mean probability of the words: the best single sign of a good transcript; null without words."""
        return sum(word.probability for word in self.words) / len(self.words) if self.words else None

    @property
    def id(self) -> str:
        """`FILE#MILLISECONDS`: the same in every run."""
        return f"{self.file}#{round(self.start * 1000):09d}"

    def moved(self, seconds: float) -> "Segment":
        """The same, `seconds` later."""
        words = tuple(replace(word, start=word.start + seconds, end=word.end + seconds) for word in self.words)
        return replace(self, start=self.start + seconds, end=self.end + seconds, words=words)

    def as_row(self) -> dict[str, Any]:
        """Plain JSON values: `id`, every attribute and `word_probability`; times to the millisecond."""
        row = {"id": self.id} | asdict(self) | {"word_probability": self.word_probability}
        row |= {
            "quality": dict(self.quality),
            "flags": list(self.flags),
            "words": [asdict(word) for word in self.words],
        }
        for place in (row, *row["words"]):
            place["start"], place["end"] = round(place["start"], 3), round(place["end"], 3)
        return row

    @classmethod
    def from_row(cls, row: Mapping[str, Any]) -> "Segment":
        """
        What `as_row` wrote; `id`, `word_probability` and names it does not know are passed by.

        Raises:
            ValueError: `file`, `start`, `end` or `text` is missing.
        """
        missing = [name for name in ("file", "start", "end", "text") if row.get(name) is None]
        if missing:
            raise ValueError(
                f"a segment without {', '.join(missing)}. Mend: give a line that recipes/transcribe.py wrote"
            )
        known = {name: row[name] for name in cls.__dataclass_fields__ if row.get(name) is not None}
        words = tuple(
            Word(**{name: word[name] for name in Word.__dataclass_fields__}) for word in known.get("words", ())
        )
        return cls(**known | {"words": words, "flags": tuple(known.get("flags", ()))})
