"""LoRA-B probe by replication: one forward and one backward pass, for engines that allow no second one."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext

import torch
from torch import Tensor, nn

from .balancer import Balancer


def repeat_batch(batch: Mapping[str, object], k: int) -> dict[str, object]:
    """
    Repeat every tensor k times along its first dimension, copy by copy: copy j of b samples is `[j*b : (j+1)*b]`.

    Values that are no tensors, or have no dimension, are passed on as they are.
    """
    return {
        name: torch.cat([value] * k) if isinstance(value, Tensor) and value.dim() > 0 else value
        for name, value in batch.items()
    }


class ReplicatedProbe:
    """
    Collects per-objective gradients of linear modules from a batch of k copies, in hooks, into a Gram matrix.

    A forward hook keeps the input `a` of each module, a hook on its output receives the gradient `g`; copy j's
    gradient of the weight is `g_j^T a_j`, formed, multiplied into the k x k matrix and dropped, module by module.
    Each module must be called once a forward pass (checkpointed recomputation aside).

    Args:
        modules (mapping): name to linear module without bias, `[out, in]`, from [`lora_b_modules`].
        k (`int`): number of objectives.
    """

    def __init__(self, modules: Mapping[str, nn.Module], k: int):
        self.modules, self.k = dict(modules), k
        self.blocks: dict[str, Tensor] = {}

    @property
    def gram(self) -> Tensor:
        """Float32 `[k, k]`, symmetric, summed over the modules that got a gradient."""
        if not self.blocks:
            raise RuntimeError("the probe saw no gradient: run the forward and the backward pass inside `collect()`")
        device = next(iter(self.blocks.values())).device
        return sum(block.to(device) for block in self.blocks.values())

    @contextmanager
    def collect(self) -> Iterator["ReplicatedProbe"]:
        """Hooks are in place inside, and gone after."""
        self.blocks = {}
        handles = [module.register_forward_hook(self._watch(name)) for name, module in self.modules.items()]
        try:
            yield self
        finally:
            for handle in handles:
                handle.remove()

    def _watch(self, name: str) -> Callable:
        def forward_hook(module: nn.Module, inputs: tuple[Tensor, ...], output: Tensor) -> None:
            if not (torch.is_grad_enabled() and output.requires_grad):
                return  # the first, gradient-free run of a re-entrant checkpoint
            if len(inputs[0]) % self.k:
                raise ValueError(f"{name} got {len(inputs[0])} rows, not {self.k} copies of a batch")
            entering = inputs[0].detach()

            def on_gradient(gradient: Tensor) -> None:
                with torch.no_grad(), torch.autocast(gradient.device.type, enabled=False):
                    left = gradient.detach().reshape(self.k, -1, gradient.shape[-1]).float()
                    right = entering.reshape(self.k, -1, entering.shape[-1]).float()
                    flat = (left.transpose(1, 2) @ right).flatten(1)  # [k, out * in]
                    self.blocks[name] = flat @ flat.T

            output.register_hook(on_gradient)

        return forward_hook


@contextmanager
def untouched_gradients(parameters: Sequence[Tensor]) -> Iterator[None]:
    """Put every `.grad` aside, and put it back after: what a backward pass inside writes is dropped."""
    kept = [parameter.grad for parameter in parameters]
    for parameter in parameters:
        parameter.grad = None
    try:
        yield
    finally:
        for parameter, gradient in zip(parameters, kept, strict=True):
            parameter.grad = gradient


def replicated_gram(
    model: nn.Module,
    modules: Mapping[str, nn.Module],
    copy_losses: Callable[[], Sequence[Tensor]],
    k: int,
    balancer: Balancer | None = None,
    backward: Callable[[Tensor], object] = torch.Tensor.backward,
) -> Tensor:
    """
    Gram matrix of the objectives' gradients over LoRA B matrices, with a single backward pass.

    Costs one pass over k copies of the probe's samples (take b small). Each copy draws its own dropout: switch
    LoRA's dropout off for the probe, or take its noise. On ordinary modules every `.grad` is as before afterwards;
    an engine that keeps gradients elsewhere (DeepSpeed) must be probed right after the optimizer step, and its
    gradients zeroed after the probe. Under DDP run it on the unwrapped module or inside `no_sync()`.

    Args:
        model (`nn.Module`): whose parameters' `.grad` are kept.
        modules (mapping): from [`lora_b_modules`].
        copy_losses (callable): runs one forward pass on [`repeat_batch`] of the samples and returns k scalars,
            the j-th being objective j's loss on the rows of copy j only.
        k (`int`): number of objectives.
        balancer ([`Balancer`] or `None`): paused meanwhile, so that the fork acts as the plain sum.
        backward (callable): how this engine runs a backward pass, e.g. `accelerator.backward`.

    Returns:
        `Tensor`: float32 `[k, k]` of this rank, for `balancer.observe`.

    Raises:
        ValueError: not k losses, or a batch that is not k copies.
        RuntimeError: no gradient reached the modules.
    """
    probe = ReplicatedProbe(modules, k)
    quiet = nullcontext() if balancer is None else balancer.paused()
    with untouched_gradients(list(model.parameters())), quiet, probe.collect(), torch.enable_grad():
        losses = list(copy_losses())
        if len(losses) != k:
            raise ValueError(f"need {k} losses, one a copy, found {len(losses)}")
        backward(sum(losses[1:], start=losses[0]))
    return probe.gram
