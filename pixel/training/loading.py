"""From `model_name_or_path` to a network and its tokenizer."""

from dataclasses import asdict
from pathlib import Path

import torch
from transformers import AutoConfig, AutoModelForCausalLM
from transformers.utils import logging

from pixel.models import PixelConfig, PixelForCausalLM
from pixel.models.pooling import TurnPooling
from pixel.training.arguments import ModelArguments, SettingError
from pixel.training.chat_tokenizer import byte_tokenizer, load_tokenizer
from pixel.training.embedded import smollm2
from pixel.training.hardware import Hardware

PIXEL_OPTIONS = (
    "readout_layer", "readout_pooling", "readout_taps", "fields", "head_hidden_size", "head_dropout", "shared_size",
    "emotion_attention", "persona_prefix_length",
)  # fmt: skip


EXPERTS = ("grouped_mm", "batched_mm", "eager")


class ModelFolderError(ValueError):
    """A model folder that cannot be used; says which file and what to do."""


def load_pixel(model: ModelArguments, *, dtype: torch.dtype | None = None):
    """
    Load or build the network.

    Args:
        model: see `ModelArguments`. A folder that already holds a Pixel model keeps its own head options.
        dtype: of the trunk; by default `model.model_dtype`.

    Returns:
        `(tokenizer, network)`. Heads are float32 whatever the trunk's dtype, since their updates are small.

    Raises:
        ModelFolderError: not a causal language model, or damaged weights.
        SettingError: a model option that does not exist or does not fit.
    """
    if model.model_dtype not in ("auto", "float32", "bfloat16", "float16"):
        raise SettingError(f"model_dtype: there is no {model.model_dtype!r}. Mend: use auto, float32 or bfloat16")
    dtype = dtype or (Hardware.detect().dtype if model.model_dtype == "auto" else getattr(torch, model.model_dtype))
    name = model.model_name_or_path
    options = {key: value for key, value in asdict(model).items() if key in PIXEL_OPTIONS}
    options["fields"] = options["fields"] or None
    if name.startswith("tiny:"):
        tokenizer = byte_tokenizer()
        network = PixelForCausalLM(_configured(tiny_config(name[5:], len(tokenizer)), options)).to(dtype)
    else:
        folder = smollm2() if name == "embedded:smollm2" else name
        network = load_network(folder, dtype=dtype, **options)
        try:
            tokenizer = load_tokenizer(folder)
        except (OSError, ValueError) as error:
            raise ModelFolderError(
                f"{folder}: no tokenizer ({_first_line(error)}). Mend: save the tokenizer beside the model"
            ) from error
    choose_experts(network, model.experts_implementation)
    network.heads.float()
    network.pooling.float()
    network.generation_config.pad_token_id = tokenizer.pad_token_id
    network.generation_config.eos_token_id = tokenizer.eos_token_id
    return tokenizer, network


def choose_experts(network: PixelForCausalLM, implementation: str) -> None:
    """
    Choose how the experts' matrices are multiplied; the numbers stay the same to rounding.

    Raises:
        SettingError: no such way, or a network without experts.
    """
    if implementation == "auto":
        return
    if implementation not in EXPERTS:
        raise SettingError(
            f"experts_implementation: there is no {implementation!r}. Mend: use one of: auto, {', '.join(EXPERTS)}"
        )
    if not getattr(network.config.text_config, "num_experts", 0):
        raise SettingError("experts_implementation is for a mixture of experts, and this is none. Mend: leave it out")
    network.model.set_experts_implementation(implementation)


def load_network(folder: str | Path, *, dtype: torch.dtype = torch.float32, **options) -> PixelForCausalLM:
    """
    A Pixel model from its folder or Hub id, or a plain causal language model with new heads (`options`: of
    `PixelConfig`, used only in the second case).

    Raises:
        ModelFolderError: see `load_pixel`.
    """
    local = Path(folder)
    if local.is_dir() and not (local / "config.json").exists():
        raise ModelFolderError(f"{folder}: no config.json. Mend: name a folder that save_pretrained wrote")
    try:
        config = AutoConfig.from_pretrained(folder)
    except (OSError, ValueError) as error:
        raise ModelFolderError(f"{folder}: {_first_line(error)}. Mend: name a model folder or a Hub id") from error
    if not isinstance(config, PixelConfig):
        encoder = getattr(config, "is_decoder", True) is False or config.get_text_config().is_encoder_decoder
        if encoder or type(config) not in AutoModelForCausalLM._model_mapping:
            raise ModelFolderError(
                f"{folder}: {config.model_type!r} is not a causal language model. Mend: use one, e.g. Qwen3 or Llama"
            )
        config = _configured(config, options)
    verbosity = logging.get_verbosity()
    logging.set_verbosity_error()  # transformers would list every new head, line by line
    try:
        return PixelForCausalLM.from_pretrained(folder, config=config, dtype=dtype)
    except Exception as error:  # safetensors raises its own class, and transformers several
        raise ModelFolderError(
            f"{folder}: the weights cannot be read ({_first_line(error)}). Mend: copy or download the folder again"
        ) from error
    finally:
        logging.set_verbosity(verbosity)


def _configured(text_config, options: dict) -> PixelConfig:
    try:
        config = PixelConfig(text_config=text_config, **options)
        TurnPooling(1, config.readout_pooling)  # says what is wrong with it before any weight is loaded
        return config
    except ValueError as error:
        raise SettingError(f"{error}. Mend: change it, or leave the option out") from error


def _first_line(error: BaseException) -> str:
    return str(error).strip().splitlines()[0][:300] if str(error).strip() else type(error).__name__


def tiny_config(kind: str, vocab_size: int):
    """
    Configuration of a random network of a few thousand weights.

    Args:
        kind: `llama`, `qwen3` or `qwen3_moe`.
        vocab_size: of the tokenizer.

    Raises:
        ModelFolderError: no such kind.
    """
    if kind not in ("llama", "qwen3", "qwen3_moe"):
        raise ModelFolderError(f"no tiny model is called {kind!r}. Mend: use tiny:llama, tiny:qwen3 or tiny:qwen3_moe")
    shape = {
        "vocab_size": vocab_size,
        "hidden_size": 32,
        "intermediate_size": 64,
        "num_hidden_layers": 4,
        "num_attention_heads": 4,
        "num_key_value_heads": 2,
        "head_dim": 8,
        "max_position_embeddings": 2048,
        "tie_word_embeddings": kind == "llama",
    }
    if kind == "qwen3_moe":
        shape |= {
            "num_experts": 4,
            "num_experts_per_tok": 2,
            "moe_intermediate_size": 32,
            "output_router_logits": True,
        }
    return AutoConfig.for_model(kind, **shape)
