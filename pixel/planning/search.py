"""Which ways of training fit, and which of them is likely the fastest."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from pixel.planning.errors import PlanError
from pixel.planning.memory import Memory, memory
from pixel.planning.setup import Setup
from pixel.planning.throughput import Throughput, throughput

ROWS = (1, 2, 4, 8, 16, 32)
_RANK = {"fits": 0, "tight": 1, "does not fit": 2}


@dataclass(frozen=True)
class Plan:
    """A setup, what it takes and how fast it may be."""

    setup: Setup
    memory: Memory
    throughput: Throughput

    @property
    def verdict(self) -> str:
        """As `Memory.verdict`, and `does not fit` where the host's memory does not suffice for what is offloaded."""
        host = self.setup.machines.device.host_gib * 2**30
        if self.memory.host[1] > host:
            return "does not fit"
        return "tight" if self.memory.host[2] > host and self.memory.verdict == "fits" else self.memory.verdict


def plan(setup: Setup) -> Plan:
    """Everything that is said of one setup."""
    return Plan(setup, memory(setup), throughput(setup))


def ways(count: int) -> list[tuple[str, str]]:
    """Sharding and offloading that make sense on so many devices."""
    if count == 1:
        return [("none", "none"), ("zero2", "optimizer"), ("zero3", "optimizer+parameters")]
    whole = [("ddp", "none"), ("fsdp2", "none"), ("zero1", "none")]
    whole += [("zero2", "none"), ("zero2", "optimizer")]
    return whole + [("zero3", "none"), ("zero3", "optimizer"), ("zero3", "optimizer+parameters")]


def search(
    setup: Setup,
    *,
    shardings: Sequence[tuple[str, str]] | None = None,
    ranks: Sequence[int] = (0, 16),
    lengths: Sequence[int] | None = None,
    rows: Sequence[int] = ROWS,
    checkpointing: Sequence[bool] = (True, False),
) -> list[Plan]:
    """
    Try everything, and of each way keep the largest batch that fits (or the smallest, where none does).

    Args:
        setup: what stays the same; its tokens an optimizer step are not kept.
        shardings: pairs of sharding and offload; those of `ways` by default.
        ranks: of LoRA; 0 for full training.
        lengths: of a row; the setup's own by default.
        rows: a device's micro-batch.
        checkpointing: of activations.

    Returns:
        plans: those that fit by likely tokens a second, then tight ones, then the others by what they lack.
    """
    found = []
    for way in _ways(setup, shardings, ranks, lengths, checkpointing):
        best: Plan | None = None
        for count in sorted(rows):
            tried = plan(replace(way, rows=count))
            if best is not None and _RANK[tried.verdict] > _RANK[best.verdict]:
                break
            best = tried if best is None or tried.verdict != "does not fit" else best
        if best is not None:
            found.append(best)
    return sorted(found, key=_order)


def _order(found: Plan) -> tuple:
    speed = found.throughput.tokens_per_second[1]
    return _RANK[found.verdict], -found.memory.margin if found.verdict == "does not fit" else -speed


def _ways(setup: Setup, shardings, ranks, lengths, checkpointing) -> Iterator[Setup]:
    for sharding, offload in shardings or ways(setup.count):
        for rank in ranks:
            for length in lengths or (setup.length,):
                for again in checkpointing:
                    try:
                        yield replace(
                            setup,
                            sharding=sharding,
                            offload=offload,
                            lora_rank=rank,
                            length=length,
                            checkpointing=again,
                        )
                    except PlanError:
                        continue  # this pair does not exist, e.g. 8-bit Adam under DeepSpeed
