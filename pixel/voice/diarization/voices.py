"""How many voices, and which glimpse is whose: average-linkage clustering of speaker embeddings."""

import numpy as np

APART = 0.38
"""Mean cosine distance from which two groups of glimpses are two voices; chosen on planted mixtures of LibriSpeech,
see `pixel.benchmarks.voice.diarization`."""
LEAST = 2.0
"""Seconds of speech below which a group is no voice of its own, but an odd sound of another's."""
CHANGE = 0.2
"""What a change of speaker from one glimpse to the next has to gain in cosine; a third of it after a pause."""
MOST = 3000
"""Glimpses that are compared each with each; with more, an even choice of them decides on the voices."""


def find_voices(
    glimpses: np.ndarray, times: np.ndarray, step: float, speakers: int | None = None, apart: float = APART
) -> np.ndarray:
    """
    Args:
        glimpses: float `[n, size]` of length 1, in order of time.
        times: float `[n]`, the middle of each in seconds.
        step: seconds of speech that each stands for.
        speakers: how many there are, where it is known.
        apart: see `APART`.

    Returns:
        int `[n]`: 0 is the first voice heard, 1 the second, ...

    Raises:
        ValueError: `speakers` is less than 1.
    """
    if speakers is not None and speakers < 1:
        raise ValueError(f"speakers is {speakers}. Mend: give 1 or more, or leave it out")
    if len(glimpses) < 2:
        return np.zeros(len(glimpses), int)
    centres = _centres(glimpses[:: -(-len(glimpses) // MOST)], step * -(-len(glimpses) // MOST), speakers, apart)
    voices = _path(glimpses @ centres.T, np.diff(times) > 1.5 * step)
    _, first, voices = np.unique(voices, return_index=True, return_inverse=True)
    return np.argsort(np.argsort(first))[voices]


def _centres(glimpses: np.ndarray, step: float, speakers: int | None, apart: float) -> np.ndarray:
    """Float `[voices, size]`: the mean glimpse of each voice, of length 1."""
    from scipy.cluster.hierarchy import fcluster, linkage

    tree = linkage(glimpses, "average", metric="cosine")
    groups = fcluster(tree, speakers, "maxclust") if speakers else fcluster(tree, apart, "distance")
    least = min(LEAST, step * np.bincount(groups).max())
    for count in range(speakers, min(8 * speakers + 8, len(glimpses))) if speakers else ():
        finer = fcluster(tree, count, "maxclust")  # an odd sound may stand alone long before two voices part
        if (np.bincount(finer) * step >= least - 1e-9).sum() >= speakers:
            groups = finer
            break
    names, sizes = np.unique(groups, return_counts=True)
    large = names[sizes * step >= least - 1e-9]
    if speakers:
        large = names[np.argsort(-sizes, kind="stable")][:speakers]
    means = np.stack([glimpses[groups == name].mean(0) for name in large])
    return means / np.maximum(np.linalg.norm(means, axis=1, keepdims=True), 1e-9)


def _path(likeness: np.ndarray, pause: np.ndarray) -> np.ndarray:
    """The row of voices with the greatest sum of likeness, less what its changes cost (Viterbi)."""
    best, back = likeness[0].copy(), []
    for now, paused in zip(likeness[1:], pause, strict=True):
        changed = best.max() - (CHANGE / 3 if paused else CHANGE)
        back.append(np.where(best >= changed, np.arange(len(best)), best.argmax()))
        best = np.maximum(best, changed) + now
    row = [int(best.argmax())]
    for came_from in reversed(back):
        row.append(int(came_from[row[-1]]))
    return np.array(row[::-1])
