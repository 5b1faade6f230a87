"""
Fits what consistency and drift are judged by, on AMI, for the fingerprint that ships with Pixel.

    python -m pixel.benchmarks.voice.consistency_weights --data_root DATA
"""

import argparse
from pathlib import Path

from pixel.benchmarks.voice.ami_pairs import Fit, learned, pairs_of, unseen
from pixel.benchmarks.voice.drift import SAME, hear, reference_of
from pixel.voice.personality.consistency.likeness import WEIGHTS, Likeness
from pixel.voice.personality.fingerprint.ami import read_speakers


def write_weights(data_root: str | Path, folder: str | Path = WEIGHTS, fit: Fit | None = None, seed: int = 0) -> Path:
    """
    `likeness.json` and `drift.json`, on all groups, each read by a fingerprint of the others.

    Args:
        data_root: folder with `ami/`.
        folder: to write to.
        fit: fingerprint from speakers; default: as the one that ships is fitted.
        seed: of folds and draws.

    Raises:
        FileNotFoundError: no transcripts there.
    """
    folder, speakers = Path(folder), read_speakers(data_root)
    fit = fit or learned(speakers)
    folder.mkdir(parents=True, exist_ok=True)
    pairs = pairs_of(unseen(speakers, fit, seed), seed=seed)
    Likeness.fit(pairs.cosine, pairs.same, pairs.words, pairs.others).save(folder / "likeness.json")
    reference_of(hear(speakers, fit, seed, [SAME])).save(folder / "drift.json")
    return folder


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data_root", required=True, help="folder that holds ami/")
    print(f"Written to {write_weights(parser.parse_args().data_root)}")
