"""Samples in, utterances out."""

from dataclasses import dataclass, replace

import numpy as np

from pixel.voice.audio.activity import RATE, everything, listen
from pixel.voice.segment import Segment, Word
from pixel.voice.transcription.agreement import agreements
from pixel.voice.transcription.clips import Packed, pack
from pixel.voice.transcription.decoded import Decoded
from pixel.voice.transcription.decoder import Decoder
from pixel.voice.transcription.guards.guard import guard
from pixel.voice.transcription.second_try import fill, retry
from pixel.voice.transcription.settings import Settings
from pixel.voice.transcription.utterances import utterances


@dataclass(frozen=True)
class Heard:
    """
    Attributes:
        kept: utterances in order of time.
        dropped: what the guards took out, `flags` saying why.
        language: ISO 639-1.
        language_probability: in [0, 1] in this window; 1 where no model of the two could check it.
        speech_seconds: of voice activity in the window.
    """

    kept: list[Segment]
    dropped: list[Segment]
    language: str
    language_probability: float
    speech_seconds: float


class Transcriber:
    """
    Loads its models once; one a process. The same samples give the same segments in every run.

    Raises:
        ValueError: a model is not there, or an English-only model is asked for another language.
    """

    def __init__(self, settings: Settings):
        self.settings = settings
        self.first = Decoder(settings.model, settings)
        self.second = Decoder(settings.second_model, settings) if settings.second_model else None
        if settings.language not in (None, "en") and not self.first.multilingual:
            raise ValueError(
                f"{settings.model} knows English alone, not {settings.language!r}. Mend: take embedded:base"
            )

    @property
    def language_checked(self) -> bool:
        """Whether one of the two models knows languages; English-only models take all speech for English."""
        return any(one is not None and one.multilingual for one in (self.first, self.second))

    def window(self, file: str, samples: np.ndarray, start: float, language: str | None = None) -> Heard:
        """
        Args:
            file: name of the recording, for the segments.
            samples: float32 `[samples]`, 16 kHz mono.
            start: seconds of the first sample from the start of the file; all times count from there.
            language: what an earlier window of the file was found to be, so that a file keeps one language.
        """
        activity = listen(samples)
        packed = pack(samples, activity.pieces() if self.settings.vad else everything(len(samples)), activity)
        asked = language or self.settings.language
        spoken, probability = self._language(packed, asked)
        decoded = self.first.batch(packed, spoken)
        if self.settings.guards:
            decoded = retry(decoded, packed, self.first, spoken, activity, self.settings)
            decoded = fill(decoded, samples, self.first, spoken, activity)
        segments = [one for clip in decoded for one in segments_of(file, clip, spoken, probability)]
        if probability < self.settings.least_language:
            segments = [replace(one, flags=("language",)) for one in segments]
        if self.second:
            others = [word for clip in self.second.batch(packed, spoken) for word in clip.words]
            segments = agreements(segments, others)
        kept, dropped = guard(segments, samples, activity, self.settings) if self.settings.guards else (segments, [])
        return Heard(
            [one.moved(start) for one in kept],
            [one.moved(start) for one in dropped],
            spoken,
            probability,
            activity.speech(0, len(samples) / RATE),
        )

    def _language(self, packed: Packed, asked: str | None) -> tuple[str, float]:
        """The asked-for language, or the likeliest, with its probability in the first 30 s of speech."""
        checker = next((one for one in (self.first, self.second) if one and one.multilingual), None)
        found = checker.language(packed.samples) if checker else {}
        if not self.first.multilingual:
            asked = "en"
        spoken = asked or max(found, key=lambda name: found[name], default="en")
        if checker is None:
            return spoken, 1.0
        return spoken, round(float(found.get(spoken, 0.0)), 6)


def segments_of(file: str, clip: Decoded, language: str, probability: float) -> list[Segment]:
    """The utterances of a clip; the whole clip where it has no words."""
    about = {
        "language": language,
        "language_probability": probability,
        "mean_logprob": round(clip.mean_logprob, 6),
        "no_speech": round(clip.no_speech, 6),
        "compression_ratio": round(clip.compression_ratio, 6),
        "temperature": clip.temperature,
    }
    if not clip.words:
        return [Segment(file, clip.start, clip.end, clip.text, **about)] if clip.text else []
    return [
        Segment(file, words[0].start, words[-1].end, spoken, words, **about)
        for words in map(tuple, utterances(clip.words))
        if (spoken := text_of(words))
    ]


def text_of(words: tuple[Word, ...]) -> str:
    return "".join(word.text for word in words).strip()
