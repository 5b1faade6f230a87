"""
Floating-point operations of a transformer, a token at a time, from its configuration.

A multiply-add counts as two. Counted are matrix products: attention projections and scores, MLPs or the experts that
are active, routers, the LM head. Norms, softmax, rotary embeddings and look-ups are left out, as everywhere (Kaplan et
al. 2020, section 2.1; PaLM, appendix B; Megatron-LM, appendix A): below 1 percent but for very narrow networks.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

TWO_MATRIX_MLPS = ("gpt2", "gpt_neo", "gpt_neox", "gptj", "opt", "phi", "bloom", "falcon", "starcoder2", "mpt")
"""Model types whose MLP has no gate: up and down, and not gate, up and down."""


@dataclass(frozen=True)
class TokenFlops:
    """
    A forward pass, FLOPs a token.

    Attributes:
        projections: query, key, value and output of attention, all layers.
        scores: query times key, and attention times value, all layers; no weights take part.
        mlp: MLPs, or the active experts (shared ones among them).
        router: what chooses the experts.
        lm_head: on the tokens it is computed for.
    """

    projections: float
    scores: float
    mlp: float
    router: float
    lm_head: float

    @property
    def layers(self) -> float:
        """All but the LM head: what activation checkpointing computes again."""
        return self.projections + self.scores + self.mlp + self.router

    @property
    def weighted(self) -> float:
        """All that multiplies with weights, and so has weight gradients where the weights are trained."""
        return self.projections + self.mlp + self.router + self.lm_head

    @property
    def forward(self) -> float:
        """Everything."""
        return self.layers + self.lm_head


def mean_keys(lengths: Iterable[int]) -> float:
    """
    How many keys a token attends to on average under causal attention, documents apart.

    A document of n tokens has n (n + 1) / 2 pairs; a packed row is several documents.

    Args:
        lengths: of the documents, in tokens.

    Example:
        >>> mean_keys([3])  # 1, 2 and 3 keys
        2.0
        >>> mean_keys([1, 1, 1])
        1.0
    """
    pairs = tokens = 0
    for length in lengths:
        pairs += length * (length + 1) // 2
        tokens += length
    return pairs / tokens if tokens else 0.0


def token_flops(config: Any, keys: float, *, lm_head_share: float = 1.0, layers: int | None = None) -> TokenFlops:
    """
    Count a forward pass.

    Args:
        config: of a Llama-, Qwen- or Mixtral-like causal language model, or one that has it as `text_config`.
        keys: a token attends to: `mean_keys` of the documents; the row's length for the convention of PaLM and TRL,
            which takes attention as if it were not causal.
        lm_head_share: of the tokens the LM head is computed on, in [0, 1]; 1 unless the loss picks the learned ones.
        layers: count only the lowest so many and, where some are left out, no LM head (a network that is only read).

    Raises:
        ValueError: attention of another kind (latent, linear, state space), which this does not count.
    """
    config = getattr(config, "text_config", None) or config
    depth = config.num_hidden_layers if layers is None else min(layers, config.num_hidden_layers)
    hidden, heads = config.hidden_size, config.num_attention_heads
    _require_plain_attention(config)
    groups = getattr(config, "num_key_value_heads", None) or heads
    width = getattr(config, "head_dim", None) or hidden // heads
    projections = 2 * hidden * width * (2 * heads + 2 * groups)  # query and output; key and value
    scores = mlp = router = 0.0
    for layer in range(depth):
        scores += 4 * heads * width * min(keys, _window(config, layer))
        if is_sparse(config, layer):
            mlp += _expert_mlp(config)
            router += 2 * hidden * experts(config)
        else:
            mlp += _gated(config) * 2 * hidden * _dense_width(config)
    whole = depth == config.num_hidden_layers
    lm_head = 2 * hidden * config.vocab_size * lm_head_share if whole else 0.0
    return TokenFlops(float(depth * projections), float(scores), float(mlp), float(router), float(lm_head))


def training_flops(flops: TokenFlops, *, frozen: bool = False, adapters: float = 0.0, heads: float = 0.0) -> float:
    """
    Model FLOPs a token of forward and backward, what MFU is counted in: nothing that is computed twice.

    The backward pass of a trained matrix costs two products, of its input's and its own gradient; a frozen one has
    the first alone, so 4 of 6. Scores have no weights and both operands have gradients: always 3 forward passes.

    Args:
        flops: of the trunk.
        frozen: the trunk's matrices are frozen under adapters (LoRA).
        adapters: forward FLOPs a token of the adapters: twice their parameters (times the share of tokens that see
            them, for adapters of experts).
        heads: forward FLOPs a token of what else is trained: twice the heads' parameters times turns a token.
    """
    return 3 * flops.scores + (2 if frozen else 3) * flops.weighted + 3 * (adapters + heads)


def hardware_flops(
    flops: TokenFlops,
    *,
    frozen: bool = False,
    adapters: float = 0.0,
    heads: float = 0.0,
    activation_checkpointing: bool = False,
) -> float:
    """`training_flops`, and what activation checkpointing computes a second time: the layers, once."""
    again = flops.layers + adapters if activation_checkpointing else 0.0
    return training_flops(flops, frozen=frozen, adapters=adapters, heads=heads) + again


# ── what configurations call things ──


def experts(config: Any) -> int:
    """Experts a sparse layer chooses from; 0 for a dense network."""
    names = ("num_experts", "num_local_experts", "n_routed_experts")
    return next((int(count) for name in names if (count := getattr(config, name, None))), 0)


def is_sparse(config: Any, layer: int) -> bool:
    """Whether a layer (counted from 0) has experts."""
    if not experts(config) or layer in (getattr(config, "mlp_only_layers", None) or ()):
        return False
    if layer < (getattr(config, "first_k_dense_replace", None) or 0):
        return False
    return (layer + 1) % (getattr(config, "decoder_sparse_step", None) or 1) == 0


def _expert_mlp(config: Any) -> float:
    hidden = config.hidden_size
    width = getattr(config, "moe_intermediate_size", None) or config.intermediate_size
    active = getattr(config, "num_experts_per_tok", None) or getattr(config, "top_k", 1)
    shared = (getattr(config, "n_shared_experts", None) or 0) * width
    shared += getattr(config, "shared_expert_intermediate_size", None) or 0
    return _gated(config) * 2 * hidden * (active * width + shared)


def _gated(config: Any) -> int:
    return 2 if getattr(config, "model_type", "") in TWO_MATRIX_MLPS else 3


def _dense_width(config: Any) -> int:
    width = getattr(config, "intermediate_size", None) or getattr(config, "n_inner", None)
    return width or 4 * config.hidden_size


def _window(config: Any, layer: int) -> float:
    """Most keys a layer lets a token see."""
    kinds, window = getattr(config, "layer_types", None), getattr(config, "sliding_window", None)
    if not window or getattr(config, "use_sliding_window", True) is False:
        return float("inf")
    if kinds is None:
        return float(window) if getattr(config, "model_type", "") == "mistral" else float("inf")
    return float(window) if kinds[layer] == "sliding_attention" else float("inf")


def _require_plain_attention(config: Any) -> None:
    kinds = set(getattr(config, "layer_types", None) or ())
    other = kinds - {"full_attention", "sliding_attention", "chunked_attention"}
    if other or getattr(config, "kv_lora_rank", None):
        what = ", ".join(sorted(other)) or "latent attention"
        raise ValueError(f"{getattr(config, 'model_type', 'this network')}: FLOPs of {what} are not counted")
