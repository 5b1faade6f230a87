"""Where somebody speaks: Silero's voice activity detection, looked at once and asked many times."""

from dataclasses import dataclass

import numpy as np

RATE = 16_000
FRAME = 512  # samples of one probability, 32 ms
SPEECH, SILENCE = 0.5, 0.35  # speech begins at the first and ends below the second, as in Silero's own code
LEAST_SPEECH, LEAST_SILENCE = 0.1, 0.16  # seconds; what is shorter does not count
PADDING = 0.4  # seconds kept on both sides, as in Faster Whisper


@dataclass(frozen=True)
class Activity:
    """
    Attributes:
        probabilities: float32 `[frames]` in [0, 1], of speech in each 32 ms.
        samples: how many the audio has.
    """

    probabilities: np.ndarray
    samples: int

    def spans(self) -> list[tuple[int, int]]:
        """Stretches of speech in samples, without padding, in order, apart by at least 0.16 s."""
        found, start, quiet = [], None, 0
        patience = round(LEAST_SILENCE * RATE / FRAME)
        for place, probability in enumerate(self.probabilities):
            if start is None:
                if probability >= SPEECH:
                    start, quiet = place, 0
            elif probability >= SPEECH:
                quiet = 0
            elif probability < SILENCE or quiet:
                quiet += 1
                if quiet >= patience:
                    found.append((start, place + 1 - quiet))
                    start = None
        if start is not None:
            found.append((start, len(self.probabilities) - quiet))
        least = LEAST_SPEECH * RATE / FRAME
        return [(a * FRAME, min(b * FRAME, self.samples)) for a, b in found if b - a >= least]

    def pieces(self) -> list[tuple[int, int]]:
        """`spans` with 0.4 s on both sides; what then touches is one."""
        padding, joined = round(PADDING * RATE), []
        for start, end in self.spans():
            start, end = max(0, start - padding), min(self.samples, end + padding)
            if joined and start <= joined[-1][1]:
                joined[-1] = (joined[-1][0], end)
            else:
                joined.append((start, end))
        return joined

    def speech(self, start: float, end: float) -> float:
        """Seconds of speech between two times in seconds."""
        first, last = self._frames(start, end)
        return float((self.probabilities[first:last] >= SPEECH).sum()) * FRAME / RATE

    def share(self, start: float, end: float) -> float:
        """Of a stretch, how much is speech, in [0, 1]; its edges may be wrong by 0.2 s, as word times are."""
        return min(1.0, self.speech(start - 0.2, end + 0.2) / max(end - start, FRAME / RATE))

    def highest(self, start: float, end: float) -> float:
        """The surest frame of a stretch, in [0, 1]."""
        first, last = self._frames(start, end)
        return float(self.probabilities[first:last].max(initial=0.0))

    def _frames(self, start: float, end: float) -> tuple[int, int]:
        first = max(0, int(start * RATE / FRAME))
        return first, max(first + 1, int(np.ceil(end * RATE / FRAME)))


def listen(samples: np.ndarray) -> Activity:
    """
    Args:
        samples: float32 `[samples]`, 16 kHz mono.

    Source: https://github.com/snakers4/silero-vad, the network that comes with Faster Whisper (MIT).
    """
    from faster_whisper.vad import get_vad_model

    if not len(samples):
        return Activity(np.zeros(0, np.float32), 0)
    padded = np.pad(samples, (0, -len(samples) % FRAME))
    return Activity(np.asarray(get_vad_model()(padded), np.float32).reshape(-1), len(samples))


def everything(samples: int) -> list[tuple[int, int]]:
    """Instead of `Activity.pieces` where nobody is to be left out."""
    return [(0, samples)] if samples else []
