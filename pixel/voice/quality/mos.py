"""Predicted opinion scores: how people would rate speech, background and whole, by the network DNSMOS P.835."""

from functools import lru_cache
from math import ceil

import numpy as np

from pixel.hub.packages import package_folder
from pixel.voice.transcription.models import INSTALL

RATE, SECONDS = 16_000, 9.01
_CURVES = {  # from the network's output to the scale of the listening tests; Microsoft's, for P.835
    "mos_ovr": (-0.06766283, 1.11546468, 0.04602535),
    "mos_sig": (-0.08397278, 1.22083953, 0.0052439),
    "mos_bak": (-0.13166888, 1.60915514, -0.39604546),
}


def opinion_scores(samples: np.ndarray, rate: int = RATE) -> dict[str, float | None]:
    """
    Mean over windows of 9.01 s, one a second; shorter sound is repeated until it fills one, as in `speechmos`.

    Args:
        samples: float `[samples]`, mono; divided by its peak where that is above 1.
        rate: 16000; anything else is resampled.

    Returns:
        `mos_ovr` (overall), `mos_sig` (speech), `mos_bak` (background; high is quiet), each in about [1, 5]; `None`
        for digital silence. Clean read speech reaches 2.7 to 3.4 in `mos_ovr`, so that a threshold of 3 is strict.

    Raises:
        FileNotFoundError: the package `speechmos` is not installed; says how to install it.

    Source: Reddy, Gopal & Cutler, "DNSMOS P.835", ICASSP 2022: on its test set r = .94 (signal), .98 (background) and
    .98 (overall) with people's ratings, averaged by noise suppressor. A single clip is far less certain.
    """
    from scipy.signal import resample_poly

    samples = np.asarray(samples, dtype=np.float32)
    if rate != RATE:
        common = np.gcd(rate, RATE)
        samples = resample_poly(samples, RATE // common, rate // common).astype(np.float32)
    peak = float(np.abs(samples).max(initial=0.0))
    if peak < 1e-4:
        return dict.fromkeys(_CURVES)
    samples = samples / max(1.0, peak)
    size = int(SECONDS * RATE)
    if len(samples) < size:
        samples = np.tile(samples, 2 ** max(0, ceil(np.log2(size / len(samples)))))
    # speechmos passes by a window that ends a sample short by floating-point rounding; so do we, for the same scores
    count = int(len(samples) // RATE - SECONDS) + 1
    spans = [(second * RATE, int((second + SECONDS) * RATE)) for second in range(count)]
    network = session()
    raw = np.array(
        [network.run(None, {"input_1": samples[None, start:end]})[0][0] for start, end in spans if end - start >= size]
    )
    order = ("mos_sig", "mos_bak", "mos_ovr")  # of the network's outputs
    return {name: float(np.polyval(_CURVES[name], raw[:, order.index(name)]).mean()) for name in _CURVES}


@lru_cache(maxsize=1)
def session():
    """The network, loaded once a process."""
    import onnxruntime

    try:
        folder = package_folder("speechmos", "speechmos")
    except FileNotFoundError:
        raise FileNotFoundError(f"the package speechmos is not installed. Mend: {INSTALL}") from None
    settings = onnxruntime.SessionOptions()
    settings.intra_op_num_threads = 1  # workers are processes
    settings.log_severity_level = 3
    file = folder / "dnsmos_models" / "sig_bak_ovr.onnx"
    return onnxruntime.InferenceSession(str(file), sess_options=settings, providers=["CPUExecutionProvider"])
