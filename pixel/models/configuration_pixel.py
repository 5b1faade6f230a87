"""Configuration of a Pixel network: a causal language model and the heads that read its turns."""

import copy
from dataclasses import field

from transformers import AutoConfig, PreTrainedConfig
from transformers.configuration_utils import SubConfigSpec

from .labels import FIELDS


class PixelConfig(PreTrainedConfig):
    """
    Args:
        text_config: configuration of the backbone: any causal language model `AutoModel` knows with `layers` to hook
            (Llama, Qwen3, Qwen3-MoE, ...).
        readout_layer: the decoder layer (1 .. depth) whose output the heads read; `None` takes three quarters of the
            depth. Half the depth read as well on SmolLM2 (BENCHMARKS.md); compare with
            `recipes/benchmark.py readout`.
        readout_pooling: how a turn's token states become one: `mean`, `last`, `attention` (learned query, softmax
            over the turn's tokens), or several side by side, such as `mean+last`.
        fields: the label fields that get a head, by name; `None` for all of `labels.FIELDS`.
        trained_fields: the fields this model was trained on. Read-outs of the others are not shown.
        head_hidden_size: width of the hidden layer of every head; 0 for linear heads.
        head_dropout: dropout before each linear map of the heads, in [0, 1).
        shared_size: width of the bottleneck of a residual layer that all heads read through; 0 for none. What heads on
            a frozen trunk learn from one another.
        readout_taps: lower layers that the heads read as well, each as the mean over the turn. They send no gradient
            down; the trunk learns through the readout layer.
        lexical_fields: the fields that also have a lexical expert (see `lexical.LexicalExpert`).
        emotion_attention: let the emotion head attend over earlier turns.
        persona_prefix_length: soft-prompt vectors per persona mode; 0 for none.
        offsets: per field, fitted on held-out turns: what is added to each logit before it becomes a probability, so
            that 0.5 is where a label counts as present; for ordinal fields, to each level's log-probability.

    Raises:
        ValueError: `readout_layer` outside the depth, a tap not below it, or a field that does not exist.
    """

    model_type = "pixel"
    sub_configs_defaults = {"text_config": SubConfigSpec(config_class=AutoConfig, model_type="llama")}

    text_config: dict | PreTrainedConfig | None = None
    readout_layer: int | None = None
    readout_pooling: str = "mean"
    readout_taps: list[int] = field(default_factory=list)
    fields: list[str] | None = None
    trained_fields: list[str] = field(default_factory=list)
    head_hidden_size: int = 256
    head_dropout: float = 0.1
    shared_size: int = 0
    lexical_fields: list[str] = field(default_factory=list)
    emotion_attention: bool = False
    persona_prefix_length: int = 0
    offsets: dict[str, list[float]] = field(default_factory=dict)
    tie_word_embeddings: bool = False
    initializer_range: float = 0.02

    def __post_init__(self, **kwargs):
        self.text_config = copy.deepcopy(self.text_config)  # transformers writes into it; it may be a model's own
        super().__post_init__(**kwargs)
        self.tie_word_embeddings = self.text_config.tie_word_embeddings
        depth = self.text_config.num_hidden_layers
        if self.readout_layer is None:
            self.readout_layer = max(1, round(0.75 * depth))
        if not 1 <= self.readout_layer <= depth:
            raise ValueError(f"readout_layer is {self.readout_layer}, but the backbone has layers 1 to {depth}")
        if any(not 1 <= tap < self.readout_layer for tap in self.readout_taps):
            raise ValueError(f"readout_taps are {self.readout_taps}; they must lie below layer {self.readout_layer}")
        self.fields = list(FIELDS) if self.fields is None else list(self.fields)
        for name in (*self.fields, *self.trained_fields, *self.lexical_fields):
            if name not in FIELDS:
                raise ValueError(f"unknown field {name!r} in the configuration; known: {', '.join(FIELDS)}")

    @property
    def turn_state_size(self) -> int:
        """Width of a turn state: the poolings at the readout layer, then the taps."""
        return self.text_config.hidden_size * (len(self.readout_pooling.split("+")) + len(self.readout_taps))
