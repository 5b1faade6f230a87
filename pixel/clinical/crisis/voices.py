"""The learned voices: hashed n-grams with the rules' findings, and sentence embeddings with the same findings."""

import json
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from pixel.data.errors import ConversationError

from .features import NGRAM_SCALE, rule_names
from .ladder import Ladder

WEIGHTS = Path(__file__).parent / "weights"
EMBEDDING_SCALE = 2.0
"""Length of an embedding beside counts up to 2."""


@dataclass
class Voices:
    """
    Attributes:
        text: n-grams and rules; `[bins + rules, 6]`.
        embedding: embedding and rules; `[384 + rules, 6]`.
        thresholds: `any`, `high` and `flag` (see `pixel.clinical.crisis.fitting.choose_thresholds`) for the `mean` of
            both voices and for `text` alone.
        figures: what was measured, as it stands in the card.
    """

    text: Ladder
    embedding: Ladder | None
    thresholds: dict[str, dict[str, float]]
    figures: dict

    def logits(self, rules: np.ndarray, ngrams, embeddings: np.ndarray | None) -> dict[str, np.ndarray]:
        """Cumulative logits `[texts, 6]` of each voice there is, by its name."""
        found = {"text": self.text.logits(text_input(rules, ngrams))}
        if embeddings is not None and self.embedding is not None:
            found["embedding"] = self.embedding.logits(embedding_input(rules, embeddings))
        return found


def text_input(rules: np.ndarray, ngrams):
    """One sparse matrix `[texts, bins + rules]`."""
    from scipy.sparse import csr_matrix, hstack

    return hstack([ngrams * NGRAM_SCALE, csr_matrix(rules)], format="csr", dtype=np.float32)


def embedding_input(rules: np.ndarray, embeddings: np.ndarray) -> np.ndarray:
    """One matrix `[texts, 384 + rules]`."""
    return np.concatenate([embeddings * EMBEDDING_SCALE, rules], axis=1).astype(np.float32)


def save(voices: Voices, folder: str | Path) -> None:
    """`screen.safetensors` (half precision) and `screen.json`. No text is in them."""
    from safetensors.numpy import save_file

    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    tensors = {"text.weights": voices.text.weights.astype(np.float16), "text.bias": voices.text.bias}
    if voices.embedding is not None:
        tensors |= {
            "embedding.weights": voices.embedding.weights.astype(np.float16), "embedding.bias": voices.embedding.bias
        }  # fmt: skip
    save_file(tensors, folder / "screen.safetensors")
    facts = {"thresholds": voices.thresholds, "rules": rule_names(), "figures": voices.figures}
    (folder / "screen.safetensors").chmod(0o644)
    (folder / "screen.json").write_text(json.dumps(facts, indent=1) + "\n", encoding="utf-8")


def load(folder: str | Path = WEIGHTS) -> Voices:
    """
    Raises:
        ConversationError: the files are not there, or were fitted with other rules.
    """
    from safetensors.numpy import load_file

    folder = Path(folder)
    try:
        facts = json.loads((folder / "screen.json").read_text(encoding="utf-8"))
        tensors = load_file(folder / "screen.safetensors")
    except (OSError, ValueError) as error:
        raise ConversationError(
            f"the screen's weights cannot be read ({type(error).__name__})", file=folder,
            mend="install the package anew or fit them with recipes/train_screen.py",
        ) from error  # fmt: skip
    if facts["rules"] != rule_names():
        raise ConversationError(
            "the screen's weights were fitted with other rules", file=folder / "screen.json",
            mend="fit them anew with recipes/train_screen.py",
        )  # fmt: skip

    def ladder(name: str) -> Ladder | None:
        if f"{name}.weights" not in tensors:
            return None
        return Ladder(tensors[f"{name}.weights"].astype(np.float32), tensors[f"{name}.bias"].astype(np.float32))

    return Voices(ladder("text"), ladder("embedding"), facts["thresholds"], facts["figures"])


def embed(texts: Sequence[str]) -> np.ndarray | None:
    """Embeddings `[texts, 384]` by the small sentence encoder; `None`, with a warning, where it is not installed."""
    from pixel.text.sentence_encoder import default_encoder

    try:
        return default_encoder().encode(texts)
    except FileNotFoundError as error:
        warnings.warn(f"the screen reads without sentence embeddings: {error}", stacklevel=2)
        return None
