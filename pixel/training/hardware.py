"""What this machine can do, and the settings that follow."""

import os
from dataclasses import dataclass
from pathlib import Path

import torch


@dataclass(frozen=True)
class Hardware:
    """
    Attributes:
        accelerator: whether there is a GPU (or another device torch calls an accelerator).
        fast_bf16: whether bfloat16 is faster than float32 here: any GPU that supports it, or a CPU with AMX or
            AVX512-BF16. Elsewhere it is emulated, about ten times slower.
        cores: physical cores this process may use.
    """

    accelerator: bool
    fast_bf16: bool
    cores: int

    @classmethod
    def detect(cls, cpuinfo: Path = Path("/proc/cpuinfo")) -> "Hardware":
        """Read the machine's flags."""
        cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
        if torch.cuda.is_available():
            return cls(True, torch.cuda.is_bf16_supported(), cores)
        flags = cpuinfo.read_text(encoding="utf-8", errors="ignore") if cpuinfo.exists() else ""
        return cls(False, "amx_bf16" in flags or "avx512_bf16" in flags, cores)

    @property
    def dtype(self) -> torch.dtype:
        """The dtype a model is loaded in where nobody says otherwise."""
        return torch.bfloat16 if self.fast_bf16 else torch.float32

    def apply(self, arguments) -> None:
        """Settle what is still open in training arguments, before they check themselves."""
        if self.accelerator:
            return
        torch.set_flush_denormal(True)  # gradients near zero are otherwise handled in microcode, many times slower
        arguments.bf16 = arguments.fp16 = False
        arguments.activation_checkpointing = False
        arguments.dataloader_pin_memory = False
        if os.environ.get("ACCELERATE_USE_DEEPSPEED") != "true":
            arguments.use_cpu = True
