"""How many bytes weights, gradients, optimizer states and saved activations take, by component of the network."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager

import torch
from torch import Tensor, nn

Namer = Callable[[str], str]
REST = "loss"


def component_of(name: str) -> str:
    """
    Which part of a Pixel network a parameter or module belongs to, by its name.

    Example:
        >>> component_of("base_model.model.model.layers.3.self_attn.q_proj.lora_A.default.weight")
        'adapters'
        >>> component_of("heads.emotion.read.fields.vad.out.weight"), component_of("model.layers.0.mlp.up_proj.weight")
        ('head emotion', 'trunk')
    """
    if "lora_" in name:
        return "adapters"
    parts = name.split(".")
    if "heads" in parts[:-1]:
        return f"head {parts[parts.index('heads') + 1]}"
    for word in ("pooling", "persona_prefix", "lexical", "lm_head"):
        if word in parts:
            return word
    return "embeddings" if "embed_tokens" in parts else "trunk"


def stored(tensors: Iterable[Tensor | None]) -> int:
    """Bytes of some tensors; those that share storage count once."""
    seen: dict[int, int] = {}
    for tensor in tensors:
        if tensor is not None and tensor.numel():
            storage = tensor.untyped_storage()
            seen[storage.data_ptr()] = storage.nbytes()
    return sum(seen.values())


def weights(model: nn.Module, named: Namer = component_of) -> dict[str, int]:
    """Bytes of parameters and buffers by component; a tied weight counts where it comes first."""
    return _by_component([*model.named_parameters(), *model.named_buffers()], named)


def gradients(model: nn.Module, named: Namer = component_of) -> dict[str, int]:
    """Bytes of the gradients that stand now, by component."""
    return _by_component([(name, p.grad) for name, p in model.named_parameters()], named)


def optimizer_states(
    optimizer: torch.optim.Optimizer, model: nn.Module, named: Namer = component_of
) -> dict[str, int]:
    """Bytes of an optimizer's states, by the component whose parameters they belong to."""
    optimizer = getattr(optimizer, "optimizer", optimizer)  # accelerate's wrap
    names = {id(parameter): name for name, parameter in model.named_parameters()}
    return _by_component(
        [
            (names.get(id(parameter), REST), value)
            for parameter, state in optimizer.state.items()
            for value in state.values()
            if isinstance(value, Tensor)
        ],
        named,
    )


def _by_component(tensors: Iterable[tuple[str, Tensor | None]], named: Namer) -> dict[str, int]:
    found: dict[str, int] = {}
    seen: set[int] = set()
    for name, tensor in tensors:
        if tensor is None or not tensor.numel():
            continue
        storage = tensor.untyped_storage()
        if storage.data_ptr() not in seen:
            seen.add(storage.data_ptr())
            found[named(name)] = found.get(named(name), 0) + storage.nbytes()
    return found


@contextmanager
def saved_activations(model: nn.Module, named: Namer = component_of) -> Iterator[dict[str, int]]:
    """
    Bytes that autograd keeps for the backward pass, by the component whose forward pass kept them.

    What is kept outside any named component (losses, pooling) counts as `loss`. A tensor that several operations keep
    counts once, parameters and their views not at all.

    Args:
        model: whose modules are told apart by `named`.
        named: module name -> component.

    Yields:
        a dictionary that fills up as the forward pass goes.
    """
    found: dict[str, int] = {}
    weights_at = {p.untyped_storage().data_ptr() for p in model.parameters()}
    seen: set[int] = set()
    stack = [REST]
    handles = []

    def keep(tensor: Tensor) -> Tensor:
        storage = tensor.untyped_storage()
        place = storage.data_ptr()
        if place and place not in weights_at and place not in seen:
            seen.add(place)
            found[stack[-1]] = found.get(stack[-1], 0) + storage.nbytes()
        return tensor

    for name, module in model.named_modules():
        if not name or not any(True for _ in module.parameters(recurse=False)):
            continue
        component = named(f"{name}.weight")
        handles.append(module.register_forward_pre_hook(lambda *_, c=component: stack.append(c)))
        handles.append(module.register_forward_hook(lambda *_: stack.pop() and None, always_call=True))
    for name, module in model.named_modules():  # attention scores and the like belong to the layer around them
        if name.split(".")[-1].isdigit() and "layers" in name.split("."):
            handles.append(module.register_forward_pre_hook(lambda *_: stack.append("trunk"), prepend=True))
            handles.append(module.register_forward_hook(lambda *_: stack.pop() and None, always_call=True))
    try:
        with torch.autograd.graph.saved_tensors_hooks(keep, lambda tensor: tensor):
            yield found
    finally:
        for handle in handles:
            handle.remove()
