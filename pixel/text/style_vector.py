"""A speaker's style as a vector: runs of three characters and small words, whatever the talk is about."""

import json
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

LEAST_WORDS = 300
"""Fewer words are too few to know a speaker by."""
CLIP = 4.0
LEAST_TEXTS = 5
"""Texts of a reference that a run or word has to be in."""
_SMALL = (
    "the a an and or but so if then because that this these those it its i you he she we they me him her us them my"
    " your his our their is are was were be been am do does did have has had can could will would shall should may"
    " might must to of in on at for with from by about as into like than up down out off over just really actually"
    " basically well okay ok yeah yes no not don't mm hmm um uh mm-hmm right maybe perhaps probably sort kind of bit"
    " quite very too also only even still again now here there what which who how why when where some any all more"
    " most much many one two thing things something anything know think mean guess see say said get got go going gonna"
    " want need make i'm it's that's we're you're they're there's what's let's can't won't didn't doesn't isn't i'll"
    " we'll i'd we'd i've we've anyway though although cause . , ? !"
)
SMALL = frozenset(_SMALL.split())
"""Words and marks that everybody uses and nobody chooses with thought."""
_TOKENS = re.compile(r"[a-z']+|[.,?!]")


def character_runs(text: str) -> Counter:
    """Counts of runs of three characters, in small letters, blanks made one, with a blank at either end."""
    text = f" {' '.join(text.lower().split())} "
    return Counter(text[start : start + 3] for start in range(len(text) - 2))


def small_words(text: str) -> Counter:
    """Counts of small words and marks, and of two of them in a row (joined by a blank)."""
    tokens = _TOKENS.findall(text.lower().replace("’", "'"))
    single = Counter(token for token in tokens if token in SMALL)
    pairs = zip(tokens, tokens[1:], strict=False)
    return single + Counter(f"{one} {two}" for one, two in pairs if one in SMALL and two in SMALL)


@dataclass(frozen=True)
class StyleReference:
    r"""
    What is usual, so that a vector says what is not.

    A text's vector is, for runs and for small words apart, the z-score of the square root of each one's share, cut at
    4 and scaled to length 1; the two are set side by side. The cosine of two vectors is high where both use the same
    things more, or less, than others do (cosine delta).

    Attributes:
        runs, words: what is counted.
        mean, spread: float `[runs + words]`, over the texts of the reference, of the square roots of the shares.

    Source: Smith & Aldridge, "Improving authorship attribution: optimizing Burrows' Delta method", Journal of
    Quantitative Linguistics 18, 2011; z-scores of frequent words from Burrows, Literary and Linguistic Computing 17,
    2002.
    """

    runs: tuple[str, ...]
    words: tuple[str, ...]
    mean: np.ndarray
    spread: np.ndarray

    @classmethod
    def fit(cls, texts: Sequence[str], runs: int = 1500, words: int = 600) -> "StyleReference":
        """
        The commonest runs and small words of texts, their means and spreads.

        Args:
            texts: of many speakers, each about as long as those to compare.
            runs, words: at most so many.

        Raises:
            ValueError: fewer than 5 texts.
        """
        if len(texts) < LEAST_TEXTS:
            raise ValueError(f"{len(texts)} texts say too little of what is usual. Mend: give 5 or more")
        many = [(character_runs(text), small_words(text)) for text in texts]
        chosen = [_commonest((counts[part] for counts in many), most) for part, most in ((0, runs), (1, words))]
        table = np.array([_shares(one, chosen) for one in many])
        return cls(*chosen, table.mean(0), table.std(0) + 1e-9)

    def vector(self, text: str) -> np.ndarray:
        """Float32 `[runs + words]`, of length 1; a text without anything that is counted is one that lacks it all."""
        z = (_shares((character_runs(text), small_words(text)), (self.runs, self.words)) - self.mean) / self.spread
        z = np.clip(z, -CLIP, CLIP)
        halves = [z[: len(self.runs)], z[len(self.runs) :]]
        out = np.concatenate([half / max(float(np.linalg.norm(half)), 1e-9) for half in halves if len(half)])
        return (out / np.sqrt(2 if len(self.runs) and len(self.words) else 1)).astype(np.float32)

    def similarity(self, one: str, other: str) -> float:
        """Cosine of two texts' vectors, in [-1, 1]."""
        return float(self.vector(one) @ self.vector(other))

    def save(self, file: str | Path) -> None:
        """As JSON; numbers to six digits."""
        numbers = {name: [float(f"{x:.6g}") for x in getattr(self, name)] for name in ("mean", "spread")}
        content = {"runs": self.runs, "words": self.words} | numbers
        Path(file).write_text(json.dumps(content, ensure_ascii=False) + "\n", encoding="utf-8")

    @classmethod
    def load(cls, file: str | Path) -> "StyleReference":
        """
        Raises:
            FileNotFoundError: it is not there.
            ValueError: it is not what `save` wrote.
        """
        try:
            read = json.loads(Path(file).read_text(encoding="utf-8"))
            mean, spread = np.array(read["mean"], dtype=float), np.array(read["spread"], dtype=float)
            out = cls(tuple(read["runs"]), tuple(read["words"]), mean, spread)
        except (KeyError, TypeError, json.JSONDecodeError, UnicodeDecodeError) as error:
            raise ValueError(f"{file}: no reference of style ({error})") from None
        if not len(mean) == len(spread) == len(out.runs) + len(out.words):
            raise ValueError(f"{file}: {len(mean)} means for {len(out.runs) + len(out.words)} names")
        return out


def _commonest(counts: Iterable[Counter], most: int) -> tuple[str, ...]:
    seen = Counter(name for one in counts for name in one)
    usual = [(-texts, name) for name, texts in seen.items() if texts >= LEAST_TEXTS]
    return tuple(name for _, name in sorted(usual)[:most])


def _shares(counts: Sequence[Counter], chosen: Sequence[Sequence[str]]) -> np.ndarray:
    out = []
    for own, names in zip(counts, chosen, strict=True):
        total = max(1, sum(own.values()))
        out += [own[name] / total for name in names]
    return np.sqrt(np.array(out, dtype=float))
