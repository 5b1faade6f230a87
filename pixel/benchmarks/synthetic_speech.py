"""Speech out of text (espeak-ng), so that tests and benchmarks can speak without carrying recordings."""

import ctypes
from functools import lru_cache
from math import gcd

import numpy as np

RATE = 16_000
_RETRIEVE, _SPEED, _PITCH = 1, 1, 3


def speak(text: str, voice: str = "en-us", words_a_minute: int = 160, pitch: int = 50) -> np.ndarray:
    """
    A voice that is clearly a machine's and that Whisper tiny.en mostly understands.

    espeak-ng keeps its state between calls: the same calls in the same order give the same samples in every process,
    the same text twice in one process differs by a few milliseconds.

    Args:
        text: what to say.
        voice: of espeak-ng, e.g. `en-us`, `en-gb-x-rp`, `en-gb-scotland`; `+f3` or `+m7` after it varies the speaker.
        words_a_minute: 80 to 450.
        pitch: 0 to 100.

    Returns:
        float32 `[samples]` at 16 kHz, in [-1, 1].

    Raises:
        ModuleNotFoundError: espeakng-loader is not installed (it comes with the extra `dev`).
        ValueError: no such voice, or nothing to say.

    Source: https://github.com/espeak-ng/espeak-ng, `speak_lib.h`.
    """
    from scipy.signal import resample_poly

    if not text.strip():
        raise ValueError("nothing to say. Mend: give a text with a word in it")
    library, rate = _library()
    pieces: list[np.ndarray] = []

    @ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.c_void_p)
    def take(samples, count, _events):
        if samples and count:
            pieces.append(np.ctypeslib.as_array(samples, (count,)).copy())
        return 0

    library.espeak_SetSynthCallback(take)
    if library.espeak_SetVoiceByName(voice.encode()):
        raise ValueError(f"espeak-ng has no voice {voice!r}. Mend: take en-us or en-gb-x-rp")
    library.espeak_SetParameter(_SPEED, words_a_minute, 0)
    library.espeak_SetParameter(_PITCH, pitch, 0)
    said = text.encode()
    library.espeak_Synth(said, len(said) + 1, 0, 1, 0, 1, None, None)  # a position in characters, UTF-8
    library.espeak_Synchronize()
    common = gcd(rate, RATE)
    samples = np.concatenate(pieces).astype(np.float32) / 32768
    return resample_poly(samples, RATE // common, rate // common).astype(np.float32)


@lru_cache(maxsize=1)
def _library() -> tuple[ctypes.CDLL, int]:
    import espeakng_loader

    library = ctypes.CDLL(espeakng_loader.get_library_path())
    return library, library.espeak_Initialize(_RETRIEVE, 0, str(espeakng_loader.get_data_path()).encode(), 0)
