"""A run that has finished says so in its folder, and is not trained again by accident."""

import hashlib
import json
import time
from collections.abc import Iterable
from dataclasses import asdict, is_dataclass
from pathlib import Path
from typing import Any

from pixel.checkpoints import FINISHED, progress
from pixel.data.whole_files import write_in_one_step

_BESIDE = {
    "resume_from_checkpoint", "output_dir", "logging_dir", "run_name", "report_to", "disable_tqdm", "push_to_hub",
    "hub_token", "hub_model_id", "hub_private_repo", "local_rank", "deepspeed", "alerts", "tracking", "num_proc",
    "dataset_num_proc", "dataloader_num_workers", "log_level", "log_level_replica", "data_timeout", "save_patience",
}  # fmt: skip
"""Options that do not change what is learned."""


def arguments_hash(*groups: Any) -> str:
    """
    What a run was asked for, as a hash.

    Args:
        groups: the argument dataclasses, as they were parsed. `_BESIDE` is left out.
    """
    asked = [
        {
            name: value
            for name, value in (group.to_dict() if hasattr(group, "to_dict") else asdict(group)).items()
            if name not in _BESIDE
        }
        for group in groups
        if hasattr(group, "to_dict") or is_dataclass(group)
    ]
    return hashlib.sha256(json.dumps(asked, sort_keys=True, default=str).encode()).hexdigest()


def write_finished(folder: Path, step: int, max_steps: int, asked: str) -> Path:
    """
    The last word of a run, after its model folder is whole: steps, what was asked, and the model's files with sizes.

    Args:
        folder: with the saved model.
        step: optimizer steps done; early stopping ends before `max_steps`.
        max_steps: of the run.
        asked: from `arguments_hash`.
    """
    content = {
        "global_step": step,
        "max_steps": max_steps,
        "arguments": asked,
        "files": {file.name: file.stat().st_size for file in _model_files(folder)},
        "time": time.time(),
    }
    return write_in_one_step(folder / FINISHED, json.dumps(content, indent=1) + "\n")


def finished_before(folder: Path, asked: str) -> bool:
    """Whether that very run has finished in that folder, and its model still has all its files in full length."""
    if not progress(folder).finished:
        return False
    try:
        said = json.loads((folder / FINISHED).read_bytes())
        there = {file.name: file.stat().st_size for file in _model_files(folder)}
    except (OSError, ValueError):
        return False
    return said.get("arguments") == asked and bool(there) and said.get("files") == there


def _model_files(folder: Path) -> Iterable[Path]:
    return sorted([*folder.glob("*.safetensors"), *folder.glob("config.json"), *folder.glob("adapter_config.json")])
