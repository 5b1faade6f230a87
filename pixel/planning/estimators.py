"""The same question asked of others: DeepSpeed's own estimator, and a count on the meta device."""

from typing import Any

from pixel.planning.architecture import Architecture
from pixel.planning.heads import Heads
from pixel.planning.setup import Setup


def deepspeed_estimate(setup: Setup) -> dict[str, dict[str, int]]:
    """
    DeepSpeed's estimate for ZeRO-3 (`estimate_zero3_model_states_mem_needs`), its formula, so that DeepSpeed need not
    be installed; tests/planning holds it against the original.

    It takes 18 bytes a parameter (float32 gradients among them), knows no activations and no adapters: everything
    counts as trained.

    Returns:
        by `none`, `optimizer`, `optimizer+parameters`: bytes `gpu` a device and `host` a node.
    """
    a, machines = setup.architecture, setup.machines
    total, largest = a.total, largest_layer(a)
    around, share = 1.5, 1 / machines.nodes
    return {
        "none": {
            "gpu": 4 * largest + int(18 * total / machines.count),
            "host": int(largest * 4 * machines.per_node * around),
        },
        "optimizer": {
            "gpu": 4 * largest + int(2 * total / machines.count),
            "host": int(total * 16 * share * around),
        },
        "optimizer+parameters": {"gpu": 4 * largest, "host": int(total * 18 * share * around)},
    }


def largest_layer(architecture: Architecture) -> int:
    """Parameters of the largest single module, as DeepSpeed counts them: an embedding, or all experts of a layer."""
    a = architecture
    sizes = [a.vocab * a.hidden, a.hidden * max(a.mlp, a.query)]
    sizes += [a.layer_parameters(True)["experts"]] if a.sparse_layers else []
    return max(sizes)


def count_on_meta(config: dict[str, Any], heads: Heads) -> dict[str, int]:
    """
    Build the network on the meta device, where tensors have no memory, and count.

    Args:
        config: of the backbone, as in `config.json`.
        heads: of the read-outs.

    Returns:
        `backbone` (with the LM head, tied weights once) and `heads`, parameters.
    """
    import torch
    from transformers import AutoConfig

    from pixel.models import PixelConfig, PixelForCausalLM

    given = {name: value for name, value in config.items() if name != "model_type"}
    pooling = ["attention"] if heads.attends else ["mean"]
    pooling += ["mean", "last"][: heads.states - 1]
    options = PixelConfig(
        text_config=AutoConfig.for_model(config["model_type"], **given),
        fields=list(heads.fields) or None,
        head_hidden_size=heads.hidden,
        shared_size=heads.shared,
        emotion_attention=heads.emotion_attention,
        persona_prefix_length=heads.prefix,
        readout_pooling="+".join(dict.fromkeys(pooling)),
    )
    with torch.device("meta"):
        network = PixelForCausalLM(options)
    ours = ("heads.", "pooling.", "persona_prefix.")
    found = {"backbone": 0, "heads": 0}
    for name, parameter in network.named_parameters():
        found["heads" if name.startswith(ours) else "backbone"] += parameter.numel()
    return found
