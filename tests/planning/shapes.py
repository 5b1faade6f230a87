"""A configuration small enough to count by hand, and setups on it."""

from pixel.planning import Architecture, Heads, Setup, read_hardware

TINY = {
    "model_type": "llama", "vocab_size": 10, "hidden_size": 8, "intermediate_size": 12, "num_hidden_layers": 2,
    "num_attention_heads": 4, "num_key_value_heads": 2, "head_dim": 3, "tie_word_embeddings": False,
}  # fmt: skip
SPARSE = TINY | {
    "model_type": "qwen3_moe", "num_experts": 6, "num_experts_per_tok": 2, "moe_intermediate_size": 5,
}  # fmt: skip


def setup(model: str | dict = "Qwen/Qwen3-30B-A3B", hardware: str = "8xa100-80gb", **more) -> Setup:
    """A setup of a configuration or a published model."""
    from pixel.planning import read_architecture

    found = read_architecture(model) if isinstance(model, str) else Architecture.from_config(model)
    machines = read_hardware(hardware)
    given = {"sharding": "none" if machines.count == 1 else "zero3", "heads": Heads(fields=("risk",), hidden=0)}
    return Setup(architecture=found, machines=machines, **(given | more))
