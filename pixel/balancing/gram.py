"""Where the k x k Gram matrix of the objectives' gradients comes from: at the fork, or over a list of parameters."""

from collections.abc import Iterable, Sequence

import torch
from torch import Tensor


def factored_gram(language: Tensor | None, turns: Sequence[Tensor | None], pooling: Tensor) -> Tensor:
    r"""
    Inner products of the objectives' gradients with respect to the hidden states, head gradients kept factored.

    The gradient of head objective :math:`j` is :math:`P^\top g_j`, so with :math:`\ell` the language gradient

    .. math:: \langle \ell, P^\top g_j \rangle = \langle P \ell, g_j \rangle, \qquad
              \langle P^\top g_i, P^\top g_j \rangle = \langle P P^\top g_i, g_j \rangle

    and no dense copy of the sequence is made for any head. Overlapping turns are exact.

    Args:
        language (`Tensor` or `None`): :math:`\ell`, `[batch, tokens, hidden]`; `None` counts as zero.
        turns (sequence of `Tensor` or `None`): :math:`g_j`, one per head objective, `[batch, turns, hidden]`.
        pooling (`Tensor`): :math:`P`, `[batch, turns, tokens]`.

    Returns:
        `Tensor`: float32 `[k, k]`, symmetric, `k = 1 + len(turns)`, language first. Rows of absent gradients are
        zero. With TF32 matrix products switched on, CUDA rounds the factors to TF32.
    """
    k = 1 + len(turns)
    gram = torch.zeros(k, k, dtype=torch.float32, device=pooling.device)
    weights = pooling.float()
    present = [index for index, gradient in enumerate(turns) if gradient is not None]
    if language is not None:
        gram[0, 0] = torch.linalg.vector_norm(language, dtype=torch.float32).square()
    if not present:
        return gram
    heads = torch.stack([turns[index].float() for index in present])  # [m, batch, turns, hidden]
    overlap = weights @ weights.transpose(1, 2)  # [batch, turns, turns]
    block = (overlap @ heads).flatten(1) @ heads.flatten(1).T  # [m, m]
    rows = torch.tensor(present, device=pooling.device) + 1
    gram[rows.unsqueeze(1), rows] = (block + block.T) / 2
    if language is not None:
        cross = heads.flatten(1) @ (weights @ language.float()).flatten()  # [m]
        gram[0, rows] = cross
        gram[rows, 0] = cross
    return gram


def summed_gram(language: Tensor | None, turns: Sequence[Tensor | None], pooling: Tensor) -> Tensor:
    r"""
    As [`factored_gram`], of the gradients summed over the tokens first.

    These are the gradients with respect to one vector added to every hidden state, so the products are those of
    parameters (a bias at the fork), to which all tokens of all samples add up; [`factored_gram`] takes every token
    for a coordinate of its own. Cheaper, and nearer to full-parameter gradients in both sign and size of the cosines
    (BENCHMARKS.md); of several micro-batches it is not the sum.

    .. math:: \langle 1^\top \ell, \; 1^\top P^\top g_j \rangle

    Args and returns: as [`factored_gram`].
    """
    share = pooling.float().sum(2)  # [batch, turns]: 1, or 0 for a padding turn
    width = next((g.shape[-1] for g in (language, *turns) if g is not None), 1)
    flat = torch.zeros(1 + len(turns), width, dtype=torch.float32, device=pooling.device)
    if language is not None:
        flat[0] = language.sum((0, 1), dtype=torch.float32)
    for index, gradient in enumerate(turns, start=1):
        if gradient is not None:
            flat[index] = torch.einsum("bt,bth->h", share, gradient.float())
    return flat @ flat.T


def gradient_gram(losses: Iterable[Tensor], parameters: Iterable[Tensor], retain_graph: bool = True) -> Tensor:
    """
    Inner products of the gradients of each loss over the given parameters, by one `autograd.grad` a loss.

    Args:
        losses (iterable of `Tensor`): k scalars of one forward pass. One without a graph counts as zero.
        parameters (iterable of `Tensor`): the parameters to differentiate; unused ones count as zero.
        retain_graph (`bool`): keep the graph after the last loss, for the ordinary backward pass that follows.

    Returns:
        `Tensor`: float32 `[k, k]`, symmetric. No `.grad` is written. Memory: k gradients of the parameters.

    Raises:
        ValueError: there is no loss or no parameter that requires a gradient.
    """
    losses, parameters = list(losses), [p for p in parameters if p.requires_grad]
    if not losses or not parameters:
        raise ValueError(f"need losses and trainable parameters, found {len(losses)} and {len(parameters)}")
    rows = []
    for index, loss in enumerate(losses):
        if not loss.requires_grad:
            rows.append([None] * len(parameters))
            continue
        keep = retain_graph or index + 1 < len(losses)
        rows.append(torch.autograd.grad(loss, parameters, retain_graph=keep, allow_unused=True))
    gram = torch.zeros(len(losses), len(losses), dtype=torch.float32, device=parameters[0].device)
    for index, parameter in enumerate(parameters):
        gradients = [torch.zeros_like(parameter) if row[index] is None else row[index] for row in rows]
        flat = torch.stack([gradient.detach().float().flatten() for gradient in gradients])  # [k, numel]
        gram += (flat @ flat.T).to(gram.device)
    return (gram + gram.T) / 2
