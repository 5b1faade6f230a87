"""Fits a fingerprint on people who talked in the same meetings: what tells them apart, and what varies within one."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass

import numpy as np

from pixel.voice.personality.fingerprint.ami import Speaker, cut
from pixel.voice.personality.fingerprint.features import FAMILIES, commonest, count, shares
from pixel.voice.personality.fingerprint.fingerprint import CLIP, Fingerprint
from pixel.voice.personality.fingerprint.restyle import restyle

LEAST_SPEAKERS = 8


@dataclass(frozen=True)
class Settings:
    """
    Attributes:
        words, step: of a piece, and from one piece's start to the next's.
        restyled: words from one piece's start to the next's in what was said as another transcriber would write it;
            0 for none. 400 costs a little on words as transcribed by hand and gains on restyled ones.
        components: principal components kept, which is the size of a vector.
        shrink: share of the within-speaker covariance that is replaced by its mean variance, in (0, 1].
    """

    words: int = 300
    step: int = 200
    restyled: int = 0
    components: int = 560
    shrink: float = 0.6


class Pieces:
    """
    Pieces of every speaker and their counts, made once for several fits.

    What a speaker said and the same restyled count as two speakers of two meetings, so that every way of transcribing
    is learnt from, and habits that one way hides are not held against those who have them.

    Args:
        speakers: of any meetings.
        settings: how they are cut.
    """

    def __init__(self, speakers: Sequence[Speaker], settings: Settings):
        many = [(one, settings.step) for one in speakers]
        if settings.restyled:
            for number, one in enumerate(speakers):
                again = one._replace(meeting=f"{one.meeting} restyled", text=restyle(one.text, number))
                many.append((again, settings.restyled))
        self.speakers = [one for one, _ in many]
        cuts = [cut(one.text, settings.words, step=step) for one, step in many]
        self.counts = [count(piece) for own in cuts for piece in own]
        self.owner = np.repeat(np.arange(len(many)), [len(own) for own in cuts])

    def of(self, groups: Sequence[str]) -> np.ndarray:
        """Indices of pieces by people of these groups."""
        wanted = set(groups)
        return np.flatnonzero([self.speakers[owner].group in wanted for owner in self.owner])


def fit(speakers: Sequence[Speaker], settings: Settings | None = None, pieces: Pieces | None = None) -> Fingerprint:
    """
    Args:
        speakers: everybody of several meetings.
        settings: the defaults were chosen with all of AMI's groups in sight, so that AMI shows them a little too good.
        pieces: of these speakers and maybe more, made with the same settings.

    Raises:
        ValueError: fewer than 8 speakers with two pieces.
    """
    settings = settings or Settings()
    least = settings.words + settings.step
    if sum(len(one.text.split()) >= least for one in speakers) < LEAST_SPEAKERS:
        raise ValueError(f"fewer than {LEAST_SPEAKERS} speakers said {least} words. Mend: give more meetings")
    pieces = pieces or Pieces(speakers, settings)
    rows = pieces.of([one.group for one in speakers])
    owner = pieces.owner[rows]
    counts = [pieces.counts[row] for row in rows]
    names = commonest(counts)
    table = np.array([shares(one, names) for one in counts], dtype=np.float32)
    meetings = np.array([one.meeting for one in pieces.speakers])

    # ── what tells speakers of one meeting apart ──
    mean, spread = table.mean(0), table.std(0) + 1e-6
    within, between = deviations(np.clip((table - mean) / spread, -CLIP, CLIP), owner, meetings)
    noise = (within**2).mean(0)
    weight = np.sqrt(np.maximum((between**2).mean(0) - noise / (len(owner) / len(between)), 0) / (noise + 1e-6))

    # ── what tells nobody apart is left out ──
    telling = weight > 0
    every = [name for family in FAMILIES for name in names[family]]
    ends = np.cumsum([len(names[family]) for family in FAMILIES])[:-1]
    names = {
        family: tuple(every[index] for index in part if telling[index])
        for family, part in zip(FAMILIES, np.split(np.arange(len(every)), ends), strict=True)
    }
    table, mean, spread, weight = table[:, telling], mean[telling], spread[telling], weight[telling]

    # ── what varies within one ──
    half = Fingerprint(names, mean, spread, weight, np.zeros(1), np.zeros((1, 1)), {})
    weighted = half.weighted(table)
    centre = weighted.mean(0)
    axes = principal_axes(weighted - centre, settings.components)
    within, _ = deviations((weighted - centre) @ axes, owner, meetings)
    facts = {
        "settings": asdict(settings),
        "speakers": len({(one.meeting, one.channel) for one in speakers}),
        "groups": len({one.group for one in speakers}),
        "pieces": len(owner),
    }
    return Fingerprint(names, mean, spread, weight, centre, axes @ whitening(within, settings.shrink), facts)


def deviations(rows: np.ndarray, owner: np.ndarray, meetings: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """
    Within and between speakers.

    Args:
        rows: `[pieces, any]`; owner: int `[pieces]`, whose; meetings: of each owner.

    Returns:
        each piece less its speaker's mean, `[pieces, any]`; each speaker's mean less that of the meeting's speakers,
        `[speakers, any]`, scaled by sqrt(n / (n - 1)) for a meeting of n; alone in a meeting: 0.
    """
    speakers, place, pieces = np.unique(owner, return_inverse=True, return_counts=True)
    means = np.zeros((len(speakers), rows.shape[1]))
    np.add.at(means, place, rows)
    means /= pieces[:, None]
    between, own = np.empty_like(means), meetings[speakers]
    for meeting in np.unique(own):
        members = own == meeting
        present = members.sum()
        between[members] = (means[members] - means[members].mean(0)) * np.sqrt(present / max(1, present - 1))
    return rows - means[place], between


def principal_axes(centred: np.ndarray, components: int) -> np.ndarray:
    """Orthonormal axes of most variance, `[any, components]` or fewer; each axis' largest number is positive."""
    values, vectors = np.linalg.eigh((centred @ centred.T).astype(float))
    best = np.argsort(-values, kind="stable")[:components]
    best = best[values[best] > values.max() * 1e-9]
    axes = centred.T @ (vectors[:, best] / np.sqrt(values[best])).astype(centred.dtype)
    return axes * np.sign(axes[np.abs(axes).argmax(0), np.arange(len(best))])


def whitening(within: np.ndarray, shrink: float) -> np.ndarray:
    """Inverse square root, `[size, size]`, of the covariance of rows `[pieces, size]` shrunk to its mean variance."""
    covariance = within.T @ within / len(within)
    size = len(covariance)
    values, vectors = np.linalg.eigh((1 - shrink) * covariance + shrink * np.trace(covariance) / size * np.eye(size))
    return vectors / np.sqrt(values) @ vectors.T
