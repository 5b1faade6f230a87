"""What a causal language model is made of, read from its configuration without loading torch."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pixel.planning.errors import PlanError

KINDS = ("llama", "mistral", "qwen2", "qwen3", "qwen3_moe")
"""Values of `model_type` whose layers the formulas describe."""


@dataclass(frozen=True)
class Architecture:
    """
    Sizes of a decoder of the Llama family: RMS norms, rotary attention with grouped keys, gated MLP or experts.

    Attributes:
        name: where it came from.
        kind: `model_type`.
        hidden, layers, vocab: width, depth, rows of the embedding.
        heads, kv_heads, head_dim: of the attention.
        mlp: width of a dense layer's MLP.
        tied: whether the LM head is the embedding.
        attention_bias: biases on the query, key and value projections (`qkv`), on all four (`all`), or `none`.
        mlp_bias: biases in the MLP.
        qk_norm: RMS norms on queries and keys.
        experts, top_k, expert_mlp, sparse_layers: of a mixture of experts, else 0.
    """

    name: str
    kind: str
    hidden: int
    layers: int
    vocab: int
    heads: int
    kv_heads: int
    head_dim: int
    mlp: int
    tied: bool = False
    attention_bias: str = "none"
    mlp_bias: bool = False
    qk_norm: bool = False
    experts: int = 0
    top_k: int = 0
    expert_mlp: int = 0
    sparse_layers: int = 0

    @classmethod
    def from_config(cls, config: Mapping[str, Any], name: str = "model") -> "Architecture":
        """
        From a `config.json` as a mapping; of a Pixel model, its `text_config`.

        Raises:
            PlanError: a kind of model that the formulas do not describe, or a size that is missing.
        """
        config = config.get("text_config") or config
        kind = config.get("model_type")
        if kind not in KINDS:
            raise PlanError(f"{name}: model_type {kind!r} has no formula here. Mend: plan one of {', '.join(KINDS)}")
        try:
            hidden, heads = config["hidden_size"], config["num_attention_heads"]
            layers = config["num_hidden_layers"]
            experts = config.get("num_experts") or 0 if kind == "qwen3_moe" else 0
            step, dense = config.get("decoder_sparse_step") or 1, config.get("mlp_only_layers") or []
            sparse = [at for at in range(layers) if experts and at not in dense and (at + 1) % step == 0]
            bias = "all" if config.get("attention_bias") else "qkv" if kind == "qwen2" else "none"
            return cls(
                name=name,
                kind=kind,
                hidden=hidden,
                layers=layers,
                vocab=config["vocab_size"],
                heads=heads,
                kv_heads=config.get("num_key_value_heads") or heads,
                head_dim=config.get("head_dim") or hidden // heads,
                mlp=config["intermediate_size"],
                tied=bool(config.get("tie_word_embeddings", False)),
                attention_bias=bias,
                mlp_bias=bool(config.get("mlp_bias")),
                qk_norm=kind.startswith("qwen3"),
                experts=experts,
                top_k=config["num_experts_per_tok"] if experts else 0,
                expert_mlp=config["moe_intermediate_size"] if experts else 0,
                sparse_layers=len(sparse),
            )
        except KeyError as error:
            raise PlanError(f"{name}: no {error.args[0]} in the configuration. Mend: add it to config.json") from error

    @property
    def query(self) -> int:
        """Width of all queries of a token."""
        return self.heads * self.head_dim

    @property
    def keys(self) -> int:
        """Width of all keys of a token (values are as wide)."""
        return self.kv_heads * self.head_dim

    @property
    def projections(self) -> dict[str, tuple[int, int]]:
        """Inputs and outputs of each linear map of a layer that can get an adapter; experts are not among them."""
        h, q, k, f = self.hidden, self.query, self.keys, self.mlp
        maps = {"q_proj": (h, q), "k_proj": (h, k), "v_proj": (h, k), "o_proj": (q, h)}
        if self.sparse_layers < self.layers:
            maps |= {"gate_proj": (h, f), "up_proj": (h, f), "down_proj": (f, h)}
        return maps

    def layer_parameters(self, sparse: bool) -> dict[str, int]:
        """Parameters of one layer by part: `attention`, `norms`, and `mlp` or `router` and `experts`."""
        h, q, k = self.hidden, self.query, self.keys
        biases = {"none": 0, "qkv": q + 2 * k, "all": q + 2 * k + h}[self.attention_bias]
        parts = {"attention": 2 * h * q + 2 * h * k + biases}
        parts["norms"] = 2 * h + (2 * self.head_dim if self.qk_norm else 0)
        if sparse:
            return parts | {"router": self.experts * h, "experts": self.experts * 3 * h * self.expert_mlp}
        return parts | {"mlp": 3 * h * self.mlp + (2 * self.mlp + h if self.mlp_bias else 0)}

    @property
    def parameters(self) -> dict[str, int]:
        """Parameters of the whole model by part; a tied LM head counts once, as `embedding`."""
        parts = {"embedding": self.vocab * self.hidden, "lm_head": 0 if self.tied else self.vocab * self.hidden}
        for sparse, count in ((False, self.layers - self.sparse_layers), (True, self.sparse_layers)):
            for part, size in self.layer_parameters(sparse).items():
                parts[part] = parts.get(part, 0) + size * count
        parts["norms"] += self.hidden
        return {part: size for part, size in parts.items() if size}

    @property
    def total(self) -> int:
        """All parameters."""
        return sum(self.parameters.values())

    @property
    def active(self) -> int:
        """Parameters that one token uses: of the experts, `top_k` a layer."""
        experts = self.parameters.get("experts", 0)
        return self.total - experts + (experts * self.top_k // self.experts if experts else 0)


def read_architecture(model: str) -> Architecture:
    """
    The architecture behind a name (see `config_of`).

    Raises:
        PlanError: no configuration of that name, or one without a formula.
    """
    return Architecture.from_config(config_of(model), model)


def config_of(model: str) -> dict[str, Any]:
    """
    The backbone's configuration, as a `config.json` holds it: of a folder, of `embedded:smollm2`, of `tiny:KIND`, or
    of a model that ships with Pixel (`published.yaml`), by Hub id.

    Raises:
        PlanError: none of these.
    """
    from pixel.planning.published import published, published_config

    if model.startswith("tiny:"):
        kind = model[5:]
        if kind not in ("llama", "qwen3", "qwen3_moe"):
            raise PlanError(f"no tiny model is called {kind!r}. Mend: use tiny:llama, tiny:qwen3 or tiny:qwen3_moe")
        shape = {"hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 4, "vocab_size": 259, "head_dim": 8}
        shape |= {"num_attention_heads": 4, "num_key_value_heads": 2, "tie_word_embeddings": kind == "llama"}
        if kind == "qwen3_moe":
            shape |= {"num_experts": 4, "num_experts_per_tok": 2, "moe_intermediate_size": 32}
        return shape | {"model_type": kind}
    if model == "embedded:smollm2":
        return published_config("HuggingFaceTB/SmolLM2-135M-Instruct")
    file = Path(model) / "config.json"
    if file.exists():
        try:
            config = json.loads(file.read_text(encoding="utf-8"))
        except json.JSONDecodeError as error:
            raise PlanError(f"{file}: not JSON (line {error.lineno}). Mend: copy the folder again") from error
        return config.get("text_config") or config
    if model in published():
        return published_config(model)
    raise PlanError(
        f"{model}: no folder with a config.json, and no published architecture of that name ships with Pixel. "
        f"Mend: download its config.json into a folder and name that, or use one of: {', '.join(published())}"
    )
