"""
Plan a run before any machine is rented: memory a device by part, what fits, how fast it may be, what it costs.

    python recipes/plan.py --config recipes/configs/qwen3_30b_a3b_zero3.yaml --hardware 8xa100-80gb
    python recipes/plan.py --config recipes/configs/qwen3_30b_a3b_zero3.yaml --hardware 8xa100-80gb \\
        --accelerate accelerate_configs/zero3_8gpu.yaml --tokens 1e9 --price 2.0
    python recipes/plan.py --model Qwen/Qwen3-8B --hardware 2x8xh100 --sharding zero3 --lora_r 0 --length 4096

--config takes the YAML that recipes/train.py takes, so that what is planned is what is trained. Without --sharding or
--accelerate, everything that makes sense on the hardware is tried and the likely fastest is shown in full. Nothing is
loaded and nothing is downloaded: sizes come from the model's config.json, or from pixel/planning/published.yaml.
"""

import argparse
import json
import sys
from pathlib import Path


def options(arguments: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--config", help="training YAML, as for recipes/train.py")
    parser.add_argument("--accelerate", help="accelerate config: sharding, offload and number of processes")
    parser.add_argument("--hardware", help="COUNTxDEVICE or NODESxCOUNTxDEVICE, e.g. 8xa100-80gb, 2x8xh100, cpu")
    parser.add_argument("--list", action="store_true", help="show the devices and models that are known, and stop")
    model = parser.add_argument_group("what is trained (these win over --config)")
    model.add_argument("--model", help="folder with config.json, embedded:smollm2, tiny:KIND, or a published Hub id")
    model.add_argument("--lora_r", type=int, help="rank of the adapters, 0 for full training")
    model.add_argument("--optim", help="adamw_torch_fused, adamw_torch, adamw_8bit, sgd, adafactor")
    model.add_argument("--model_dtype", help="auto, bfloat16, float32")
    batch = parser.add_argument_group("how (these win over --config)")
    batch.add_argument("--sharding", help="none, ddp, zero1, zero2, zero3, fsdp2")
    batch.add_argument("--offload", help="none, optimizer, optimizer+parameters")
    batch.add_argument("--rows", type=int, help="rows of a device's micro-batch")
    batch.add_argument("--length", type=int, help="tokens of a row")
    batch.add_argument("--accumulation", type=int, help="micro-batches an optimizer step")
    batch.add_argument("--checkpointing", choices=["on", "off"], help="activation checkpointing")
    batch.add_argument("--attention", help="sdpa, flash, eager (default: sdpa)")
    batch.add_argument("--whole_logits", action="store_true", help="an LM loss that builds whole logits")
    batch.add_argument("--turns", type=int, help="turns a row (default: one for 64 tokens)")
    asked = parser.add_argument_group("what is asked")
    asked.add_argument("--lengths", type=int, nargs="+", help="lengths of a row to search over")
    asked.add_argument("--ranks", type=int, nargs="+", help="ranks to search over, 0 for full (default: 0 and 16)")
    asked.add_argument("--show", type=int, default=12, help="lines of the search (default: 12)")
    asked.add_argument("--tokens", type=float, help="a token budget: time, device-hours and, with --price, cost")
    asked.add_argument("--price", type=float, help="of a device for an hour, in any currency")
    asked.add_argument("--host_gib", type=float, help="host memory of a node, where the usual size is not yours")
    asked.add_argument("--json", type=Path, help="also write everything here")
    asked.add_argument("--no_check", action="store_true", help="do not count again on the meta device (seconds)")
    return parser.parse_args(arguments)


def setup_of(chosen: argparse.Namespace):
    """The setup that was asked for, and whether its sharding was."""
    from dataclasses import replace

    from pixel.planning import PlanError, read_hardware
    from pixel.planning.run_config import launch_options, read_yaml, training_setup

    if not chosen.hardware:
        raise PlanError("--hardware is missing. Mend: e.g. --hardware 8xa100-80gb; --list shows what is known")
    machines = read_hardware(chosen.hardware)
    if chosen.host_gib:
        machines = replace(machines, device=replace(machines.device, host_gib=chosen.host_gib))
    run = read_yaml(chosen.config) if chosen.config else {}
    given = {"model_name_or_path": chosen.model, "lora_r": chosen.lora_r, "optim": chosen.optim}
    given |= {"model_dtype": chosen.model_dtype, "max_length": chosen.length}
    given |= {"per_device_train_batch_size": chosen.rows, "gradient_accumulation_steps": chosen.accumulation}
    if chosen.checkpointing:
        given["activation_checkpointing"] = chosen.checkpointing == "on"
    run = run | {name: value for name, value in given.items() if value is not None}
    if chosen.rows is not None or chosen.accumulation is not None:
        run.pop("tokens_per_step", None)
    if "model_name_or_path" not in run:
        raise PlanError("no model. Mend: give --model or --config")
    more = {"attention": chosen.attention, "turns": chosen.turns, "fused_loss": not chosen.whole_logits}
    ways = {"sharding": chosen.sharding, "offload": chosen.offload}
    ways = {name: value for name, value in ways.items() if value is not None}
    if chosen.accelerate:
        ways = launch_options(read_yaml(chosen.accelerate), machines, chosen.accelerate) | ways
    asked = bool(ways)
    ways.setdefault("sharding", "none" if machines.count == 1 else "zero3")
    return training_setup(run, machines, **ways, **{k: v for k, v in more.items() if v is not None}), asked, run


def check(setup, model: str) -> str:
    """One line: the count on the meta device beside the formula's."""
    from pixel.planning import PlanError
    from pixel.planning.architecture import config_of
    from pixel.planning.estimators import count_on_meta

    counted = count_on_meta(config_of(model), setup.heads)
    heads = setup.heads.parameters(setup.architecture.hidden)
    if counted != {"backbone": setup.architecture.total, "heads": heads}:
        raise PlanError(
            f"{model}: the formula counts {setup.architecture.total} and {heads} parameters, the network has "
            f"{counted['backbone']} and {counted['heads']}. Mend: pass --no_check, and trust the plan less"
        )
    return f"Counted again on the meta device: {counted['backbone']:,} + {counted['heads']:,} parameters, the same."


def main(chosen: argparse.Namespace) -> None:
    from pixel.planning.hardware import devices
    from pixel.planning.published import published
    from pixel.planning.report import CANNOT_KNOW, as_json, detail, gib, overview
    from pixel.planning.search import plan, search

    if chosen.list:
        for name, device in devices().items():
            print(f"{name:<12}{device.memory_gib:>6} GiB {device.bf16 / 1e12:>6.0f} TFLOP/s   {device.source}")
        print("\n".join(published()))
        return
    setup, asked, run = setup_of(chosen)
    said = {}
    if not asked or chosen.lengths or chosen.ranks:
        ranks = chosen.ranks or (0, setup.lora_rank or 16)
        ways = [(setup.sharding, setup.offload)] if asked else None
        found = search(setup, shardings=ways, ranks=ranks, lengths=chosen.lengths)
        print(f"{sum(one.verdict == 'fits' for one in found)} of {len(found)} ways fit; likely fastest first.\n")
        print(overview(found[: chosen.show]) + "\n")
        said["search"] = [as_json(one, chosen.tokens, chosen.price) for one in found]
        same = [one for one in found if one.setup.lora_rank == setup.lora_rank] or found
        best = plan(setup) if asked else same[0]
    else:
        best = plan(setup)
    print(detail(best, chosen.tokens, chosen.price))
    said["plan"] = as_json(best, chosen.tokens, chosen.price)
    if best.setup.sharding == "zero3":
        from pixel.planning.estimators import deepspeed_estimate

        said["deepspeed"] = theirs = deepspeed_estimate(best.setup)
        row = theirs[best.setup.offload]
        print(
            f"DeepSpeed's estimator, states alone and everything trained: {gib(row['gpu'])} GiB a device, "
            f"{gib(row['host'])} GiB a node."
        )
    if not chosen.no_check:
        print(check(best.setup, run["model_name_or_path"]))
    print("\nWhat a plan cannot know:\n" + "\n".join(f"- {words}" for words in CANNOT_KNOW))
    said["cannot_know"] = CANNOT_KNOW
    if chosen.json:
        chosen.json.write_text(json.dumps(said, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    chosen = options()
    from pixel.planning.errors import PlanError

    try:
        main(chosen)
    except PlanError as error:
        sys.exit(f"error: {error}")
