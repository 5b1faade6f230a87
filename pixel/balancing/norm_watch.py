"""Gradient norms over time: their running medians, and a cap on the share that one objective takes of an update."""

from collections import deque
from collections.abc import Sequence
from statistics import median

import torch
from torch import Tensor

from .checks import number, whole
from .conflicts import norms


class NormWatch:
    r"""
    Remembers the gradient norms of the last solves and lowers the weight of an objective that outgrows the others.

    With current norm :math:`n_i`, running median norm :math:`\tilde n_j` and weights :math:`w`, objective i gets

    .. math:: \min\big(w_i, \; \mathrm{cap} \cdot \mathrm{median}_{j \ne i}(w_j \tilde n_j) / n_i\big)

    so that its part of the update is at most `cap` times the usual part of the others. A spike of one objective is
    held back in the step it appears in; a lasting change of another one moves the medians and with them the limit.

    Args:
        names (sequence of `str`): the k objectives.
        cap (`float`): above 0; 2 to 10 are usual.
        window (`int`): how many norms of each objective the median runs over.

    Raises:
        ValueError: `cap` is not above 0, or `window` not a whole number of at least 1.

    Example:
        >>> watch = NormWatch(("language", "eq"), cap=2.0)
        >>> watch(torch.ones(2, dtype=torch.float64), torch.diag(torch.tensor([1.0, 100.0]))).tolist()
        [1.0, 0.2]
    """

    def __init__(self, names: Sequence[str], cap: float, window: int = 100):
        self.names, self.cap = tuple(names), number("norm_cap", cap, above=0)
        self._norms = {name: deque(maxlen=whole("window", window)) for name in self.names}
        self.seen = 0
        self.capped = dict.fromkeys(self.names, 0)

    def medians(self) -> dict[str, float]:
        """Running median norm of each objective that has had a gradient."""
        return {name: median(past) for name, past in self._norms.items() if past}

    def __call__(self, weights: Tensor, gram: Tensor) -> Tensor:
        """
        Take in the norms of one solve and limit its weights.

        Args:
            weights (`Tensor`): finite, `[k]`.
            gram (`Tensor`): the finite `[k, k]` they belong to. Objectives without a gradient in it are not judged
                and not remembered.

        Returns:
            `Tensor`: float64 `[k]`, nowhere above `weights`.
        """
        now = norms(gram).tolist()
        for name, norm in zip(self.names, now, strict=True):
            if norm > 0:
                self._norms[name].append(norm)
        usual, old = self.medians(), weights.tolist()
        parts = {name: weight * usual[name] for name, weight in zip(self.names, old, strict=True) if name in usual}
        new = list(old)
        for i, name in enumerate(self.names):
            others = [part for other, part in parts.items() if other != name and part > 0]
            if now[i] > 0 and others:
                new[i] = min(old[i], self.cap * median(others) / now[i])
            self.capped[name] += new[i] < old[i]
        self.seen += 1
        return torch.tensor(new, dtype=torch.float64)

    def as_dict(self) -> dict[str, float]:
        """Floats for a log: `median_norm/NAME`, and `capped/NAME`, the share of solves that were limited."""
        log = {f"median_norm/{name}": value for name, value in self.medians().items()}
        return log | {f"capped/{name}": count / max(self.seen, 1) for name, count in self.capped.items()}

    def state_dict(self) -> dict:
        """JSON-able: the norms in the window and the counts."""
        norms = {name: list(past) for name, past in self._norms.items()}
        return {"norms": norms, "capped": dict(self.capped), "seen": self.seen}

    def load_state_dict(self, state: dict) -> None:
        """
        Resume from `state_dict`.

        Raises:
            ValueError: it was saved with other objectives.
        """
        if tuple(state["norms"]) != self.names:
            raise ValueError(f"this state is of the objectives {tuple(state['norms'])}, not {self.names}")
        for name, past in self._norms.items():
            past.clear()
            past.extend(state["norms"][name])
        self.capped, self.seen = {name: int(state["capped"][name]) for name in self.names}, int(state["seen"])
