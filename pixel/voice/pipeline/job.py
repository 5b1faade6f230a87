"""What a run does to every recording, and how it spreads the work."""

import os
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from pixel.voice.transcription.settings import Settings

MACHINE = ("cpu_threads", "allow_download")
"""Settings that say how, not what: they may change from one start to the next."""

_QUIET = {
    "OMP_WAIT_POLICY": "passive",  # threads that wait do not spin
    "TOKENIZERS_PARALLELISM": "false",
    "CT2_VERBOSE": os.environ.get("CT2_VERBOSE", "-1"),  # errors alone
}

WORKER_BYTES = 2 << 30
"""Memory of the machine for each worker with an embedded model, which takes .7 to .9 GiB, so that others have room."""


@dataclass(frozen=True)
class Job:
    """
    Attributes:
        settings: of the transcriber; its `cpu_threads` is worked out from `workers`.
        window_seconds: the unit of work and the most that a kill loses, above 30; memory grows with it.
        diarize: say who speaks when.
        mos: also predict the opinion of listeners (DNSMOS; slow on a CPU).
        workers: processes; none for one a GPU. On a CPU none is one a core with the embedded models, as memory allows
            (two of one thread each heard 1.3 and 1.6 times what one of two threads did), and one for four cores with
            others.
        threads: of the processor, for all workers together; none for as many as there are cores.
        attempts: how often a recording may take its worker down before it is quarantined.
        stall_seconds: a worker that says nothing for so long is stopped, which counts as an attempt.
    """

    settings: Settings = field(default_factory=Settings)
    window_seconds: float = 600.0
    diarize: bool = False
    mos: bool = False
    workers: int | None = None
    threads: int | None = None
    attempts: int = 3
    stall_seconds: float = 3600.0

    def __post_init__(self) -> None:
        for name, least in (("workers", 1), ("threads", 1), ("attempts", 1), ("window_seconds", 31)):
            value = getattr(self, name)
            if value is not None and value < least:
                raise ValueError(f"{name} is {value}. Mend: {least} or more")

    def identity(self) -> dict[str, Any]:
        """What the result depends on, as plain JSON values; runs that differ here are never mixed."""
        what = {name: value for name, value in self.settings.as_dict().items() if name not in MACHINE}
        what["model"], what["second_model"] = map(_model_identity, self._models())
        what["device"] = "cuda" if self.gpus() else "cpu"
        return what | {"window_seconds": self.window_seconds, "diarize": self.diarize, "mos": self.mos}

    def _models(self) -> tuple[str, str | None]:
        return self.settings.model, self.settings.second_model

    def gpus(self) -> list[str]:
        """Numbers of the GPUs to use, as CUDA counts them; none on a CPU."""
        if self.settings.device == "cpu":
            return []
        import ctranslate2

        count = ctranslate2.get_cuda_device_count()
        if not count and self.settings.device != "auto":
            raise ValueError(f"device is {self.settings.device}, but there is no GPU here. Mend: auto or cpu")
        visible = [name for name in os.environ.get("CUDA_VISIBLE_DEVICES", "").split(",") if name]
        return visible[:count] or [str(number) for number in range(count)]

    def places(self, most: int | None = None) -> list[tuple[Settings, dict[str, str]]]:
        """
        For each worker its settings and environment: cores are shared out evenly, GPUs in turn.

        Args:
            most: no more workers than this, e.g. the number of recordings.
        """
        gpus, cores = self.gpus(), self.threads or _cores()
        embedded = all(name is None or name.startswith("embedded:") for name in self._models())
        own = min(cores, _memory() // WORKER_BYTES) if embedded else cores // 4
        workers = self.workers or len(gpus) or max(1, own)
        workers = workers if most is None else max(1, min(workers, most))
        threads = max(1, cores // workers)
        settings = replace(self.settings, cpu_threads=threads, device="cuda" if gpus else "cpu")
        shared = {"OMP_NUM_THREADS": str(threads)} | _QUIET
        return [
            (settings, shared | ({"CUDA_VISIBLE_DEVICES": gpus[worker % len(gpus)]} if gpus else {}))
            for worker in range(workers)
        ]


def _memory() -> int:
    """Bytes of this machine."""
    return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _model_identity(name: str | None) -> str | None:
    """The name; for a folder also the size of its weights and their time of change."""
    weights = Path(name) / "model.bin" if name else None
    if weights is None or not weights.is_file():
        return name
    status = weights.stat()
    return f"{name} {status.st_size} {status.st_mtime_ns}"
