"""Measures of conflict between objectives, read off a Gram matrix of their gradients, as floats for logs."""

from collections.abc import Sequence
from itertools import combinations

import torch
from torch import Tensor


def norms(gram: Tensor) -> Tensor:
    """Gradient norm of each objective, float64 `[k]`, from a Gram matrix `[k, k]`."""
    return gram.detach().double().diagonal().clamp_min(0).sqrt()


def cosines(gram: Tensor) -> Tensor:
    """Pairwise cosines in [-1, 1], float64 `[k, k]`; NaN where either objective has no gradient."""
    length = norms(gram)
    scale = length.unsqueeze(1) * length
    cosine = (gram.detach().double() / scale).clamp(-1, 1)
    return torch.where(scale > 0, cosine, torch.nan)


def magnitude_ratios(gram: Tensor) -> Tensor:
    """Shorter over longer gradient norm of each pair in (0, 1], float64 `[k, k]`; NaN where either is zero."""
    length = norms(gram)
    short = torch.minimum(length.unsqueeze(1), length)
    return torch.where(short > 0, short / torch.maximum(length.unsqueeze(1), length), torch.nan)


def conflicting_pairs(gram: Tensor, names: Sequence[str], below: float = 0.0) -> list[tuple[str, str]]:
    """The pairs of objectives whose gradients have a cosine below `below`, in the order of `names`."""
    cosine = cosines(gram)
    return [(names[i], names[j]) for i, j in combinations(range(len(names)), 2) if cosine[i, j] < below]


def summary(gram: Tensor, names: Sequence[str]) -> dict[str, float]:
    """
    What to log of one Gram matrix.

    Args:
        gram (`Tensor`): `[k, k]`.
        names (sequence of `str`): the k objectives.

    Returns:
        `dict`: `gradient_norm/NAME`, and for each pair that has gradients `cosine/A_B`, `magnitude_ratio/A_B`.
    """
    gram = gram.cpu()
    length, cosine, ratio = norms(gram), cosines(gram), magnitude_ratios(gram)
    out = {f"gradient_norm/{name}": value for name, value in zip(names, length.tolist(), strict=True)}
    for i, j in combinations(range(len(names)), 2):
        if length[i] > 0 and length[j] > 0:
            out[f"cosine/{names[i]}_{names[j]}"] = cosine[i, j].item()
            out[f"magnitude_ratio/{names[i]}_{names[j]}"] = ratio[i, j].item()
    return out


class ConflictLog:
    """
    The last Gram matrix of a run and a running count of how often each pair of objectives conflicts.

    Args:
        names (sequence of `str`): the k objectives.
    """

    def __init__(self, names: Sequence[str]):
        self.names = tuple(names)
        k = len(self.names)
        self.gram: Tensor | None = None
        self.seen = torch.zeros(k, k, dtype=torch.float64)
        self.conflicts = torch.zeros(k, k, dtype=torch.float64)

    def update(self, gram: Tensor) -> None:
        """Record a finite CPU Gram matrix `[k, k]`."""
        cosine = cosines(gram)
        self.gram = gram
        self.seen += ~cosine.isnan()
        self.conflicts += cosine < 0

    def as_dict(self, prefix: str = "") -> dict[str, float]:
        """Floats for a log: the last `summary`, `conflict_fraction` over all pairs seen, and by pair; {} if unused."""
        if self.gram is None:
            return {}
        out = summary(self.gram, self.names)
        pairs = list(combinations(range(len(self.names)), 2))
        for i, j in pairs:
            if self.seen[i, j] > 0:
                fraction = self.conflicts[i, j] / self.seen[i, j]
                out[f"conflict_fraction/{self.names[i]}_{self.names[j]}"] = fraction.item()
        seen = sum(self.seen[i, j].item() for i, j in pairs)
        out["conflict_fraction"] = sum(self.conflicts[i, j].item() for i, j in pairs) / seen if seen else 0.0
        return {prefix + name: value for name, value in out.items()}
