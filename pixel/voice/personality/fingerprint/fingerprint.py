"""A speaker's fingerprint: one vector a text, compared by cosine."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from pixel.voice.personality.fingerprint.calibration import Calibration
from pixel.voice.personality.fingerprint.features import FAMILIES, count, shares

WEIGHTS = Path(__file__).with_name("weights")
TABLES, NAMES = "fingerprint.safetensors", "fingerprint.json"
LEAST_WORDS = 280
"""Fewer words are too few to know a speaker by; so that a piece of about 300 passes."""
CLIP = 4.0


class TooShort(ValueError):
    """A text has too few words."""


@dataclass(frozen=True)
class Fingerprint:
    r"""
    Habits of small words and spelling as a vector, whatever the talk is about.

    Each name's share of its family is taken by its square root, z-scored, cut at 4 and weighted by how much it tells
    speakers of one conversation apart (`weight`); each family is scaled to length 1. What varies within one speaker is
    then made small (`projection`: principal components, then within-class covariance normalisation), and the whole is
    scaled to length 1. Two texts are compared by the cosine of their vectors alone.

    It hears spelling as well: two transcripts of one talk by different transcribers differ. Take texts of one make.

    Attributes:
        names: what is counted, a family.
        mean: float32 `[names]`, of the square roots of the shares.
        spread: float32 `[names]`, the standard deviation.
        weight: float32 `[names]`, square root of the ratio of variances between and within speakers.
        centre: float32 `[names]`, the mean weighted vector.
        projection: float32 `[names, size]`.
        facts: what it was fitted on, and the calibration.

    Source: z-scores of frequent words: Burrows, Literary and Linguistic Computing 17, 2002; cosine: Smith & Aldridge,
    Journal of Quantitative Linguistics 18, 2011; within-class covariance normalisation: Hatch, Kajarekar & Stolcke,
    Interspeech 2006.

    Example:
        >>> known = Fingerprint.load()
        >>> known.similarity(text, other_text)  # cosine, in [-1, 1]
    """

    names: Mapping[str, tuple[str, ...]]
    mean: np.ndarray
    spread: np.ndarray
    weight: np.ndarray
    centre: np.ndarray
    projection: np.ndarray
    facts: Mapping[str, Any]

    @property
    def size(self) -> int:
        """Numbers in a vector."""
        return self.projection.shape[1]

    def vector(self, text: str) -> np.ndarray:
        """
        Float32 `[size]`, of length 1.

        Raises:
            TooShort: fewer than 280 words (by blanks).
        """
        words = len(text.split())
        if words < LEAST_WORDS:
            raise TooShort(f"{words} words are too few to know a speaker by. Mend: give {LEAST_WORDS} or more")
        return self.rough(text)

    def rough(self, text: str) -> np.ndarray:
        """The same of a text of any length; below 280 words it says more of the topic than of the speaker."""
        weighted = self.weighted(shares(count(text), self.names)[None])
        return scaled((weighted - self.centre) @ self.projection)[0]

    def weighted(self, table: np.ndarray) -> np.ndarray:
        """Square roots of shares `[texts, names]` -> weighted z-scores of the same shape, each family of length 1."""
        z = np.clip((table - self.mean) / self.spread, -CLIP, CLIP) * self.weight
        ends = np.cumsum([len(self.names[family]) for family in FAMILIES])[:-1]
        return np.hstack([scaled(part) for part in np.split(z, ends, axis=1)]).astype(np.float32)

    def similarity(self, one: str | np.ndarray, other: str | np.ndarray) -> float:
        """
        Cosine of two texts or of two vectors of length 1, in [-1, 1].

        Raises:
            TooShort: a text has fewer than 280 words.
        """
        one, other = (self.vector(given) if isinstance(given, str) else given for given in (one, other))
        return float(one @ other)

    def same_speaker(self, similarity: ArrayLike, words: ArrayLike) -> np.ndarray:
        """
        Probability that one person said both texts, where before looking that is as probable as not.

        Args:
            similarity: cosines.
            words: of the shorter text of each pair, or one number for all.

        Raises:
            ValueError: the fingerprint was not calibrated.
        """
        if "calibration" not in self.facts:
            raise ValueError("this fingerprint was not calibrated. Mend: make it with recipes/fingerprint.py --fit")
        return Calibration(**self.facts["calibration"]).probability(similarity, words)

    def save(self, folder: str | Path) -> None:
        """Tables as safetensors (the projection in 127 steps to each column's largest), names and facts as JSON."""
        from safetensors.numpy import save_file

        folder = Path(folder)
        folder.mkdir(parents=True, exist_ok=True)
        tables = {name: getattr(self, name).astype(np.float32) for name in ("mean", "spread", "weight", "centre")}
        step = np.maximum(np.abs(self.projection).max(0), 1e-12) / 127
        tables |= {"projection": np.round(self.projection / step).astype(np.int8), "step": step.astype(np.float32)}
        save_file(tables, folder / TABLES)
        content = json.dumps({"names": self.names, "facts": self.facts}, ensure_ascii=False, indent=1)
        (folder / NAMES).write_text(content + "\n", encoding="utf-8")

    @classmethod
    def load(cls, folder: str | Path | None = None) -> "Fingerprint":
        """
        Args:
            folder: where `save` wrote; default: the weights that ship with Pixel.

        Raises:
            FileNotFoundError: one of its two files is not there.
            ValueError: they are not what `save` wrote.
        """
        from safetensors import SafetensorError
        from safetensors.numpy import load_file

        folder = Path(folder or WEIGHTS)
        try:
            read = json.loads((folder / NAMES).read_text(encoding="utf-8"))
            names = {family: tuple(read["names"][family]) for family in FAMILIES}
            tables = {name: table.astype(np.float32) for name, table in load_file(folder / TABLES).items()}
            tables["projection"] *= tables.pop("step")
            out = cls(names, facts=read["facts"], **tables)
        except (KeyError, TypeError, json.JSONDecodeError, UnicodeDecodeError, SafetensorError) as error:
            raise ValueError(f"{folder}: no fingerprint ({error}). Mend: fit it again") from None
        total = sum(len(one) for one in names.values())
        for table in (out.mean, out.spread, out.weight, out.centre, out.projection):
            if len(table) != total:
                raise ValueError(f"{folder}: a table of {len(table)} rows for {total} names. Mend: fit it again")
        return out


def scaled(rows: np.ndarray) -> np.ndarray:
    """Each row over its length; a row of zeros stays."""
    return rows / np.maximum(np.linalg.norm(rows, axis=-1, keepdims=True), 1e-9)
