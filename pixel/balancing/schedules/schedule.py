"""What every schedule of loss weights is: weights before a step, an observation after it, a state between runs."""

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor

from ..checks import distinct_names, per_objective, whole
from ..json_state import JsonState


class Schedule(JsonState):
    """
    Base of all schedules. A strategy overrides [`weights`], and [`learn`] if it looks at what happened.

    Nothing is drawn at random and every rank observes the same numbers, so all ranks hold the same weights.

    Args:
        objectives (sequence of `str`): the k objectives, the language objective first.
        total_steps (`int`): optimizer steps of the run.

    Raises:
        ValueError: no or repeated objectives, or fewer than one step.
    """

    wants_losses = False
    """Whether [`observe`] looks at the losses."""
    wants_gram = False
    """Whether [`observe`] looks at the Gram matrix."""

    def __init__(self, objectives: Sequence[str], total_steps: int):
        self.objectives = distinct_names(objectives)
        self.total_steps = whole("total_steps", total_steps)

    @property
    def k(self) -> int:
        """Number of objectives."""
        return len(self.objectives)

    def fraction(self, step: int) -> float:
        """How far the run is: 0 at the first optimizer step, 1 at the last and after it."""
        return min(step / max(self.total_steps - 1, 1), 1.0)

    def weights(self, step: int) -> Tensor:
        """Weights for the 0-based optimizer step `step`, float64 `[k]`, >= 0; mean 1 unless the strategy says so."""
        raise NotImplementedError

    def observe(self, step: int, losses: Tensor | None, gram: Tensor | None = None) -> None:
        """
        Take in what happened in optimizer step `step`; call it once a step, in order, on every rank.

        Args:
            step (`int`): 0-based.
            losses (`Tensor` or `None`): `[k]`, unweighted means of the step; NaN (or infinite) where nothing was
                labelled. `None`: not measured.
            gram (`Tensor` or `None`): `[k, k]`, inner products of the **unweighted** losses' gradients. A
                non-finite one counts as not measured.

        Raises:
            ValueError: the shapes are not those of k objectives.
        """
        losses = unseen(self.k) if losses is None else losses.detach().double().cpu()
        if losses.shape != (self.k,) or (gram is not None and gram.shape != (self.k, self.k)):
            found = (tuple(losses.shape), None if gram is None else tuple(gram.shape))
            raise ValueError(f"losses must be [{self.k}] and the Gram matrix [{self.k}, {self.k}], found {found}")
        seen = losses.isfinite()
        if gram is not None:
            gram = gram.detach().double().cpu()
        if gram is not None and not bool(gram.isfinite().all()):
            gram = None
        self.learn(torch.where(seen, losses, torch.nan), seen, gram)

    def learn(self, losses: Tensor, seen: Tensor, gram: Tensor | None) -> None:
        """
        Update the state; by default there is nothing to learn.

        Args:
            losses (`Tensor`): float64 `[k]`, NaN where not seen.
            seen (`Tensor`): bool `[k]`.
            gram (`Tensor` or `None`): finite, float64 `[k, k]`.
        """


def mean_one(weights: Tensor) -> Tensor:
    """Weights `[k]` scaled to mean 1."""
    return weights * (weights.numel() / weights.sum())


def follow(running: Tensor, losses: Tensor, smoothing: float) -> Tensor:
    """
    Exponential average of losses `[k]`, `smoothing` being the share of the past.

    The first value is taken as it is (`running` is NaN until then); NaN losses keep the running value.
    """
    mixed = torch.where(running.isnan(), losses, smoothing * running + (1.0 - smoothing) * losses)
    return torch.where(losses.isnan(), running, mixed)


def unseen(k: int) -> Tensor:
    """A running value before anything was seen: NaN, float64 `[k]`."""
    return torch.full((k,), torch.nan, dtype=torch.float64)


def start_and_end(
    start: Mapping[str, float] | None, end: Mapping[str, float] | None, objectives: Sequence[str]
) -> tuple[Tensor, Tensor]:
    """
    Weights to go from and to, float64 `[k]` each.

    By default the run starts with the first objective (language) at 1 and the others at 0.1, and ends with all at 1:
    the reply is learnt first. If only one of the two is given, the other is 1 for each.
    """
    if start is None and end is None:
        start = {name: 1.0 if place == 0 else 0.1 for place, name in enumerate(objectives)}
    return per_objective("start", start, objectives), per_objective("end", end, objectives)
