"""One Whisper: clips in a batch, or one clip again with more care."""

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np

from pixel.voice.audio.activity import RATE
from pixel.voice.segment import Word
from pixel.voice.transcription.clips import Packed
from pixel.voice.transcription.decoded import Decoded, plain_word
from pixel.voice.transcription.guards.confidence import compression_ratio
from pixel.voice.transcription.models import model_folder
from pixel.voice.transcription.settings import Settings

FEATURES = 100  # of Whisper, a second


class Decoder:
    """
    Args:
        name: of the model, see `Settings.model`.

    Raises:
        ValueError: no such model here, or it cannot be loaded.
    """

    def __init__(self, name: str, settings: Settings):
        from faster_whisper import BatchedInferencePipeline, WhisperModel

        self.settings = settings
        folder = model_folder(name, settings.allow_download)
        try:
            with _no_warning_of_float16(settings):
                self.model = WhisperModel(
                    folder,
                    device=settings.device,
                    compute_type=settings.compute_type,
                    cpu_threads=settings.cpu_threads,
                )
        except (RuntimeError, ValueError) as error:
            line = (str(error).splitlines() or [type(error).__name__])[0]
            mend = "check the compute type and the device, or convert the model again"
            raise ValueError(f"the speech model {name} does not load ({line}). Mend: {mend}") from None
        self.pipeline = BatchedInferencePipeline(self.model)

    @property
    def multilingual(self) -> bool:
        return bool(self.model.model.is_multilingual)

    def language(self, samples: np.ndarray) -> dict[str, float]:
        """Probability of every language in the first 30 s; English alone where the model knows no other."""
        if not self.multilingual or not len(samples):
            return {}
        return dict(self.model.detect_language(samples[: 30 * RATE])[2])

    def batch(self, packed: Packed, language: str) -> list[Decoded]:
        """Every clip once, by beam search without fallback: what Faster Whisper's batched mode does."""
        if not packed.clips:
            return []
        # half a sample more, so that the way to seconds and back ends at the same sample
        seconds = [{"start": (a + 0.5) / RATE, "end": (b + 0.5) / RATE} for a, b in packed.clips]
        found, _ = self.pipeline.transcribe(
            packed.samples,
            language=language if self.multilingual else "en",
            beam_size=self.settings.beam_size,
            batch_size=self.settings.batch_size,
            word_timestamps=self.settings.word_timestamps,
            clip_timestamps=seconds,
        )
        heard: dict[int, list[Any]] = {}
        for one in found:
            heard.setdefault(one.seek, []).append(one)
        return [self._clip(packed, clip, heard.get(int(clip[0] / RATE * FEATURES), [])) for clip in packed.clips]

    def _clip(self, packed: Packed, clip: tuple[int, int], found: list[Any]) -> Decoded:
        """What was found for a clip: one segment as a rule, more where Whisper wrote timestamps unasked."""
        # Faster Whisper rounds a clip's start down to a feature
        late = clip[0] / RATE - found[0].seek / FEATURES if found else 0.0
        words = [
            plain_word(word, *packed.true_times(word.start + late, word.end + late))
            for one in found
            for word in one.words or ()
        ]
        return self._decoded(packed, clip, found, words)

    def again(self, packed: Packed, clip: tuple[int, int], language: str) -> Decoded:
        """One clip by itself with Whisper's timestamps and its fallback over `Settings.temperatures`."""
        found, _ = self.model.transcribe(
            packed.samples[clip[0] : clip[1]],
            language=language if self.multilingual else "en",
            beam_size=self.settings.beam_size,
            temperature=list(self.settings.temperatures),
            condition_on_previous_text=False,
            word_timestamps=True,
        )
        found, offset = list(found), clip[0] / RATE
        words = [
            plain_word(word, *packed.true_times(word.start + offset, word.end + offset))
            for one in found
            for word in one.words or ()
        ]
        return self._decoded(packed, clip, found, words)

    def _decoded(self, packed: Packed, clip: tuple[int, int], found: list[Any], words: list[Word]) -> Decoded:
        text = "".join(one.text for one in found).strip()
        sizes = [len(one.tokens) for one in found]
        logprobs = [float(one.avg_logprob) for one in found]
        return Decoded(
            *packed.true_span(clip),
            text,
            tuple(words),
            float(np.average(logprobs, weights=sizes)) if sum(sizes) else float(np.mean(logprobs or [0.0])),
            max((float(one.no_speech_prob) for one in found), default=0.0),
            compression_ratio(text),
            max((float(one.temperature or 0.0) for one in found), default=0.0),
        )


@contextmanager
def _no_warning_of_float16(settings: Settings) -> Iterator[None]:
    """
    On a CPU CTranslate2 computes in float32 what was saved in float16, as most models were, and warns that it does.

    Asking for float32 would silence it too, but blow up a model that was saved in int8, and change its words.
    """
    import ctranslate2

    before = ctranslate2.get_log_level()
    on_cpu = settings.device == "cpu" or not ctranslate2.get_cuda_device_count()
    if on_cpu and settings.compute_type == "default":
        ctranslate2.set_log_level(max(before, logging.ERROR))
    try:
        yield
    finally:
        ctranslate2.set_log_level(before)


def inside(words: Sequence[Word], start: float, end: float) -> list[Word]:
    """The words whose middle lies between two times."""
    return [word for word in words if start <= (word.start + word.end) / 2 <= end]
