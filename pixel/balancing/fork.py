"""The fork: where the objectives' gradients meet, inside one ordinary backward pass."""

from collections.abc import Callable

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

from .balancer import Balancer
from .gram import factored_gram

GramOf = Callable[[Tensor | None, tuple[Tensor | None, ...], Tensor], Tensor]


class _Meet(torch.autograd.Function):
    """Identity and pooling forward; one weighted combination of the objectives' gradients backward."""

    @staticmethod
    def forward(ctx, hidden: Tensor, pooling: Tensor, fork: "Fork"):
        ctx.set_materialize_grads(False)  # an objective without a loss arrives as None, not as a dense zero
        ctx.save_for_backward(pooling, *([] if fork.probe is None else [hidden]))
        ctx.balancer, ctx.gram, ctx.probe = fork.balancer, fork.gram, fork.probe
        with torch.autocast(hidden.device.type, enabled=False):
            turn_states = pooling @ hidden  # [batch, turns, hidden]
        return hidden.view_as(hidden), *(turn_states.view_as(turn_states) for _ in fork.balancer.objectives[1:])

    @staticmethod
    @once_differentiable
    def backward(ctx, language: Tensor | None, *turns: Tensor | None):
        pooling, *hidden = ctx.saved_tensors
        balancer = ctx.balancer
        with torch.autocast(pooling.device.type, enabled=False):
            gram = ctx.gram(language, turns, pooling) if balancer.wants_gram else None
            first, *rest = balancer.in_backward(gram).tolist()
            if hidden:
                ctx.probe(*hidden, language, turns, pooling, (first, *rest))
            return combine(language, turns, pooling, first, rest), None, None


def combine(
    language: Tensor | None, turns: tuple[Tensor | None, ...], pooling: Tensor, first: float, rest: list[float]
) -> Tensor | None:
    """`first * language + pooling^T @ sum_j rest[j] * turns[j]`: `[batch, tokens, hidden]`, or None if all are."""
    wide = torch.promote_types(pooling.dtype, torch.float32)
    present = [(weight, gradient) for weight, gradient in zip(rest, turns, strict=True) if gradient is not None]
    if not present:
        return None if language is None else language * first
    pooled = sum(weight * gradient.to(wide) for weight, gradient in present)  # [batch, turns, hidden]
    pooled, spread = pooled.to(pooling.dtype), pooling.transpose(1, 2)  # spread: [batch, tokens, turns]
    if language is None:
        return spread @ pooled
    return torch.baddbmm(language, spread, pooled, beta=first)


class Fork:
    """
    Hands every objective its own view of the hidden states, and passes one weighted gradient down the trunk.

    The first objective of the balancer (language) reads the whole sequence, every other one the pooled turn
    states. In the backward pass the balancer turns the Gram matrix of their gradients into weights `w`, and the
    trunk receives `w[0] * g_language + pooling^T @ sum_j w[j] * g_j`. Heads keep their own gradients unscaled.

    Nothing here needs a second backward pass, so it works under gradient accumulation, autocast, DDP, FSDP and
    ZeRO-3. Place it in a forward hook of the read-out layer, outside any activation checkpointing (since
    transformers 5 a decoder layer checkpoints `forward`, and its hooks stay outside). If the fork itself lies in
    a region checkpointed without re-entrance it is still counted once; under re-entrant checkpointing such a
    region runs first without gradients and the turn states would not reach the trunk.

    Args:
        balancer ([`Balancer`]): names the objectives and decides the weights.
        gram (callable): what the balancer gets of the gradients, `gram(language, turns, pooling) -> [k, k]`:
            [`factored_gram`] by default, or [`summed_gram`].

    Attributes:
        probe: `None`, or what looks at the gradients of the forward passes made while it is set, in their backward
            pass: `probe(hidden, language, turns, pooling, weights)`, see [`ForkSweep`].

    Example:
        >>> import torch
        >>> fork = Fork(Balancer(("language", "eq")))
        >>> hidden, pooling = torch.randn(2, 6, 4, requires_grad=True), torch.full((2, 3, 6), 1 / 6)
        >>> language, turn_states = fork(hidden, pooling)
        >>> language.shape, turn_states["eq"].shape
        (torch.Size([2, 6, 4]), torch.Size([2, 3, 4]))
    """

    def __init__(self, balancer: Balancer, gram: GramOf | None = None):
        self.balancer, self.gram = balancer, gram or factored_gram
        self.probe: Callable | None = None

    def __call__(self, hidden: Tensor, pooling: Tensor) -> tuple[Tensor, dict[str, Tensor]]:
        """
        Args:
            hidden (`Tensor`): `[batch, tokens, hidden]`, any floating dtype.
            pooling (`Tensor`): `[batch, turns, tokens]`, a constant: 1/length inside a turn's span and 0 outside
                for the mean; all-zero rows for padding turns. It is cast to the dtype of `hidden`, and gets no
                gradient.

        Returns:
            the sequence for the language branch (do not modify it in place), and each other objective's turn
            states `[batch, turns, hidden]`, in the dtype of `hidden`. Without gradients (or with a frozen trunk)
            these are the hidden states themselves and plain pooled states.

        Raises:
            ValueError: the shapes do not belong together.
        """
        if hidden.dim() != 3 or pooling.dim() != 3 or pooling.shape[::2] != hidden.shape[:2]:
            raise ValueError(
                f"hidden must be [batch, tokens, hidden] and pooling [batch, turns, tokens], "
                f"found {tuple(hidden.shape)} and {tuple(pooling.shape)}"
            )
        pooling = pooling.detach().to(hidden)
        names = self.balancer.objectives[1:]
        if torch.is_grad_enabled() and hidden.requires_grad:
            language, *turn_states = _Meet.apply(hidden, pooling, self)
            return language, dict(zip(names, turn_states, strict=True))
        with torch.autocast(hidden.device.type, enabled=False):
            return hidden, dict.fromkeys(names, pooling @ hidden)
