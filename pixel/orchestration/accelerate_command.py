"""From what a person asks for to the words that `accelerate launch` is started with."""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import yaml

DEFAULT_OUTPUT = "outputs/pixel"


class LaunchError(ValueError):
    """Something asked for that cannot be launched; one line with the mend."""


def value_of(arguments: Sequence[str], name: str) -> str | None:
    """The last value of `--name VALUE` or `--name=VALUE` among words."""
    found = None
    for place, word in enumerate(arguments):
        if word == f"--{name}":
            found = arguments[place + 1] if place + 1 < len(arguments) else None
        elif word.startswith(f"--{name}="):
            found = word.partition("=")[2]
    return found


def config_of(arguments: Sequence[str]) -> dict[str, Any]:
    """
    The YAML that `--config` names, `{}` without one.

    Raises:
        LaunchError: not there, or no mapping.
    """
    file = value_of(arguments, "config")
    if file is None:
        return {}
    try:
        content = yaml.safe_load(Path(file).read_text(encoding="utf-8"))
    except OSError as error:
        raise LaunchError(f"--config {file}: {error.strerror}. Mend: name a YAML of recipes/configs") from error
    except yaml.YAMLError as error:
        raise LaunchError(f"--config {file}: not YAML: {' '.join(str(error).split())}. Mend: fix that line") from error
    if not isinstance(content, dict):
        raise LaunchError(f"--config {file}: no options in it. Mend: lines of the form option: value")
    return content


def output_of(arguments: Sequence[str]) -> Path:
    """Where `recipes/train.py` will write with these words: the command line wins over the YAML."""
    return Path(value_of(arguments, "output_dir") or config_of(arguments).get("output_dir") or DEFAULT_OUTPUT)


def training_command(
    arguments: Sequence[str],
    accelerate_config: str | None = None,
    *,
    script: str = "recipes/train.py",
    processes: int | None = None,
    machines: int = 1,
    machine_rank: int = 0,
    main_ip: str | None = None,
) -> list[str]:
    """
    The command of one attempt; `{port}` stands for the port.

    Args:
        arguments: of the script. `--resume_from_checkpoint auto` is added where they do not say otherwise.
        accelerate_config: a YAML of accelerate_configs/; without one the script runs alone.
        script: to run.
        processes: over all machines; by default what the config says.
        machines, machine_rank, main_ip: see `accelerate launch`.

    Raises:
        LaunchError: no such file, or several machines without an address.
    """
    words = list(arguments)
    if value_of(words, "resume_from_checkpoint") is None:
        words += ["--resume_from_checkpoint", "auto"]
    if accelerate_config is None:
        if machines > 1 or processes not in (None, 1):
            raise LaunchError("several processes need --accelerate_config. Mend: accelerate_configs/ddp.yaml")
        return [sys.executable, script, *words]
    if not Path(accelerate_config).is_file():
        raise LaunchError(f"--accelerate_config {accelerate_config}: no such file. Mend: see accelerate_configs/")
    options = ["--config_file", accelerate_config, "--main_process_port", "{port}"]
    if processes is not None:
        options += ["--num_processes", str(processes)]
    if machines > 1:
        if main_ip is None:
            raise LaunchError("several machines need --main_process_ip. Mend: the address of machine 0")
        options += ["--num_machines", str(machines), "--machine_rank", str(machine_rank)]
        options += ["--main_process_ip", main_ip]
    return [sys.executable, "-m", "accelerate.commands.launch", *options, script, *words]


def processes_of(accelerate_config: str | None, processes: int | None) -> int:
    """How many ranks there will be."""
    if processes is not None or accelerate_config is None:
        return processes or 1
    content = yaml.safe_load(Path(accelerate_config).read_text(encoding="utf-8")) or {}
    return int(content.get("num_processes") or 1)
