"""From the YAML that a run is trained with, and the one it is launched with, to what a plan needs."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pixel.planning.architecture import read_architecture
from pixel.planning.errors import PlanError
from pixel.planning.hardware import Machines
from pixel.planning.heads import Heads
from pixel.planning.setup import Setup
from pixel.planning.step_shape import shape_of_step

OPTIMIZERS = {
    "adamw_torch": "adamw",
    "adamw_torch_fused": "adamw_fused",
    "adamw_8bit": "adamw_8bit",
    "adamw_bnb_8bit": "adamw_8bit",
    "paged_adamw_8bit": "adamw_8bit",
    "sgd": "sgd",
    "adafactor": "adafactor",
}
"""`optim` of the training arguments -> the planner's name."""
TURN_TOKENS = 64
"""Tokens a turn, where nobody says how many turns a row has: what the labelled corpora have on average, roughly."""


def read_yaml(file: str | Path) -> dict[str, Any]:
    """
    A YAML file with options.

    Raises:
        PlanError: no such file, or not a mapping.
    """
    import yaml

    path = Path(file)
    if not path.is_file():
        raise PlanError(f"{file}: no such file. Mend: name a YAML such as recipes/configs/tiny_cpu.yaml")
    try:
        found = yaml.safe_load(path.read_text(encoding="utf-8"))
    except yaml.YAMLError as error:
        raise PlanError(f"{file}: not YAML: {' '.join(str(error).split())}. Mend: fix that line") from error
    if not isinstance(found, dict):
        raise PlanError(f"{file}: holds no options. Mend: lines of `name: value`")
    return found


def training_setup(options: Mapping[str, Any], machines: Machines, **more: Any) -> Setup:
    """
    The setup that training arguments describe.

    Args:
        options: of `recipes/train.py`, as in `recipes/configs/`; what is not there has its default.
        machines: what it runs on.
        more: fields of `Setup` that win over both (sharding and offload, for instance).

    Raises:
        PlanError: an optimizer without a formula, a frozen trunk, or what `Setup` refuses.
    """
    if options.get("frozen_trunk"):
        raise PlanError("frozen_trunk: heads on cached turn states take next to nothing. Mend: nothing to plan")
    optimizer = options.get("optim", "adamw_torch_fused")
    if optimizer not in OPTIMIZERS:
        raise PlanError(f"optim: {optimizer} has no formula here. Mend: use one of: {', '.join(OPTIMIZERS)}")
    cpu = machines.device.is_cpu
    length = options.get("max_length") or 1024
    dtype = options.get("model_dtype", "auto")
    layers = options.get("lora_layers") or []
    again = options.get("activation_checkpointing")
    given = {
        "architecture": read_architecture(options.get("model_name_or_path", "embedded:smollm2")),
        "machines": machines,
        "heads": heads_of(options),
        "lora_rank": options.get("lora_r") or 0,
        "lora_targets": tuple(options.get("lora_targets") or ("q_proj", "k_proj", "v_proj", "o_proj")),
        "lora_layers": layers[1] - layers[0] + 1 if len(layers) == 2 else 0,
        "dtype": ("float32" if cpu else "bfloat16") if dtype == "auto" else dtype,
        "bf16": bool(options.get("bf16", not cpu)) and not cpu,
        "optimizer": OPTIMIZERS[optimizer],
        "length": length,
        "turns": max(1, length // TURN_TOKENS),
        "checkpointing": bool(options.get("gradient_checkpointing", not cpu) if again is None else again),
        "packed": bool(options.get("packing", True)) and not options.get("curriculum"),
    }
    return Setup(**(given | _step(options, length, machines.count) | more))


def _step(options: Mapping[str, Any], length: int, devices: int) -> dict[str, int]:
    """Rows and accumulation: as given, or what `tokens_per_step` makes of them."""
    rows, budget = options.get("per_device_train_batch_size", 8), options.get("tokens_per_device")
    if not options.get("tokens_per_step"):
        return {"rows": rows, "accumulation": options.get("gradient_accumulation_steps", 1)}
    most = rows if budget is None else budget // length
    shape = shape_of_step(options["tokens_per_step"], length, devices, most)
    return {"rows": shape.rows, "accumulation": shape.accumulation}


def heads_of(options: Mapping[str, Any]) -> Heads:
    """The heads that model arguments describe."""
    pooling = options.get("readout_pooling", "mean").split("+")
    return Heads(
        fields=tuple(options.get("fields") or ()),
        hidden=options.get("head_hidden_size", 256),
        states=len(pooling) + len(options.get("readout_taps") or ()),
        attends="attention" in pooling,
        shared=options.get("shared_size", 0),
        emotion_attention=bool(options.get("emotion_attention")),
        prefix=options.get("persona_prefix_length", 0),
    )


def launch_options(accelerate: Mapping[str, Any], machines: Machines, where: str = "accelerate config") -> dict:
    """
    Sharding, offload and buffer sizes out of an accelerate config.

    Raises:
        PlanError: it starts another number of processes than there are devices, or a way of sharding without formula.
    """
    processes = accelerate.get("num_processes", 1)
    if processes != machines.count:
        raise PlanError(
            f"{where}: num_processes is {processes}, the hardware has {machines.count} devices. Mend: make them equal"
        )
    kind = str(accelerate.get("distributed_type", "NO")).upper()
    if kind == "DEEPSPEED":
        return _deepspeed(accelerate.get("deepspeed_config") or {}, where)
    if kind == "FSDP":
        return {"sharding": "fsdp2", "offload": "none"}
    if kind in ("NO", "MULTI_GPU", "MULTI_CPU"):
        return {"sharding": "ddp" if machines.count > 1 else "none", "offload": "none"}
    raise PlanError(f"{where}: distributed_type {kind} has no formula here. Mend: DEEPSPEED, FSDP or MULTI_GPU")


def _deepspeed(config: Mapping[str, Any], where: str) -> dict:
    zero: Mapping[str, Any] = {}
    file = config.get("deepspeed_config_file")
    if file:
        if not Path(file).is_file():
            raise PlanError(f"{where}: deepspeed_config_file {file} is not there. Mend: give its path from here")
        try:
            zero = json.loads(Path(file).read_text(encoding="utf-8")).get("zero_optimization", {})
        except json.JSONDecodeError as error:
            raise PlanError(f"{file}: not JSON (line {error.lineno}). Mend: fix that line") from error

    def where_to(what: str) -> str:
        return config.get(f"offload_{what}_device") or (zero.get(f"offload_{what}") or {}).get("device") or "none"

    stage = zero.get("stage", config.get("zero_stage", 2))
    if stage not in (1, 2, 3):
        raise PlanError(f"{where}: zero_stage {stage} has no formula here. Mend: 1, 2 or 3")
    offload = "none" if where_to("optimizer") == "none" else "optimizer"
    if offload != "none" and where_to("param") != "none":
        offload = "optimizer+parameters"
    found: dict[str, Any] = {"sharding": f"zero{stage}", "offload": offload}
    names = {
        "bucket": "reduce_bucket_size",
        "prefetch": "stage3_prefetch_bucket_size",
        "live": "stage3_max_live_parameters",
        "subgroup": "sub_group_size",
    }
    for ours, theirs in names.items():
        if isinstance(zero.get(theirs), int | float):
            found[ours] = int(zero[theirs])
    return found
