"""The peak of a training step: what is alive at each of its moments, part by part."""

from collections.abc import Iterator
from dataclasses import dataclass

from pixel.planning import activations
from pixel.planning.hardware import GIB
from pixel.planning.lm_loss import lm_loss
from pixel.planning.setup import Setup
from pixel.planning.states import buffers, kinds, states

FRAGMENTATION = (0.0, 0.05, 0.15)
"""Share of activations and buffers that an allocator cannot use: least, likely, most. An assumption: PyTorch's own
figure depends on the order of sizes; expandable_segments:True brings it near the least."""


@dataclass(frozen=True)
class Moment:
    """A named moment of a step, and the bytes alive in it by part."""

    name: str
    parts: dict[str, int]

    @property
    def total(self) -> int:
        return sum(self.parts.values())


@dataclass(frozen=True)
class Memory:
    """
    Attributes:
        moments: all that were looked at.
        overhead: bytes that a process takes before its first tensor.
        device_bytes: of the device.
        host: bytes of a node's host memory that offloading takes: least, likely, most.
    """

    moments: list[Moment]
    overhead: int
    device_bytes: int
    host: tuple[int, int, int]

    @property
    def peak(self) -> Moment:
        """The fullest moment."""
        return max(self.moments, key=lambda moment: moment.total)

    @property
    def allocated(self) -> int:
        """Bytes that tensors hold at the peak."""
        return self.peak.total

    @property
    def interval(self) -> tuple[int, int, int]:
        """What the device must have: least, likely, most."""
        moving = sum(size for part, size in self.peak.parts.items() if part not in STANDING)
        return tuple(self.allocated + self.overhead + int(share * moving) for share in FRAGMENTATION)

    @property
    def margin(self) -> int:
        """Bytes of the device that stay free at the likely figure; negative where it does not fit."""
        return self.device_bytes - self.interval[1]

    @property
    def verdict(self) -> str:
        """`fits` with the most that it may take, `tight` with the likely figure, or `does not fit`."""
        least, likely, most = self.interval
        if most <= self.device_bytes:
            return "fits"
        return "tight" if likely <= self.device_bytes else "does not fit"


STANDING = ("weights", "adapters", "heads", "master copies", "optimizer states")
"""Parts that are allocated once."""


def memory(setup: Setup) -> Memory:
    """Look at every moment of an optimizer step after the first (when the optimizer has its states)."""
    device = setup.machines.device
    return Memory(
        moments=list(_Step(setup).moments()),
        overhead=int(device.overhead_gib * GIB),
        device_bytes=int(device.memory_gib * GIB),
        host=states(setup).host,
    )


class _Step:
    """
    One optimizer step. Going backward, activations go and gradients come, so the fullest moment lies at one of the
    ends: in the language loss, in the last layer, in the first, at the embedding, or in the optimizer.
    """

    def __init__(self, setup: Setup):
        self.setup, self.states, self.around = setup, states(setup), buffers(setup)
        self.whole = self.states.always or setup.accumulation > 1  # gradients stand while the next pass goes forward
        a = setup.architecture
        self.counts = {sparse: a.sparse_layers if sparse else a.layers - a.sparse_layers for sparse in kinds(setup)}
        self.attention, self.input = activations.attention(setup), activations.layer_input(setup)

    def moments(self) -> Iterator[Moment]:
        """Every moment that may be the fullest."""
        setup, a = self.setup, self.setup.architecture
        width = self.states.trunk_gradient
        embedding = a.vocab * a.hidden
        heads = setup.heads.activations(a.hidden, setup.rows * setup.turns, setup.width)
        top = {"activations: heads and views": heads, "activations: last norm": activations.top(setup)}
        yield self.moment("language loss", 0, self.counts, top | {"loss": lm_loss(setup)})
        for sparse, count in self.counts.items():
            layer = a.layer_parameters(sparse)
            of_mlp = int((layer.get("mlp", 0) + layer.get("experts", 0)) * width)
            above = setup.heads.parameters(a.hidden) * 4 + int(embedding * width)
            below = self.counts | {sparse: count - 1}
            yield from self.layer("last", sparse, above, of_mlp, below)
            above = self.states.gradients - int((sum(layer.values()) + (0 if a.tied else embedding)) * width)
            yield from self.layer("first", sparse, above, of_mlp, {})
        if setup.full and not setup.zero:  # the embedding's gradient is dense, and is added to what is there
            again = embedding * setup.width if a.tied or setup.accumulation > 1 else 0
            yield self.moment("embedding", self.states.gradients, {}, {"work space": again + self.input})
        standing = self.standing() | {"gradients": self.states.gradients, "optimizer's step": self.states.step}
        around = {part: size for part, size in self.around.items() if part != "gathered weights"}
        yield Moment("optimizer step", _without_zeros(standing | around))

    def layer(self, place: str, sparse: bool, gradients: int, of_mlp: int, below: dict) -> Iterator[Moment]:
        """A layer going backward: while its MLP or experts are at work, and while its attention is."""
        setup, name = self.setup, _name(sparse)
        rest = activations.experts(setup) if sparse else activations.mlp(setup)
        work = {"activations: attention": self.attention}
        if setup.checkpointing:
            work["activations: layer inputs"] = self.input
        mlp = work | {f"activations: {name}": rest, "work space": activations.mlp_moment(setup, sparse)}
        yield self.moment(f"{place} layer's {name}", gradients, below, mlp)
        attention = work | {"work space": activations.attention_moment(setup)}
        yield self.moment(f"{place} layer's attention", gradients + of_mlp, below, attention)

    def standing(self) -> dict[str, int]:
        """What is there at every moment."""
        kept = self.states
        return dict(
            zip(STANDING, (kept.weights, kept.adapters, kept.heads, kept.masters, kept.optimizer), strict=True)
        )

    def moment(self, name: str, gradients: int, below: dict[bool, int], more: dict[str, int]) -> Moment:
        """All parts: `gradients` bytes of them so far, `below` layers whose activations still wait, and `more`."""
        setup = self.setup
        found = self.standing() | {"gradients": self.states.gradients if self.whole else gradients} | self.around
        found["activations: embeddings and mask"] = activations.once(setup)
        for sparse, count in below.items():
            rest = activations.experts(setup) if sparse else activations.mlp(setup)
            kept = {"attention": self.attention, _name(sparse): rest}
            for part, size in ({"layer inputs": self.input} if setup.checkpointing else kept).items():
                found[f"activations: {part}"] = found.get(f"activations: {part}", 0) + count * size
        for part, size in more.items():
            found[part] = found.get(part, 0) + size
        return Moment(name, _without_zeros(found))


def _name(sparse: bool) -> str:
    return "experts" if sparse else "MLP"


def _without_zeros(parts: dict[str, int]) -> dict[str, int]:
    return {part: size for part, size in parts.items() if size}
