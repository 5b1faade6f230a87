"""Clipping: the share of samples that were cut off at a ceiling, found as the heap they leave there."""

import numpy as np

BINS = 100
LOWEST_CEILING = 0.35
"""Of the peak. Filters and lossy codecs ring after clipping, so the ceiling may lie well below the highest sample."""
HEAP, BELOW, GAP = 3, 6, 2  # bins: width of a heap, of the slope it is compared with, and between the two
TIMES, DEVIATIONS = 2.5, 6.0  # how far a heap must stick out of the slope, and of the noise of counting


def clipped_share(samples: np.ndarray) -> float | None:
    """
    Share of samples that would have been louder, had there been room.

    Loud samples of natural speech get ever rarer towards the peak. Clipping heaps what is missing above a ceiling onto
    it; the heap over what the slope below foretells is counted, for crests and troughs apart. It stays visible through
    resampling and lossy codecs, where samples are no longer exactly equal.

    Args:
        samples: float `[samples]`, any scale.

    Returns:
        [0, 1], 0 where there is no heap; `None` for digital silence.

    Falls short: below about half a percent a lossy codec hides the heap; a steady pure tone has a heap at its crests.
    """
    samples = np.asarray(samples, dtype=np.float32)
    if not len(samples) or np.abs(samples).max() < 1e-4:
        return None
    clipped = sum(_heaped(side) for side in (samples[samples > 0], -samples[samples < 0]))
    return float(clipped / len(samples))


def _heaped(magnitudes: np.ndarray) -> float:
    """Samples in excess at the ceiling of one side, and all above it."""
    if not len(magnitudes):
        return 0.0
    counts = np.histogram(magnitudes, bins=BINS, range=(0, float(magnitudes.max()) * (1 + 1e-6)))[0].astype(float)
    sums = np.concatenate([[0.0], np.cumsum(counts)])
    starts = np.arange(max(round(LOWEST_CEILING * BINS), BELOW + GAP), BINS)
    heap = sums[np.minimum(starts + HEAP, BINS)] - sums[starts]
    width = np.minimum(starts + HEAP, BINS) - starts
    slope = (sums[starts - GAP] - sums[starts - GAP - BELOW]) / BELOW * width  # what the bins below foretell
    out = np.flatnonzero((heap > TIMES * slope) & (heap - slope > DEVIATIONS * np.sqrt(slope + 1)))
    if not len(out):
        return 0.0
    best = out[np.argmax((heap - slope)[out])]
    foretold = slope[best] / width[best]
    first = starts[best]
    while first > 1 and counts[first - 1] > 1.5 * foretold:  # a codec smears the heap's foot
        first -= 1
    heaped = min(BINS, starts[best] + HEAP) - first
    return max(0.0, counts[first:].sum() - foretold * heaped)
