"""Makes `AutoConfig` and `AutoModelForCausalLM` know Pixel, and a pushed model carry its own code."""

from transformers import AutoConfig, AutoModelForCausalLM

from .configuration_pixel import PixelConfig
from .modeling_pixel import PixelForCausalLM

AutoConfig.register(PixelConfig.model_type, PixelConfig, exist_ok=True)
AutoModelForCausalLM.register(PixelConfig, PixelForCausalLM, exist_ok=True)
PixelConfig.register_for_auto_class()
PixelForCausalLM.register_for_auto_class("AutoModelForCausalLM")
