"""What is to be trained and how: everything a plan depends on."""

from dataclasses import dataclass, field

from pixel.planning.architecture import Architecture
from pixel.planning.errors import PlanError
from pixel.planning.hardware import Machines
from pixel.planning.heads import Heads

SHARDINGS = ("none", "ddp", "zero1", "zero2", "zero3", "fsdp2")
OFFLOADS = ("none", "optimizer", "optimizer+parameters")
OPTIMIZERS = ("adamw", "adamw_fused", "adamw_8bit", "sgd", "adafactor")
ATTENTIONS = ("sdpa", "flash", "eager")
BYTES = {"float32": 4, "bfloat16": 2, "float16": 2}


@dataclass(frozen=True)
class Setup:
    """
    Attributes:
        architecture, machines, heads: what, on what, and with which read-outs.
        sharding: `none` (one device), `ddp`, `zero1`, `zero2`, `zero3` (DeepSpeed) or `fsdp2`.
        offload: what lies in host memory: `none`, `optimizer`, `optimizer+parameters` (DeepSpeed).
        lora_rank, lora_targets, lora_layers: adapters; rank 0 trains everything; `lora_layers` 0 is all of them.
        dtype: of the trunk's weights as loaded.
        bf16: `bf16: true` among the training arguments: DeepSpeed and FSDP2 compute in it, elsewhere it is autocast.
        optimizer: `adamw` keeps one temporary a parameter in its step, `adamw_fused` none.
        rows, length, accumulation: of a device's micro-batch in tokens, and how many make an optimizer step.
        turns: turns a row.
        checkpointing: activations are computed again, layer by layer, in the backward pass.
        packed: several conversations a row, kept apart by a mask.
        attention: `sdpa`, `flash`, `eager`.
        fused_loss: TRL's LM loss in tiles, as `PixelTrainer` has it; without it, whole logits.
        bucket, prefetch, live: DeepSpeed's reduce_bucket_size, stage3_prefetch_bucket_size and
            stage3_max_live_parameters, in elements.
        subgroup: DeepSpeed's sub_group_size, in elements: what an optimizer step works on at a time.
    """

    architecture: Architecture
    machines: Machines
    heads: Heads = field(default_factory=Heads)
    sharding: str = "none"
    offload: str = "none"
    lora_rank: int = 0
    lora_targets: tuple[str, ...] = ("q_proj", "k_proj", "v_proj", "o_proj")
    lora_layers: int = 0
    dtype: str = "bfloat16"
    bf16: bool = True
    optimizer: str = "adamw_fused"
    rows: int = 1
    length: int = 4096
    accumulation: int = 1
    turns: int = 16
    checkpointing: bool = True
    packed: bool = True
    attention: str = "sdpa"
    fused_loss: bool = True
    bucket: int = 500_000_000
    prefetch: int = 50_000_000
    live: int = 1_000_000_000
    subgroup: int = 1_000_000_000

    def __post_init__(self):
        one_of("sharding", self.sharding, SHARDINGS)
        one_of("offload", self.offload, OFFLOADS)
        one_of("optimizer", self.optimizer, OPTIMIZERS)
        one_of("attention", self.attention, ATTENTIONS)
        one_of("dtype", self.dtype, BYTES)
        for name in ("rows", "length", "accumulation", "turns"):
            if getattr(self, name) < 1:
                raise PlanError(f"{name} is {getattr(self, name)}. Mend: at least 1")
        if self.sharding == "none" and self.machines.count > 1:
            raise PlanError(f"sharding none uses one device of {self.machines.count}. Mend: ddp, zero3 or fsdp2")
        if self.offload != "none" and not self.zero:
            raise PlanError(f"offload {self.offload} is DeepSpeed's. Mend: sharding zero2 or zero3")
        if self.offload == "optimizer+parameters" and self.sharding != "zero3":
            raise PlanError("parameters are offloaded by ZeRO-3 alone. Mend: sharding zero3")
        if self.zero and self.optimizer in ("adamw_8bit", "adafactor"):
            raise PlanError(f"{self.optimizer} is not planned under DeepSpeed. Mend: adamw_fused, or sharding fsdp2")
        unknown = [name for name in self.lora_targets if name not in self.architecture.projections]
        if self.lora_rank and unknown:
            raise PlanError(
                f"lora_targets: {self.architecture.name} has no {', '.join(unknown)}. "
                f"Mend: use {', '.join(self.architecture.projections)}"
            )

    @property
    def zero(self) -> bool:
        """Whether DeepSpeed shards."""
        return self.sharding.startswith("zero")

    @property
    def count(self) -> int:
        """Devices that take part."""
        return self.machines.count

    @property
    def width(self) -> int:
        """Bytes of a trunk number in the forward pass."""
        if self.bf16 and (self.zero or self.sharding == "fsdp2"):
            return 2
        return BYTES[self.dtype]

    @property
    def autocast(self) -> bool:
        """Whether matrix products are cast on the way."""
        return self.bf16 and not self.zero

    @property
    def tokens(self) -> int:
        """Tokens of a device's micro-batch."""
        return self.rows * self.length

    @property
    def full(self) -> bool:
        """Whether the whole trunk is trained."""
        return not self.lora_rank

    @property
    def adapters(self) -> int:
        """Parameters of the adapters."""
        if self.full:
            return 0
        layers = self.lora_layers or self.architecture.layers
        maps = self.architecture.projections
        dense = self.architecture.layers - self.architecture.sparse_layers
        total = 0
        for name in self.lora_targets:
            count = min(layers, dense) if name in ("gate_proj", "up_proj", "down_proj") else layers
            total += count * self.lora_rank * sum(maps[name])
        return total


def one_of(option: str, given: str, known) -> None:
    """
    Raises:
        PlanError: not known.
    """
    if given not in known:
        raise PlanError(f"{option}: there is no {given!r}. Mend: use one of: {', '.join(known)}")
