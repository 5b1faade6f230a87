"""How fast a run may be: floating-point operations, bytes between devices, and an honest interval around both."""

from dataclasses import dataclass
from types import SimpleNamespace

from pixel.monitoring.flops import TokenFlops, hardware_flops, token_flops, training_flops
from pixel.planning.setup import Setup

DENSE_MFU = (0.25, 0.40, 0.55)
"""Share of a GPU's peak that dense models reach in training: lowest, likely, highest. Sources: PaLM (Chowdhery et al.,
2022) 46%, Megatron-LM (Korthikanti et al., 2022) 42 to 57% on A100; a Trainer without tuned kernels stays below."""
SPARSE_MFU = (0.008, 0.05, 0.32)
"""The same for mixtures of experts with many small experts. Sources: Qwen3-30B-A3B full fine-tuning, 90 tokens/s a GPU
under ms-swift with ZeRO-3 (0.8%) and 853 under Megatron (7.6%), 16 x A100; 32% (adjusted for causal attention) with
expert parallelism in TRL#5713. No public figure has ZeRO-3 with grouped products on eight GPUs: the likely one is a
guess between them."""
HOST_LINK = 25.0e9
"""Bytes/s between a device and host memory (PCIe 4 x16, what it reaches)."""
CPU_ADAM = 0.26e-9
"""Seconds a parameter that DeepSpeed's Adam takes on one node's CPUs (Ren et al., "ZeRO-Offload", USENIX ATC 2021)."""


@dataclass(frozen=True)
class Throughput:
    """
    Attributes:
        flops_per_token: of the model, forward and backward, every token attending to the whole row (the convention in
            which MFU is stated).
        compute: seconds of an optimizer step spent computing: slowest, likely, fastest.
        communication: seconds for the bytes that go between devices, if nothing else happened.
        offload: seconds for host memory and the CPU's optimizer.
        tokens: of an optimizer step over all devices.
    """

    flops_per_token: float
    compute: tuple[float, float, float]
    communication: float
    offload: float
    tokens: int

    @property
    def seconds(self) -> tuple[float, float, float]:
        """Of an optimizer step: slowest (nothing overlaps), likely (half does), fastest (all does)."""
        slow, likely, fast = self.compute
        return (
            slow + self.communication + self.offload,
            likely + self.communication / 2 + self.offload,
            max(fast, self.communication) + self.offload,
        )

    @property
    def tokens_per_second(self) -> tuple[float, float, float]:
        """Over all devices: lowest, likely, highest."""
        return tuple(self.tokens / seconds for seconds in self.seconds)


def forward_flops(setup: Setup) -> TokenFlops:
    """Of one token through the model, as a run counts them too, every token attending to the whole row."""
    a = setup.architecture
    config = SimpleNamespace(
        model_type=a.kind, hidden_size=a.hidden, num_hidden_layers=a.layers, vocab_size=a.vocab,
        num_attention_heads=a.heads, num_key_value_heads=a.kv_heads, head_dim=a.head_dim, intermediate_size=a.mlp,
        num_experts=a.experts, num_experts_per_tok=a.top_k, moe_intermediate_size=a.expert_mlp,
        mlp_only_layers=range(a.layers - a.sparse_layers),
    )  # fmt: skip
    return token_flops(config, setup.length)


def flops_of(setup: Setup) -> tuple[float, float]:
    """Forward and backward, a token: what MFU is counted in, and what is computed under activation checkpointing."""
    flops, small = forward_flops(setup), {"frozen": not setup.full, "adapters": 2.0 * setup.adapters}
    small["heads"] = 2.0 * setup.heads.parameters(setup.architecture.hidden) * setup.turns / setup.length
    model = training_flops(flops, **small)
    return model, hardware_flops(flops, **small, activation_checkpointing=setup.checkpointing)


def traffic(setup: Setup) -> tuple[float, float]:
    """Bytes a device sends: in each micro-batch, and in each optimizer step."""
    a, b, share = setup.architecture, setup.width, (setup.count - 1) / setup.count
    heads = setup.heads.parameters(a.hidden)
    weights, trained = a.total + setup.adapters + heads, (a.total if setup.full else setup.adapters) + heads
    if setup.sharding == "zero3":
        return share * b * (2 * weights + trained), 0.0
    if setup.sharding == "fsdp2":
        return share * (2 * b * weights + 4 * trained), 0.0
    if setup.sharding == "zero2":
        return share * b * trained, share * b * trained
    if setup.sharding == "zero1":
        return 0.0, share * b * 3 * trained
    return 0.0, share * 2 * trained * (b if setup.full else 4)


def throughput(setup: Setup) -> Throughput:
    """
    The estimate for one optimizer step.

    Activation checkpointing adds a forward pass; float32 runs at half the bf16 peak (TF32).
    """
    a, device = setup.architecture, setup.machines.device
    model, done = flops_of(setup)
    peak = device.bf16 if setup.width < 4 or setup.autocast else device.bf16 / 2
    tokens = setup.tokens * setup.accumulation
    shares = SPARSE_MFU if a.sparse_layers else DENSE_MFU
    compute = tuple(tokens * done / (peak * share) for share in shares)
    each, step = traffic(setup)
    heads = setup.heads.parameters(a.hidden)
    trained = (a.total if setup.full else setup.adapters) + heads
    offload = 0.0
    if setup.offload != "none":
        offload = trained * CPU_ADAM / setup.machines.nodes + 2 * trained * setup.width / setup.count / HOST_LINK
    if setup.offload == "optimizer+parameters":
        offload += setup.accumulation * 2 * a.total * setup.width / setup.count / HOST_LINK
    return Throughput(
        flops_per_token=model,
        compute=compute,
        communication=(each * setup.accumulation + step) / setup.machines.bandwidth,
        offload=offload,
        tokens=tokens * setup.count,
    )


def checkpoint_bytes(setup: Setup) -> dict[str, int]:
    """What goes to disk: `checkpoint` (a resumable one), `model` (the weights that are kept at the end)."""
    a = setup.architecture
    heads = setup.heads.parameters(a.hidden)
    trained = (a.total if setup.full else setup.adapters) + heads
    b = setup.width
    weights = (a.total * b if setup.full else setup.adapters * b) + heads * b
    moments = {"adamw": 2, "adamw_fused": 2, "adamw_8bit": 0.5, "sgd": 0, "adafactor": 0.01}[setup.optimizer]
    states = (4 + 4 * moments) * trained if setup.zero else moments * (b if setup.full else 4) * trained
    return {"checkpoint": int(weights + states), "model": a.total * b + heads * 4}
