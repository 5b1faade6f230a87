"""A voice as a point: what 1.6 s of speech sound like, whatever is said."""

from collections.abc import Iterable
from functools import lru_cache
from hashlib import sha256
from importlib.util import find_spec
from itertools import islice
from pathlib import Path

import numpy as np

from pixel.voice.diarization.mel import RATE, mel_spectrogram
from pixel.voice.transcription.models import INSTALL

LENGTH = round(1.6 * RATE)
"""Samples of a glimpse: the encoder heard 1.6 s at a time in training."""
SIZE = 256
_FRAMES, _STEP, _LEAST = 160, 77, 0.75  # frames a glimpse and from one to the next, share of the last
_LOUDNESS = 10 ** (-30 / 20)  # root mean square below which a recording is amplified
_BATCH = 64
_SHA256 = "39373b86598fa3da9fcddee6142382efe09777e8d37dc9c0561f41f0070f134e"


class SpeakerEncoder:
    """
    Resemblyzer's voice encoder: three LSTM layers, trained to tell speakers apart (GE2E).

    Only its weights are taken from the package, without pickle: its own modules import what newer SciPy has dropped.

    Source: Wan et al., "Generalized End-to-End Loss for Speaker Verification", ICASSP 2018;
    https://github.com/resemble-ai/Resemblyzer (Apache-2.0).
    """

    def __init__(self, weights: Path | None = None):
        """
        Args:
            weights: `pretrained.pt`; default: the package's.

        Raises:
            ModuleNotFoundError: Resemblyzer is not installed.
            ValueError: the file is not there, or not the one that was measured here.
        """
        weights = weights or _installed()
        if not weights.is_file() or sha256(weights.read_bytes()).hexdigest() != _SHA256:
            raise ValueError(f"{weights}: not the weights of Resemblyzer 0.1.4. Mend: {INSTALL} --force-reinstall")
        import torch

        state = torch.load(weights, map_location="cpu", weights_only=True)["model_state"]
        self._lstm = torch.nn.LSTM(40, 256, 3, batch_first=True)
        self._linear = torch.nn.Linear(256, SIZE)
        for name, part in (("lstm.", self._lstm), ("linear.", self._linear)):
            part.load_state_dict({key.removeprefix(name): value for key, value in state.items() if name in key})

    def glimpses(self, pieces: Iterable[np.ndarray]) -> np.ndarray:
        """
        Args:
            pieces: float samples at 16 kHz; each is cut to 1.6 s, or filled up with silence. They are taken one batch
                at a time.

        Returns:
            float32 `[pieces, 256]` of length 1 and without negative values: the cosine of two is in [0, 1].
        """
        found, pieces = [np.zeros((0, SIZE), np.float32)], iter(pieces)
        while batch := list(islice(pieces, _BATCH)):
            filled = (np.pad(piece[:LENGTH], (0, max(LENGTH - len(piece), 0))) for piece in batch)
            found.append(self._embed(np.stack([mel_spectrogram(piece)[:_FRAMES] for piece in filled])))
        return np.concatenate(found)

    def utterance(self, samples: np.ndarray) -> np.ndarray:
        """
        The mean over a recording of one speaker, of length 1: equals Resemblyzer's `embed_utterance`.

        Args:
            samples: float `[samples]` at 16 kHz, best without long silences.
        """
        samples = louder(np.asarray(samples, np.float32))
        starts = range(0, max(1, len(samples) // 160 + 1 - _FRAMES + _STEP + 1), _STEP)
        starts = [start for start in starts if not start or (len(samples) / 160 - start) / _FRAMES >= _LEAST]
        mel = mel_spectrogram(np.pad(samples, (0, max(0, (starts[-1] + _FRAMES) * 160 - len(samples)))))
        mean = self._embed(np.stack([mel[start : start + _FRAMES] for start in starts])).mean(0)
        return mean / max(float(np.linalg.norm(mean)), 1e-9)

    def _embed(self, mels: np.ndarray) -> np.ndarray:
        import torch

        with torch.inference_mode():
            found = []
            for batch in torch.from_numpy(mels).split(_BATCH):
                _, (hidden, _) = self._lstm(batch)
                found.append(torch.nn.functional.normalize(torch.relu(self._linear(hidden[-1])), dim=1))
            return torch.cat(found).numpy()


def louder(samples: np.ndarray) -> np.ndarray:
    """Amplified to -30 dBFS where it is quieter; silence stays."""
    level = float(np.sqrt(np.mean(np.square(samples, dtype=np.float64)))) if len(samples) else 0.0
    return samples * np.float32(_LOUDNESS / level) if 0 < level < _LOUDNESS else samples


@lru_cache(maxsize=1)
def encoder() -> SpeakerEncoder:
    """The encoder, loaded once a process."""
    return SpeakerEncoder()


def speaker_embedding(samples: np.ndarray) -> np.ndarray:
    """
    What a speaker sounds like. The cosine of two recordings tends to be higher where both have the same one.

    Args:
        samples: float `[samples]` at 16 kHz of one speaker, some seconds at least.

    Returns:
        float32 `[256]` of length 1.

    Raises:
        ModuleNotFoundError: Resemblyzer is not installed.
    """
    return encoder().utterance(samples)


def _installed() -> Path:
    found = find_spec("resemblyzer")  # its folder, without running its code
    if not found or not found.submodule_search_locations:
        raise ModuleNotFoundError(
            f"speakers are told apart by Resemblyzer's weights, which are not installed. Mend: {INSTALL}",
            name="resemblyzer",
        )
    return Path(next(iter(found.submodule_search_locations))) / "pretrained.pt"
