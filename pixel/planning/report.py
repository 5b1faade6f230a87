"""A plan in words and numbers: a table for people, and the same for programs."""

from typing import Any

from pixel.planning.hardware import GIB
from pixel.planning.search import Plan
from pixel.planning.setup import Setup
from pixel.planning.states import states
from pixel.planning.throughput import checkpoint_bytes

CANNOT_KNOW = (
    "The interval of memory is an assumption about the allocator (0, 5, 15% of activations and buffers lost) and of "
    "what a process takes before its first tensor; formulas were compared with measured peaks on CPUs, not on GPUs.",
    "Speed rests on published MFU, whose range is wide (pixel/planning/throughput.py names the sources): rent one "
    "machine for ten minutes and measure before renting many. Waiting for data, evaluation and saving are not in it.",
    "Tokens spread evenly over experts in the memory of a device; a batch that one expert takes alone computes slower "
    "and takes no more memory with grouped products.",
)


def gib(size: float) -> str:
    """Bytes as GiB with one decimal place, two below ten."""
    value = size / GIB
    return f"{value:.2f}" if abs(value) < 10 else f"{value:.1f}"


def describe(setup: Setup) -> str:
    """A setup in one line."""
    trained = "full" if setup.full else f"LoRA r={setup.lora_rank}"
    words = [setup.sharding + (f" + {setup.offload} on the host" if setup.offload != "none" else ""), trained]
    words += [f"{setup.rows} x {setup.length} tokens a device"]
    words += [f"accumulation {setup.accumulation}"] if setup.accumulation > 1 else []
    words.append("checkpointed" if setup.checkpointing else "activations kept")
    return ", ".join(words)


def as_json(found: Plan, tokens: float | None = None, price: float | None = None) -> dict[str, Any]:
    """Everything of one plan, bytes and seconds."""
    setup, memory, speed = found.setup, found.memory, found.throughput
    a = setup.architecture
    said = {
        "model": a.name,
        "hardware": str(setup.machines),
        "setup": describe(setup),
        "sharding": setup.sharding,
        "offload": setup.offload,
        "lora_r": setup.lora_rank,
        "per_device_train_batch_size": setup.rows,
        "max_length": setup.length,
        "gradient_accumulation_steps": setup.accumulation,
        "gradient_checkpointing": setup.checkpointing,
        "parameters": {
            "total": a.total, "active": a.active, "adapters": setup.adapters, "heads": setup.heads.parameters(a.hidden)
        },
        "verdict": found.verdict,
        "memory": {
            "at": memory.peak.name,
            "parts": memory.peak.parts,
            "overhead": memory.overhead,
            "interval": list(memory.interval),
            "states": states(setup).total,
            "device": memory.device_bytes,
            "margin": memory.margin,
            "host_a_node": list(memory.host),
        },
        "disk": checkpoint_bytes(setup),
        "flops_per_token": speed.flops_per_token,
        "tokens_per_step": speed.tokens,
        "seconds_per_step": list(speed.seconds),
        "communication_seconds": speed.communication,
        "tokens_per_second": list(speed.tokens_per_second),
    }  # fmt: skip
    if tokens:
        hours = [tokens / rate / 3600 for rate in speed.tokens_per_second]
        said["budget"] = {"tokens": tokens, "hours": hours, "device_hours": [hour * setup.count for hour in hours]}
        if price is not None:
            said["budget"]["cost"] = [hour * setup.count * price for hour in hours]
    return said


def detail(found: Plan, tokens: float | None = None, price: float | None = None) -> str:
    """One plan in full."""
    setup, memory, said = found.setup, found.memory, as_json(found, tokens, price)
    a, disk = setup.architecture, said["disk"]
    lines = [f"{a.name} on {setup.machines}: {describe(setup)}", ""]
    counted = f"{a.total / 1e9:.2f} B parameters, {a.active / 1e9:.2f} B active a token"
    counted += f", {setup.adapters / 1e6:.1f} M in adapters" if setup.adapters else ""
    lines += [f"{counted}, {said['parameters']['heads'] / 1e6:.1f} M in heads", ""]
    lines.append(f"GiB a device, at its fullest moment ({memory.peak.name}):")
    lines += [f"  {part:<34}{gib(size):>9}" for part, size in memory.peak.parts.items()]
    lines.append(f"  {'process, CUDA and NCCL':<34}{gib(memory.overhead):>9}")
    least, likely, most = memory.interval
    lines.append(f"  {'in all, with fragmentation':<34}{gib(likely):>9}   ({gib(least)} to {gib(most)})")
    lines.append(f"  {'device':<34}{gib(memory.device_bytes):>9}   {found.verdict}, margin {gib(memory.margin)}")
    lines.append(f"States alone (weights, gradients, optimizer): {gib(states(setup).total)} GiB a device.")
    if memory.host[1]:
        low, middle, high = memory.host
        have = setup.machines.device.host_gib
        lines.append(f"Host memory a node: {gib(middle)} GiB ({gib(low)} to {gib(high)}); it has {have:.0f}.")
    lines.append(f"Disk: {disk['checkpoint'] / 1e9:.1f} GB a checkpoint, {disk['model'] / 1e9:.1f} GB the model.")
    low, middle, high = said["tokens_per_second"]
    lines.append(
        f"Speed: {middle:,.0f} tokens/s over all devices ({low:,.0f} to {high:,.0f}), "
        f"{said['flops_per_token'] / 1e9:.1f} GFLOP a token; communication {said['communication_seconds']:.2f} s of "
        f"{said['seconds_per_step'][1]:.2f} s a step of {said['tokens_per_step']:,} tokens."
    )
    if tokens:
        slow, middle, fast = said["budget"]["hours"]
        words = f"{tokens:,.0f} tokens: {middle:,.1f} h ({fast:,.1f} to {slow:,.1f}), {middle * setup.count:,.0f} "
        words += f"device-hours ({fast * setup.count:,.0f} to {slow * setup.count:,.0f})"
        if price is not None:
            slow, middle, fast = said["budget"]["cost"]
            words += f", cost {middle:,.0f} ({fast:,.0f} to {slow:,.0f}) at {price:g} a device-hour"
        lines.append(f"{words}.")
    return "\n".join(lines)


def overview(plans: list[Plan]) -> str:
    """Many plans, a line each, in the order given."""
    head = f"{'':<13}{'GiB a device':<22}{'host GiB':>9}{'tokens/s (range)':>28}   setup"
    lines = [head]
    for found in plans:
        least, likely, most = found.memory.interval
        low, middle, high = found.throughput.tokens_per_second
        speed = f"{middle:,.0f} ({low:,.0f} to {high:,.0f})"
        memory = f"{gib(likely)} ({gib(least)} to {gib(most)})"
        host = gib(found.memory.host[1]) if found.memory.host[1] else "-"
        lines.append(f"{found.verdict:<13}{memory:<22}{host:>9}{speed:>28}   {describe(found.setup)}")
    return "\n".join(lines)
