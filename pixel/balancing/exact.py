"""The yardstick: Gram matrices of full-parameter gradients, and how faithful a cheaper Gram matrix is to them."""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

import torch
from torch import Tensor, nn

from .conflicts import cosines
from .gram import gradient_gram


def exact_gram(losses: Mapping[str, Tensor], parameters: nn.Module | Iterable[Tensor]) -> Tensor:
    """
    Gram matrix of the objectives' gradients over every trainable parameter, for study.

    Costs k backward passes and the memory of k gradients of the model. Under a fork, call it inside
    `balancer.paused()`.

    Args:
        losses (mapping): objective to scalar loss, all of one forward pass; the order is that of the result.
        parameters (`nn.Module` or iterable of `Tensor`): frozen parameters are left out. To compare with what
            balancing can change, give the trunk without the heads: each head's gradient is its objective's alone.

    Returns:
        `Tensor`: float32 `[k, k]`. The graph is kept for the ordinary backward pass.

    Raises:
        ValueError: nothing to differentiate.
    """
    if isinstance(parameters, nn.Module):
        parameters = parameters.parameters()
    return gradient_gram(losses.values(), parameters)


class Fidelity(NamedTuple):
    """
    How two sources of Gram matrices agree, over all pairs of objectives of all batches.

    Attributes:
        sign_agreement (`float`): share of pairs whose cosines have the same sign, in [0, 1].
        correlation (`float`): Pearson's correlation of the cosines; NaN if either side is constant.
        pairs (`int`): how many pairs were compared.
    """

    sign_agreement: float
    correlation: float
    pairs: int


def fidelity(estimated: Tensor | Sequence[Tensor], exact: Tensor | Sequence[Tensor]) -> Fidelity:
    """
    Compare Gram matrices batch by batch, pair by pair.

    Args:
        estimated (`Tensor` or sequence): one `[k, k]` a batch.
        exact (`Tensor` or sequence): the same batches, in the same order.

    Returns:
        [`Fidelity`] over the pairs of distinct objectives that have a gradient on both sides.

    Raises:
        ValueError: the lists differ in length or shape, or no pair can be compared.
    """
    estimated, exact = ([x] if isinstance(x, Tensor) and x.dim() == 2 else list(x) for x in (estimated, exact))
    if [tuple(a.shape) for a in estimated] != [tuple(b.shape) for b in exact]:
        raise ValueError(f"found {len(estimated)} and {len(exact)} Gram matrices, or shapes that differ")
    left, right = [], []
    for a, b in zip(estimated, exact, strict=True):
        rows, columns = torch.triu_indices(len(a), len(a), offset=1)
        a, b = cosines(a.cpu())[rows, columns], cosines(b.cpu())[rows, columns]
        known = ~(a.isnan() | b.isnan())
        left.append(a[known])
        right.append(b[known])
    pairs = torch.stack([torch.cat(left), torch.cat(right)]) if left else torch.zeros(2, 0)
    count = pairs.shape[1]
    if count == 0:
        raise ValueError("no pair of objectives has a gradient on both sides")
    agreement = ((pairs[0] < 0) == (pairs[1] < 0)).double().mean().item()
    correlation = torch.corrcoef(pairs)[0, 1].item() if count > 1 else float("nan")
    return Fidelity(agreement, correlation, count)
