"""The fingerprint that ships: fitted on every group, calibrated on pairs that no fit had met."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np

from pixel.voice.personality.fingerprint.ami import Pairs, Speaker, folds, pairs, read_speakers
from pixel.voice.personality.fingerprint.calibration import Calibration
from pixel.voice.personality.fingerprint.fingerprint import Fingerprint
from pixel.voice.personality.fingerprint.fitting import Pieces, Settings, fit

LENGTHS = (300, 600)
SOURCE = "AMI Meeting Corpus (https://groups.inf.ed.ac.uk/ami/corpus/), manual transcripts, CC BY 4.0"


def fit_and_calibrate(data_root: str | Path, progress: Callable[[str], None] = lambda line: None) -> Fingerprint:
    """
    Args:
        data_root: folder that holds `ami/`.
        progress: told what was fitted.

    Returns:
        fitted on all groups; its calibration rests on pairs of five folds of groups, each under a fingerprint of the
        other four. Run again on one machine it gives the same bytes.

    Raises:
        FileNotFoundError: no `ami/` there.
        ValueError: too few speakers.
    """
    speakers, settings = read_speakers(data_root), Settings()
    pieces = Pieces(speakers, settings)
    progress(f"{len(pieces.counts)} pieces of {len(speakers)} speakers")
    unseen = unseen_pairs(speakers, LENGTHS, settings, pieces, progress)
    calibration = Calibration.fit([one.similarity for one in unseen], [one.same for one in unseen], LENGTHS)
    fitted = fit(speakers, settings, pieces)
    return replace(fitted, facts=fitted.facts | {"calibration": asdict(calibration), "source": SOURCE})


def unseen_pairs(
    speakers: Sequence[Speaker],
    lengths: Sequence[int] = LENGTHS,
    settings: Settings | None = None,
    pieces: Pieces | None = None,
    progress: Callable[[str], None] = lambda line: None,
) -> list[Pairs]:
    """Pairs of each length, of all folds' groups, under fingerprints fitted on the other folds."""
    settings = settings or Settings()
    pieces = pieces or Pieces(speakers, settings)
    found: list[list[Pairs]] = [[] for _ in lengths]
    parts = folds(speakers)
    for number, (known, held_out) in enumerate(parts):
        fitted = fit(known, settings, pieces)
        for words, own in zip(lengths, found, strict=True):
            own.append(pairs(held_out, words, fitted.vector))
        progress(f"fold {number + 1} of {len(parts)} fitted")
    return [Pairs(*(np.concatenate(column) for column in zip(*own, strict=True))) for own in found]
