"""Ways to transcribe the same samples: raw Faster Whisper, sequential and batched, and Pixel."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from pixel.voice.transcription.settings import Settings
from pixel.voice.transcription.transcriber import Transcriber

RATE = 16_000
Way = Callable[[np.ndarray], str]


def ways(settings: Settings, names: tuple[str, ...] | None = None) -> dict[str, Way]:
    """
    Every way is a function from samples (float32 at 16 kHz) to the whole transcript; one model serves them all.

    Raw Faster Whisper keeps its own defaults (temperature fallback, conditioning on the text before, gates), but for
    the beam, the batch and the language. Batched without VAD hears clips of 30 s one after the other.
    """
    pixel = Transcriber(settings)
    made = {
        "raw sequential": _raw(pixel, settings, batched=False, vad=False),
        "raw sequential, VAD": _raw(pixel, settings, batched=False, vad=True),
        "raw batched": _raw(pixel, settings, batched=True, vad=False),
        "raw batched, VAD": _raw(pixel, settings, batched=True, vad=True),
        "Pixel without guards": _pixel(pixel, replace(settings, guards=False)),
        "Pixel, guards without VAD": _pixel(pixel, replace(settings, vad=False)),
        "Pixel": _pixel(pixel, settings),
    }
    return {name: way for name, way in made.items() if names is None or name in names}


def _raw(pixel: Transcriber, settings: Settings, batched: bool, vad: bool) -> Way:
    def transcribe(samples: np.ndarray) -> str:
        options: dict[str, Any] = {"language": "en", "beam_size": settings.beam_size, "vad_filter": vad}
        if batched:
            options["batch_size"] = settings.batch_size
            if not vad:
                starts = range(0, len(samples), 30 * RATE)
                ends = [min(start + 30 * RATE, len(samples)) for start in starts]
                options["clip_timestamps"] = [
                    {"start": a / RATE, "end": b / RATE} for a, b in zip(starts, ends, strict=True)
                ]
        elif vad and not _speaks(samples):
            return ""  # Faster Whisper 1.2 cannot decode a file of which VAD leaves nothing
        model = pixel.first.pipeline if batched else pixel.first.model
        return " ".join(segment.text for segment in model.transcribe(samples, **options)[0])

    return transcribe


def _speaks(samples: np.ndarray) -> bool:
    from faster_whisper.vad import get_speech_timestamps

    return bool(get_speech_timestamps(samples))


def _pixel(pixel: Transcriber, settings: Settings) -> Way:
    def transcribe(samples: np.ndarray) -> str:
        before, pixel.settings = pixel.settings, settings
        try:
            return " ".join(segment.text for segment in pixel.window("recording", samples, 0.0).kept)
        finally:
            pixel.settings = before

    return transcribe
