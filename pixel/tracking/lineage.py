"""Where a run came from: data, configuration, code, packages, machine, seeds, parent model."""

import hashlib
import json
import os
import platform
import subprocess
import sys
import time
from collections.abc import Iterable, Mapping
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from pixel.data.whole_files import write_in_one_step

FILE = "lineage.json"
PACKAGES = (
    "torch", "transformers", "trl", "peft", "accelerate", "datasets", "torchjd", "deepspeed", "numpy", "safetensors",
    "tokenizers", "pixel-eq",
)  # fmt: skip
HASHED_WHOLE = 8 * 2**30
"""Bytes of a parent model up to which its weights are read through; of a larger one sizes and headers are hashed."""

SECRET = ("token", "secret", "password", "webhook", "api_key", "apikey")


def lineage(
    *,
    config: Mapping[str, Any],
    data: Mapping[str, Any] | None = None,
    parent: Mapping[str, Any] | None = None,
    seeds: Mapping[str, int] | None = None,
    run: str = "",
    place: Path | None = None,
) -> dict[str, Any]:
    """
    What there is to say of a run's origin, ready for JSON.

    Args:
        config: all settings; secrets are hidden (`without_secrets`).
        data: corpus -> `{"hash", "rows", ...}`.
        parent: of `parent_model`.
        seeds: by what they are for.
        run: id of the run.
        place: a folder of the repository, for git.

    Returns:
        `run`, `started`, `config`, `config_hash`, `data`, `data_hash`, `parent`, `code`, `packages`, `machine`,
        `seeds`.
    """
    config = json.loads(json.dumps(without_secrets(config), default=str, sort_keys=True))
    said = {name: entry.get("hash") for name, entry in (data or {}).items()}
    return {
        "run": run,
        "started": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "config": config,
        "config_hash": hash_of(config),
        "data": dict(data or {}),
        "data_hash": hash_of(said) if said else None,
        "parent": dict(parent or {}),
        "code": git_revision(place or Path(__file__).parent),
        "packages": packages(),
        "machine": machine(),
        "seeds": dict(seeds or {}),
    }


def hash_of(content: Any) -> str:
    """
    SHA-256 of JSON with sorted keys, so that the order of settings does not matter.

    Example:
        >>> hash_of({"a": 1, "b": 2}) == hash_of({"b": 2, "a": 1})
        True
    """
    return hashlib.sha256(json.dumps(content, sort_keys=True, default=str).encode()).hexdigest()


def without_secrets(settings: Mapping[str, Any]) -> dict[str, Any]:
    """
    Settings whose names speak of a secret are hidden, and of addresses only the host is left.

    Example:
        >>> without_secrets({"hub_token": "hf_x", "alerts": {"webhook": "https://h.example/T0/secret"}, "seed": 1})
        {'hub_token': '(hidden)', 'alerts': {'webhook': '(hidden)'}, 'seed': 1}
    """
    return {name: _hidden(name, value) for name, value in settings.items()}


def _hidden(name: str, value: Any) -> Any:
    if isinstance(value, Mapping):
        return without_secrets(value)
    words = str(name).lower()
    if isinstance(value, str) and any(word in words for word in SECRET) and not words.endswith("_tokens"):
        return "(hidden)"
    if isinstance(value, str) and value.startswith(("http://", "https://")):
        return f"{urlsplit(value).scheme}://{urlsplit(value).hostname}/(hidden)"
    return [_hidden(name, each) for each in value] if isinstance(value, (list, tuple)) else value


def git_revision(place: Path) -> dict[str, Any]:
    """`{"revision", "dirty"}` of the repository that holds `place`; `None` for both where there is none."""

    def git(*words: str) -> str | None:
        try:
            done = subprocess.run(["git", *words], cwd=place, capture_output=True, text=True, timeout=10)
        except (OSError, subprocess.TimeoutExpired):
            return None
        return done.stdout.strip() if done.returncode == 0 else None

    revision = git("rev-parse", "HEAD")
    changed = git("status", "--porcelain", "--untracked-files=no") if revision else None
    return {"revision": revision, "dirty": None if changed is None else bool(changed)}


def packages() -> dict[str, str]:
    """Version of each package that decides what a run does, where it is installed; and of Python."""
    found = {"python": platform.python_version()}
    for name in PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def machine() -> dict[str, Any]:
    """System, processor, cores, memory, and accelerators if torch is loaded."""
    said: dict[str, Any] = {"system": platform.platform(terse=True), "processor": platform.machine()}
    said["cores"] = os.cpu_count()
    if hasattr(os, "sysconf") and "SC_PHYS_PAGES" in os.sysconf_names:
        said["memory_gib"] = round(os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 2**30, 1)
    torch = sys.modules.get("torch")
    if torch is not None and torch.cuda.is_available():
        said["accelerators"] = [torch.cuda.get_device_name(n) for n in range(torch.cuda.device_count())]
    said["processes"] = int(os.environ.get("WORLD_SIZE", 1))
    return said


def parent_model(name: str) -> dict[str, Any]:
    """
    The model a run starts from: its name, and a hash of its weight files where it is a folder.

    A folder that carries a manifest (`manifest.json` of hashes) is known by that.
    """
    folder, said = Path(name), {"name": name}
    if not folder.is_dir():
        return said
    said["name"] = folder.name
    manifest = folder / "manifest.json"
    files = [manifest] if manifest.is_file() else sorted(folder.glob("*.safetensors"))
    if files:
        whole = sum(file.stat().st_size for file in files) <= HASHED_WHOLE
        said |= {"hash": files_hash(files, None if whole else 2**20), "hash_of": "contents" if whole else "headers"}
    before = read_lineage(folder)
    if before:
        said |= {"run": before.get("run"), "config_hash": before.get("config_hash")}
    return said


def files_hash(files: Iterable[Path], first: int | None = None) -> str:
    """SHA-256 over names and contents of files, in the order of their names; over sizes and `first` bytes if given."""
    total = hashlib.sha256()
    for file in sorted(files, key=lambda path: path.name):
        total.update(file.name.encode() + b"\0")
        with file.open("rb") as stream:
            if first is None:
                total.update(hashlib.file_digest(stream, "sha256").digest())
            else:
                total.update(str(file.stat().st_size).encode() + stream.read(first))
    return total.hexdigest()


def manifests(folder: Path) -> dict[str, str]:
    """Checkpoint -> hash of its manifest, for the sealed checkpoints of a run."""
    return {file.parent.name: files_hash([file]) for file in sorted(folder.glob("checkpoint-*/manifest.json"))}


def write_lineage(folder: Path, said: Mapping[str, Any]) -> Path:
    """`OUTPUT/lineage.json`, whole or not at all."""
    return write_in_one_step(Path(folder) / FILE, json.dumps(said, indent=1, ensure_ascii=False, default=str) + "\n")


def read_lineage(folder: str | Path) -> dict[str, Any] | None:
    """The lineage of a run folder; `None` where there is none that can be read."""
    try:
        said = json.loads((Path(folder) / FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return said if isinstance(said, dict) else None
