"""Linear read-outs fitted to the optimum: a convex problem, solved by L-BFGS, its penalty chosen by grouped folds."""

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

PENALTIES = (1.0, 0.3, 0.1, 0.03, 0.01)
"""L2 penalties that are tried, strongest first, for 576 features; they grow with the square root of the width."""

MANY = 20_000
"""Turns from which the strongest penalties are not tried: so many need less, and each pass over them is dear."""


@dataclass
class Problem:
    """
    One linear map to fit.

    Attributes:
        features: float32 `[turns, inputs]`.
        targets: float32 `[turns, logits]` in [0, 1] with NaN for unknown; class ids `[turns]` for `softmax`.
        groups: `[turns]`, the person or thread of each turn: never on both sides of a fold.
        softmax: one of several classes, instead of independent logits.
        classes: number of logits.
        masks: float `[candidates, inputs]` of 0 and 1: which features a candidate may use.
    """

    features: Tensor
    targets: Tensor
    groups: np.ndarray
    softmax: bool
    classes: int
    masks: Tensor


@dataclass
class Fit:
    """
    A fitted map: `logits = ((features - mean) / scale) @ weight + bias`.

    Attributes:
        mean, scale: float `[inputs]`.
        weight: float `[inputs, logits]`; bias: float `[logits]`.
        held_out: float `[turns, logits]`, each turn's logits from a fit that did not see its group.
        penalty, mask: what was chosen.
        loss_prior, loss: mean held-out loss of the constant answer, and of the fit.
    """

    mean: Tensor
    scale: Tensor
    weight: Tensor
    bias: Tensor
    held_out: Tensor
    penalty: float
    mask: int
    loss_prior: float
    loss: float


def fold_of_groups(groups: np.ndarray, folds: int, seed: int = 0) -> np.ndarray:
    """A fold number for every turn, the same for all turns of a group."""
    names, index = np.unique(groups, return_inverse=True)
    return (np.random.default_rng(seed).permutation(len(names)) % folds)[index]


def fit_problem(problem: Problem, *, folds: int = 3, seed: int = 0) -> Fit:
    """
    Choose penalty and features by held-out loss over grouped folds, then fit on all turns.

    Penalties are walked from strong to weak, starting each fold from its last solution, until the held-out loss rises.

    Args:
        problem: what to fit.
        folds: at least 2; fewer groups than folds use leave-one-group-out.
        seed: of the folds.

    Returns:
        the fit, with out-of-fold logits of its own training turns (for thresholds).
    """
    many = len(problem.groups) > MANY
    fold = fold_of_groups(problem.groups, folds, seed)
    numbers = [n for n in np.unique(fold) if 0 < (fold == n).sum() < len(fold)]
    width = (problem.features.size(1) / 576) ** 0.5
    best: tuple[float, float, int, Tensor] | None = None
    for mask, columns in enumerate(problem.masks.bool()):
        warm: dict[int, tuple[Tensor, Tensor]] = {}
        last = float("inf")
        for penalty in PENALTIES[2:] if many else PENALTIES:
            held_out = torch.zeros(len(fold), problem.classes)
            for number in numbers:
                inside = torch.from_numpy(fold != number)
                scaled, rest = _scaled(problem.features[:, columns], inside)
                weight, bias = _solve(scaled, problem.targets[inside], problem, penalty * width, warm.get(number), 12)
                held_out[~inside] = rest @ weight + bias
                warm[number] = weight, bias
            loss = float(_loss(held_out, problem.targets, problem.softmax))
            if best is None or loss < best[0]:
                best = (loss, penalty, mask, held_out)
            if loss > last * 1.002:
                break
            last = min(loss, last)
    loss, penalty, mask, held_out = best
    columns = problem.masks[mask].bool()
    mean, scale = _moments(problem.features)
    scaled = ((problem.features - mean) / scale)[:, columns]
    part, bias = _solve(scaled, problem.targets, problem, penalty * width, None, 60)
    weight = torch.zeros(problem.features.size(1), problem.classes)
    weight[columns] = part
    prior = float(_loss(_prior(problem).expand(len(fold), -1), problem.targets, problem.softmax))
    return Fit(mean, scale, weight, bias, held_out, penalty, mask, prior, loss)


def _scaled(features: Tensor, inside: Tensor) -> tuple[Tensor, Tensor]:
    """The turns inside and outside a fold's training part, standardised by the inside."""
    mean, scale = _moments(features[inside])
    return (features[inside] - mean) / scale, (features[~inside] - mean) / scale


def _moments(features: Tensor) -> tuple[Tensor, Tensor]:
    return features.mean(0), features.std(0, correction=0).clamp(min=1e-4)


def _prior(problem: Problem) -> Tensor:
    """Logits of the constant answer, `[1, logits]`."""
    if problem.softmax:
        counts = torch.bincount(problem.targets.long(), minlength=problem.classes).float() + 0.5
        return counts.log()[None]
    known = ~problem.targets.isnan()
    share = (problem.targets.nan_to_num().sum(0) + 0.5) / (known.sum(0) + 1.0)
    return torch.logit(share)[None]


def _loss(logits: Tensor, targets: Tensor, softmax: bool) -> Tensor:
    """Cross-entropy summed over a turn's logits, mean over turns."""
    if softmax:
        return F.cross_entropy(logits, targets.long())
    known = ~targets.isnan()
    each = F.binary_cross_entropy_with_logits(logits, targets.nan_to_num(), reduction="none")
    return torch.where(known, each, 0.0).sum() / len(targets)


def _solve(
    features: Tensor,
    targets: Tensor,
    problem: Problem,
    penalty: float,
    start: tuple[Tensor, Tensor] | None,
    steps: int,
) -> tuple[Tensor, Tensor]:
    if start is None:
        start = torch.zeros(features.size(1), problem.classes), _prior(problem)[0]
    weight, bias = (part.clone().requires_grad_() for part in start)
    optimizer = torch.optim.LBFGS(
        [weight, bias], max_iter=steps, history_size=8, line_search_fn="strong_wolfe", tolerance_change=1e-7
    )

    def closure() -> Tensor:
        optimizer.zero_grad()
        loss = _loss(features @ weight + bias, targets, problem.softmax) + penalty / 2 * weight.square().sum()
        loss.backward()
        return loss

    optimizer.step(closure)
    return weight.detach(), bias.detach()
