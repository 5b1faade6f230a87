"""LoRA-B probe inside the step: the gradients that meet at the fork are pulled down the trunk one by one."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

import torch
from torch import Tensor, nn
from torch.utils.hooks import RemovableHandle

from .fork import Fork

LEAST_WEIGHT = 0.1
"""Below this weight at the fork the language gradient is pulled down too, not found as a difference."""


class ForkSweep:
    r"""
    Gram matrix of the objectives' gradients over LoRA B matrices, out of the backward pass of an ordinary step.

    At the fork the gradient of every objective with respect to the hidden states is at hand, so a sweep needs no
    forward pass of its own, and none of its backward passes crosses the LM head, the layers above the fork or the
    heads. The step's own backward pass goes on to give each matrix the sum :math:`t = \sum_i w_i g_i`; so only the
    heads' gradients are pulled down, and the first objective's is

    .. math:: g_0 = \Big(t - \sum_{j > 0} w_j g_j\Big) / w_0

    (it is pulled down like the others where :math:`w_0` is below `LEAST_WEIGHT`). Costs k - 1 backward passes through
    the layers below the fork, and the memory of k - 1 gradients of the matrices. No `.grad` is written; under DDP
    the products are of this rank's own gradients. Matrices above the fork have one gradient and are left out.

    Not for ZeRO-3, FSDP or re-entrant checkpointing, which allow one backward pass: see [`replicated_gram`]. Under
    non-re-entrant checkpointing every pass computes the layers' activations again.

    Args:
        modules (mapping): from [`lora_b_modules`].

    Raises:
        RuntimeError: in the backward pass, if none of the matrices stands below the fork, or the layers there are
            checkpointed re-entrantly.

    Example:
        >>> probe = ForkSweep(lora_b_modules(model))    # doctest: +SKIP
        >>> with probe.armed(fork):                      # doctest: +SKIP
        ...     loss = model(**batch).loss
        >>> loss.backward()                              # doctest: +SKIP
        >>> balancer.observe(probe.take())               # doctest: +SKIP
    """

    def __init__(self, modules: Mapping[str, nn.Module]):
        self.weights = [module.weight for module in modules.values()]
        self._gram: Tensor | None = None
        self._handles: list[RemovableHandle] = []

    @contextmanager
    def armed(self, fork: Fork) -> Iterator[None]:
        """The forward passes made inside are measured when their backward pass comes, inside or after."""
        before, fork.probe = fork.probe, self
        try:
            yield
        finally:
            fork.probe = before

    def take(self) -> Tensor | None:
        """Float32 `[k, k]` of the last armed backward pass that ran to its end, handed out once, or `None`."""
        gram, self._gram = self._gram, None
        return gram

    def __call__(
        self,
        hidden: Tensor,
        language: Tensor | None,
        turns: Sequence[Tensor | None],
        pooling: Tensor,
        weights: Sequence[float],
    ) -> None:
        """
        Called by the fork in its backward pass.

        Args:
            hidden (`Tensor`): `[batch, tokens, hidden]`, what entered the fork, with its graph.
            language (`Tensor` or `None`): the first objective's gradient, like `hidden`.
            turns (sequence of `Tensor` or `None`): every other one's, `[batch, turns, hidden]`.
            pooling (`Tensor`): `[batch, turns, tokens]`.
            weights (sequence of `float`): k, what the fork multiplies the gradients with in this pass.
        """
        self._release()
        heads = any(turn is not None for turn in turns)
        by_difference = heads and language is not None and abs(weights[0]) >= LEAST_WEIGHT
        spread = pooling.transpose(1, 2)
        dense = [None if turn is None else spread @ turn.to(pooling.dtype) for turn in turns]
        rows = [self._pull(hidden, gradient) for gradient in [None if by_difference else language, *dense]]
        columns = list(zip(*rows, strict=True))  # by matrix: the k gradients
        gram = torch.zeros(len(rows), len(rows), dtype=torch.float32, device=hidden.device)
        if by_difference:
            self._wait_for_totals(columns, weights, gram)
            return
        for column in columns:
            gram += _products(column).to(gram.device)
        self._gram = gram

    def _pull(self, hidden: Tensor, gradient: Tensor | None) -> Sequence[Tensor | None]:
        if gradient is None:
            return [None] * len(self.weights)
        found = torch.autograd.grad(
            hidden, self.weights, gradient.to(hidden.dtype), retain_graph=True, allow_unused=True
        )
        if all(g is None for g in found):
            raise RuntimeError(
                "no LoRA matrix is reached from the fork: none stands below the readout layer, or the layers are "
                "checkpointed re-entrantly. Mend: adapters on lower layers, use_reentrant=False, or another probe"
            )
        return found

    def _wait_for_totals(self, columns: list[Sequence[Tensor | None]], weights: Sequence[float], gram: Tensor) -> None:
        """Finish `gram` matrix by matrix, as the step's own backward pass reaches them."""
        reached = [index for index, column in enumerate(columns) if any(g is not None for g in column)]
        waiting = set(reached)

        def hook(index: int, heads: Sequence[Tensor | None]):
            def on_total(total: Tensor) -> None:
                waiting.discard(index)
                rest = sum(w * g for w, g in zip(weights[1:], heads, strict=True) if g is not None)
                gram.add_(_products([(total.detach() - rest) / weights[0], *heads]).to(gram.device))
                if not waiting:
                    self._release()
                    self._gram = gram

            return on_total

        for index in reached:
            self._handles.append(self.weights[index].register_hook(hook(index, columns[index][1:])))

    def _release(self) -> None:
        for handle in self._handles:
            handle.remove()
        self._handles = []


def _products(gradients: Sequence[Tensor | None]) -> Tensor:
    """Inner products of k gradients of one matrix, float32 `[k, k]`; `None` counts as zero."""
    known = next((gradient for gradient in gradients if gradient is not None), None)
    if known is None:
        return torch.zeros(len(gradients), len(gradients))
    flat = torch.stack([torch.zeros_like(known) if g is None else g for g in gradients]).float().flatten(1)
    return flat @ flat.T
