"""What stays in memory from step to step: weights, master copies, optimizer states, and where gradients lie."""

from dataclasses import dataclass

from pixel.planning.setup import BYTES, Setup

STATE_BYTES = {"adamw": 2.0, "adamw_fused": 2.0, "adamw_8bit": 0.0, "sgd": 0.0, "adafactor": 0.01}
"""Optimizer states by parameter, in numbers of the parameter's own dtype (8-bit: see `EIGHT_BIT`)."""
REUSE = 1_000_000_000
"""Elements within which DeepSpeed keeps a parameter that is met again (stage3_max_reuse_distance, its default): a
small network stays whole from the forward to the backward pass. Measured on CPUs (pixel/benchmarks/peak_sharded.py,
19 million parameters): all of them; the peak is no lower with that setting at 0, so a plan does not read it."""
EIGHT_BIT = 2 * (1 + 4 / 256)
"""Bytes a parameter: two moments of a byte, and a float32 scale for each block of 256 (bitsandbytes)."""


@dataclass(frozen=True)
class States:
    """
    Bytes on one device, unless said otherwise.

    Attributes:
        weights, adapters, heads: of the parameters themselves.
        masters: float32 copies that DeepSpeed updates.
        optimizer: moments.
        gradients: when all of them exist.
        trunk_gradient: bytes of the gradient of one number of the trunk, 0 where it is not trained or `always`.
        always: whether gradients exist from step to step (flat buffers), or come and go.
        step: what an optimizer step takes for a moment.
        host: bytes of a whole node's memory that offloading takes: lowest, likely, highest.
    """

    weights: int
    adapters: int
    heads: int
    masters: int
    optimizer: int
    gradients: int
    trunk_gradient: float
    always: bool
    step: int
    host: tuple[int, int, int]

    @property
    def total(self) -> int:
        """All of it at once: what DeepSpeed's estimator calls model states."""
        return self.weights + self.adapters + self.heads + self.masters + self.optimizer + self.gradients


def states(setup: Setup) -> States:
    """The states of one device."""
    a = setup.architecture
    trunk, adapters, heads = a.total, setup.adapters, setup.heads.parameters(a.hidden)
    stored = heads * (1 if setup.full else 2)  # PEFT's modules_to_save keeps the untrained ones beside the copy
    trained = (trunk if setup.full else adapters) + heads
    if setup.zero:
        return _deepspeed(setup, trunk, adapters, stored, trained)
    sharded = setup.count if setup.sharding == "fsdp2" else 1
    own = BYTES[setup.dtype]
    if setup.sharding == "fsdp2" and setup.full and setup.bf16:
        own = 4  # accelerate holds what it trains in float32 and casts as it gathers
    sizes = [(trunk, own)] if setup.full else [(adapters, 4)]
    sizes.append((heads, 4))
    gradients = sum(count * width for count, width in sizes)
    if setup.optimizer == "adamw_8bit":
        moments = trained * EIGHT_BIT
    else:
        moments = STATE_BYTES[setup.optimizer] * gradients
    largest = max(width * (a.vocab * a.hidden if setup.full else a.hidden * setup.lora_rank) for _, width in sizes)
    step = {"adamw": largest if setup.machines.device.is_cpu else gradients, "adafactor": 2 * largest}
    return States(
        weights=trunk * own // sharded,
        adapters=adapters * 4 // sharded,
        heads=stored * 4 // sharded,
        masters=0,
        optimizer=int(moments) // sharded,
        gradients=gradients // sharded,
        trunk_gradient=own / sharded if setup.full else 0.0,
        always=False,
        step=step.get(setup.optimizer, 0) // sharded,
        host=(0, 0, 0),
    )


def _deepspeed(setup: Setup, trunk: int, adapters: int, stored: int, trained: int) -> States:
    count, b = setup.count, setup.width
    stage = int(setup.sharding[-1])
    weights = count if stage == 3 else 1
    gradients = trained * b // (count if stage >= 2 else 1)
    moments = int(STATE_BYTES[setup.optimizer] * 4 * trained) // count
    masters = trained * 4 // count
    step = min(setup.subgroup, trained // count) * 4 if stage == 3 else trained * 4 // count
    nodes = setup.machines.nodes
    host = (0, 0, 0)
    if setup.offload != "none":
        # lowest: master copies and moments. Likely: gradients in both dtypes too. Highest: as DeepSpeed's estimator,
        # which takes 16 bytes and half as much again for buffers.
        each = (4 + 4 * STATE_BYTES[setup.optimizer], 8 + b + 4 * STATE_BYTES[setup.optimizer], 24)
        parameters = b * (trunk + adapters) if setup.offload == "optimizer+parameters" else 0
        host = tuple(int(trained * size + parameters) // nodes for size in each)
        moments = masters = gradients = step = 0
    kept = 0 if setup.offload == "optimizer+parameters" else 1
    return States(
        weights=trunk * b * kept // weights,
        adapters=adapters * b * kept // weights,
        heads=stored * b * kept // weights,
        masters=masters,
        optimizer=moments,
        gradients=gradients,
        trunk_gradient=0.0,
        always=True,
        step=step,
        host=host,
    )


def buffers(setup: Setup) -> dict[str, int]:
    """
    What sharding itself needs beside its shards, bytes on one device.

    ZeRO-3: the layer at work with all its weights and the one fetched ahead (at least one parameter more than
    `prefetch`, at most `live`), or, if that is more, what stays gathered from the forward to the backward pass (see
    `REUSE`); the bucket in which gradients are reduced, and the largest gradient before it goes there. ZeRO-1 and 2:
    the bucket. FSDP2: two gathered layers and one layer's gradients in float32. DDP: a second copy of all gradients,
    as buckets.
    """
    a, b = setup.architecture, setup.width
    layer = max(sum(a.layer_parameters(sparse).values()) for sparse in kinds(setup))
    experts = 2 * a.experts * a.hidden * a.expert_mlp
    largest = max(experts, a.hidden * max(a.mlp if a.sparse_layers < a.layers else 0, a.query), a.vocab * a.hidden)
    of_layer = max(experts, a.hidden * a.query, a.hidden * a.mlp if a.sparse_layers < a.layers else 0)
    trained = largest if setup.full else setup.heads.hidden * a.hidden
    copies = {"autocast copies": a.total * 2} if setup.autocast and setup.dtype == "float32" else {}
    if setup.sharding == "ddp" and setup.count > 1:
        return copies | {"DDP buckets": states(setup).gradients}
    if setup.sharding == "fsdp2":
        both = max(2 * layer, layer + a.vocab * a.hidden) * b
        return {"gathered weights": both, "gradients before reduction": (layer if setup.full else trained) * 4}
    if setup.sharding in ("zero1", "zero2"):
        return {"reduction bucket": min(setup.bucket, max(trained, trained_total(setup))) * b}
    if setup.sharding == "zero3":
        ahead = min(max(layer + max(setup.prefetch, of_layer), largest), max(setup.live, layer))
        kept = REUSE // (3 if setup.checkpointing else 2)  # the layers between are met once more, or twice
        everything = a.total + setup.adapters + setup.heads.parameters(a.hidden)
        return {
            "gathered weights": min(max(ahead, kept), everything) * b,
            "reduction bucket": setup.bucket * b,
            "gradients before reduction": trained * b,
        }
    return copies


def trained_total(setup: Setup) -> int:
    """Parameters that are trained."""
    a = setup.architecture
    return (a.total if setup.full else setup.adapters) + setup.heads.parameters(a.hidden)


def kinds(setup: Setup) -> list[bool]:
    """Which kinds of layer there are: sparse (True), dense (False)."""
    a = setup.architecture
    return [sparse for sparse, count in ((False, a.layers - a.sparse_layers), (True, a.sparse_layers)) if count]
