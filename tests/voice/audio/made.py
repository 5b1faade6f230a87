"""Recordings made on the spot in many forms."""

from pathlib import Path

import av
import numpy as np


def write(path: Path, samples: np.ndarray, rate: int, codec: str, form: str | None = None, start: int = 0) -> Path:
    """Writes float samples `[channels, samples]` in [-1, 1] with ffmpeg; `form` names the container."""
    with av.open(str(path), "w", format=form) as container:
        layout = {1: "mono", 2: "stereo", 6: "5.1"}[len(samples)]
        stream = container.add_stream(codec, rate=rate, layout=layout)
        resampler = av.AudioResampler(format=stream.format, layout=layout, rate=rate)
        for place in range(0, samples.shape[1], 1024):
            part = np.ascontiguousarray(samples[:, place : place + 1024].astype(np.float32))
            frame = av.AudioFrame.from_ndarray(part, format="fltp", layout=layout)
            frame.sample_rate, frame.pts = rate, start + place
            for made in resampler.resample(frame):
                container.mux(stream.encode(made))
        container.mux(stream.encode(None))
    return path


def tone(seconds: float, rate: int, frequency: float = 440.0) -> np.ndarray:
    return 0.5 * np.sin(2 * np.pi * frequency * np.arange(round(seconds * rate)) / rate)


def loudest_frequency(samples: np.ndarray, rate: int = 16_000) -> float:
    return float(np.abs(np.fft.rfft(samples * np.hanning(len(samples)))).argmax() * rate / len(samples))
