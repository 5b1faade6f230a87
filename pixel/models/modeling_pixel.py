"""The Pixel network: a causal language model that reads out every turn of the conversation it continues."""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from transformers import AutoConfig, AutoModel, Cache, GenerationMixin, PreTrainedModel
from transformers import initialization as init
from transformers.modeling_outputs import CausalLMOutputWithPast
from transformers.models.mixtral.modeling_mixtral import load_balancing_loss_func

from .configuration_pixel import PixelConfig
from .heads import PixelHeads
from .lexical import LexicalExpert
from .persona_prefix import PersonaPrefix
from .pooling import TurnPooling, mean_over_turns

Fork = Callable[[Tensor, Tensor], tuple[Tensor, dict[str, Tensor]]]
HEAD_OBJECTIVES = ("eq", "persona", "clinical", "empathy")


@dataclass
class PixelOutput(CausalLMOutputWithPast):
    """
    Args:
        readouts: raw logits by label field, `[batch, turns, width]`; `None` if no turn spans were given.
        readout_states: token states at the readout layer, then at the taps, `[batch, tokens, (1 + taps) * hidden]`,
            where asked for.
        aux_loss: load-balancing loss of a mixture-of-experts backbone, where asked for.
    """

    readouts: dict[str, Tensor] | None = None
    readout_states: Tensor | None = None
    aux_loss: Tensor | None = None


class _Enough(Exception):
    """Raised at the readout layer when nothing above it is wanted."""


class PixelPreTrainedModel(PreTrainedModel):
    """Loading, saving and initialisation shared by Pixel models."""

    config_class = PixelConfig
    base_model_prefix = "model"
    supports_gradient_checkpointing = True
    _supports_sdpa = True
    _supports_flash_attn = True
    _supports_flex_attn = True
    _supports_attention_backend = True
    _can_compile_fullgraph = False
    _keep_in_fp32_modules_strict = ["heads", "pooling", "lexical"]  # small, and a read-out is a small difference

    def _init_weights(self, module: nn.Module) -> None:
        """As transformers does, but where a layer says itself what it starts from (on the layer that owns the weight:
        in code that travels, transformers passes by modules without weights of their own)."""
        super()._init_weights(module)
        if hasattr(module, "initial_weight"):
            init.constant_(module.weight, module.initial_weight)
        if hasattr(module, "initial_bias"):
            init.constant_(module.bias, module.initial_bias)


class PixelForCausalLM(PixelPreTrainedModel, GenerationMixin):
    """
    A causal language model with heads on its turn states.

    `model` is the backbone without its LM head, exactly as `AutoModel` builds it, so `from_pretrained` also loads a
    plain causal language model: the backbone comes from the checkpoint and only the heads are new.

    The heads read the output of decoder layer `config.readout_layer`, pooled over each turn's own tokens. Callers say
    where the turns are with `turn_spans [batch, turns, 2]`; without it nothing is read and the model is the plain one.

    `fork`, if set, takes the place of plain pooling: `fork(hidden, pooling) -> (hidden, {objective: turn_states})`. A
    trainer puts there what combines the objectives' gradients.
    """

    _tied_weights_keys = {"lm_head.weight": "model.embed_tokens.weight"}

    def __init__(self, config: PixelConfig):
        super().__init__(config)
        text = config.text_config
        self.model = AutoModel.from_config(text)
        if not hasattr(self.model, "layers"):
            raise ValueError(f"{text.model_type!r} cannot be read: its backbone has no `layers`; use Llama or Qwen3")
        self.lm_head = nn.Linear(text.hidden_size, text.vocab_size, bias=False)
        self.pooling = TurnPooling(text.hidden_size, config.readout_pooling)
        self.heads = PixelHeads(config)
        self.lexical = LexicalExpert(text.vocab_size, config.lexical_fields) if config.lexical_fields else None
        if config.persona_prefix_length:
            self.persona_prefix = PersonaPrefix(text.hidden_size, config.persona_prefix_length)
        self.fork: Fork | None = None
        self._reading: dict = {}
        self.model.register_forward_pre_hook(self._before_backbone, with_kwargs=True)
        for tap in config.readout_taps:
            self.model.layers[tap - 1].register_forward_hook(self._at_tap)
        self.model.layers[config.readout_layer - 1].register_forward_hook(self._at_readout_layer)
        self.model.register_forward_hook(self._after_backbone)
        self.post_init()

    @classmethod
    def from_pretrained(cls, pretrained_model_name_or_path, *args, config=None, **kwargs):
        """As `PreTrainedModel.from_pretrained`; a plain causal language model is wrapped, its heads are new."""
        if config is None:
            hub = ("cache_dir", "force_download", "local_files_only", "token", "revision", "subfolder")
            config = AutoConfig.from_pretrained(
                pretrained_model_name_or_path, **{key: kwargs[key] for key in hub if key in kwargs}
            )
        if config.model_type != PixelConfig.model_type:  # by name: remote code has a class object of its own
            config = PixelConfig(text_config=config)
        return super().from_pretrained(pretrained_model_name_or_path, *args, config=config, **kwargs)

    # ── reading ──

    def _before_backbone(self, backbone, args, kwargs):
        """Take what is ours out of the backbone's arguments."""
        self._reading = reading = {}
        for name in ("turn_spans", "turn_mask", "read_only"):
            if name in kwargs:
                reading[name] = kwargs.pop(name)
        if reading.get("turn_spans") is not None and kwargs.get("attention_mask") is None:
            if kwargs.get("use_cache") is None and kwargs.get("past_key_values") is None:
                kwargs["use_cache"] = False  # with a cache, transformers does not look for packed conversations
        slots = kwargs.pop("persona_slots", None)
        if slots is None and self.config.persona_prefix_length and self.training and "input_ids" in kwargs:
            slots = torch.full_like(kwargs["input_ids"], -1)  # no slot, but every rank's prefix takes part
        if slots is not None:
            kwargs["inputs_embeds"] = self.persona_prefix(backbone.embed_tokens(kwargs["input_ids"]), slots)
            reading["input_ids"] = kwargs.pop("input_ids")
        elif reading.get("turn_spans") is not None:
            reading["input_ids"] = kwargs.get("input_ids", args[0] if args else None)
        return args, kwargs

    def _at_tap(self, layer, args, output):
        hidden = output[0] if isinstance(output, tuple) else output
        self._reading.setdefault("taps", []).append(hidden.detach())

    def _at_readout_layer(self, layer, args, output):
        reading = self._reading
        hidden = output[0] if isinstance(output, tuple) else output
        reading["hidden"] = hidden
        spans = reading.get("turn_spans")
        if spans is None:
            if reading.get("read_only"):
                raise _Enough
            return None
        pooling = self.pooling(hidden, spans)  # [batch, turns, tokens]
        constant = pooling.detach()
        if self.fork is not None and torch.is_grad_enabled():
            hidden, states = self.fork(hidden, constant)
        else:
            pooled = torch.matmul(constant.to(hidden.dtype), hidden)
            states = dict.fromkeys(HEAD_OBJECTIVES, pooled)
        states = {name: self.pooling.gather(state) for name, state in states.items()}
        if pooling.requires_grad:  # the pooling query's own gradient, which does not pass through the fork
            learned = self.pooling.gather(torch.matmul(pooling.to(hidden.dtype), reading["hidden"].detach()))
            states = {name: state + (learned - learned.detach()) for name, state in states.items()}
        if self.config.readout_taps:
            below = [mean_over_turns(tap, spans).to(hidden.dtype) for tap in reading["taps"]]
            states = {name: torch.cat([state, *below], -1) for name, state in states.items()}
        reading["states"] = states
        if reading.get("read_only"):
            raise _Enough
        return (hidden, *output[1:]) if isinstance(output, tuple) else hidden

    def _after_backbone(self, backbone, args, output):
        self._read()

    def _read(self) -> None:
        reading = self._reading
        if "states" in reading:
            readouts = self.heads(reading["states"], reading.get("turn_mask"))
            if self.lexical is not None and not self.training:
                readouts = self.with_words(readouts, reading["input_ids"], reading["turn_spans"])
            reading["readouts"] = readouts

    def with_words(self, readouts: dict[str, Tensor], input_ids: Tensor, turn_spans: Tensor) -> dict[str, Tensor]:
        """Average the heads' logits with the lexical expert's, where it has any."""
        words = self.lexical(input_ids, turn_spans)
        return readouts | {name: (readouts[name].float() + words[name]) / 2 for name in words if name in readouts}

    def take_readouts(self) -> dict[str, Tensor] | None:
        """The read-outs of the last forward pass, handed out once (so that no graph is kept alive)."""
        reading, self._reading = self._reading, {}
        return reading.get("readouts")

    def read(self, input_ids: Tensor, turn_spans: Tensor, turn_mask: Tensor | None = None, **kwargs):
        """
        Read-outs alone: runs the backbone up to the readout layer and stops there.

        Args:
            input_ids: `[batch, tokens]`.
            turn_spans: `[batch, turns, 2]`.
            turn_mask: `[batch, turns]`.

        Returns:
            logits by field, `[batch, turns, width]`.
        """
        self.hidden_at_readout(input_ids, turn_spans=turn_spans, turn_mask=turn_mask, keep=True, **kwargs)
        self._read()
        return self.take_readouts()

    def turn_states(self, input_ids: Tensor, turn_spans: Tensor, **kwargs) -> Tensor:
        """What the heads read, `[batch, turns, config.turn_state_size]`; for heads trained on a frozen trunk."""
        self.hidden_at_readout(input_ids, turn_spans=turn_spans, keep=True, **kwargs)
        reading, self._reading = self._reading, {}
        return reading["states"]["eq"]

    def hidden_at_readout(self, input_ids: Tensor, keep: bool = False, **kwargs) -> Tensor:
        """Token states at the readout layer `[batch, tokens, hidden]`; nothing above it is computed."""
        try:
            kwargs.setdefault("use_cache", False)
            self.model(input_ids=input_ids, read_only=True, **kwargs)
        except _Enough:
            pass
        hidden = self._reading["hidden"]
        if not keep:
            self._reading = {}
        return hidden

    # ── language ──

    def forward(
        self,
        input_ids: Tensor | None = None,
        attention_mask: Tensor | None = None,
        position_ids: Tensor | None = None,
        past_key_values: Cache | None = None,
        inputs_embeds: Tensor | None = None,
        labels: Tensor | None = None,
        use_cache: bool | None = None,
        logits_to_keep: int | Tensor = 0,
        turn_spans: Tensor | None = None,
        turn_mask: Tensor | None = None,
        persona_slots: Tensor | None = None,
        readout_states: bool = False,
        **kwargs,
    ) -> PixelOutput:
        """
        Args:
            input_ids: int `[batch, tokens]`.
            labels: int `[batch, tokens]`, -100 where the language loss looks away.
            turn_spans: int `[batch, turns, 2]`, first and last content token of each turn, -1 for none.
            turn_mask: int `[batch, turns]`, 0 where there is no turn, else the number (1, 2, ...) of its conversation.
            persona_slots: int `[batch, tokens]`, which soft-prompt vector stands at a token, -1 for none.
            readout_states: also return the token states at the readout layer and the taps.

        Returns:
            `PixelOutput` with `logits`, `loss` where labels were given, and `readouts` where spans were given.
        """
        outputs = self.model(
            input_ids=input_ids,
            attention_mask=attention_mask,
            position_ids=position_ids,
            past_key_values=past_key_values,
            inputs_embeds=inputs_embeds,
            use_cache=use_cache,
            **({"turn_spans": turn_spans, "turn_mask": turn_mask} if turn_spans is not None else {}),
            **({"persona_slots": persona_slots} if persona_slots is not None else {}),
            **kwargs,
        )
        hidden = outputs.last_hidden_state
        keep = slice(-logits_to_keep, None) if isinstance(logits_to_keep, int) else logits_to_keep
        logits = self.lm_head(hidden[:, keep])
        loss = None
        if labels is not None:
            loss = self.loss_function(logits, labels, self.config.text_config.vocab_size, **kwargs)
        aux_loss = None
        if getattr(outputs, "router_logits", None):
            text = self.config.text_config
            aux_loss = load_balancing_loss_func(
                outputs.router_logits, text.num_experts, text.num_experts_per_tok, attention_mask
            )
            if loss is not None:
                loss = loss + text.router_aux_loss_coef * aux_loss.to(loss.device)
        states = None
        if readout_states:
            states = torch.cat([self._reading["hidden"], *self._reading.get("taps", [])], -1)
        return PixelOutput(
            loss=loss,
            logits=logits,
            past_key_values=outputs.past_key_values,
            hidden_states=outputs.hidden_states,
            attentions=outputs.attentions,
            readouts=self.take_readouts(),
            readout_states=states,
            aux_loss=aux_loss,
        )

    def head_modules(self) -> list[str]:
        """Names of the modules that are not the backbone's, for PEFT's `modules_to_save`."""
        names = [f"heads.{name}" for name in self.heads]
        if self.pooling.query is not None:
            names.append("pooling")
        return names + (["persona_prefix"] if self.config.persona_prefix_length else [])
