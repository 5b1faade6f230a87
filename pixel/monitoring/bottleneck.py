"""What holds a run up, and what to do about it. Every rule looks at the same observation and names its own mend."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from statistics import median

from pixel.monitoring.gpu import THERMAL, throttles

GIB = 2**30


@dataclass(frozen=True)
class Observation:
    """
    A stretch of a run, of the rank or ranks at hand.

    Attributes:
        shares: phase -> share of the time, adding up to 1.
        padding: share of token slots that is padding, if there are tokens.
        tokens: slots of a micro-batch on one device.
        accelerator: whether the network is on a GPU.
        workers: of the data loader.
        processes: of this run on this machine.
        threads: of each, in matrix products.
        cores: processors they may use together.
        resources: summary of the readings (`Host.read`, `Gpus.read`).
        own_seconds: by rank, seconds a step that it did not wait for others.
        steps_per_second: now, and `usual_steps_per_second` over the stretches before.
    """

    shares: Mapping[str, float] = field(default_factory=dict)
    padding: float | None = None
    tokens: float | None = None
    accelerator: bool = False
    workers: int = 0
    processes: int = 1
    threads: int = 1
    cores: float = 1.0
    resources: Mapping[str, float] = field(default_factory=dict)
    own_seconds: Sequence[float] = ()
    steps_per_second: float | None = None
    usual_steps_per_second: float | None = None


@dataclass(frozen=True)
class Finding:
    """
    Attributes:
        kind: which rule.
        weight: about which share of the time is lost, in [0, 1]; the largest is the bottleneck.
        message: what, how much, and the mend, one line.
        alarming: whether a person should know at once.
    """

    kind: str
    weight: float
    message: str
    alarming: bool = False


def data_bound(seen: Observation) -> Finding | None:
    """More than 15 percent of the time waiting for batches."""
    share = seen.shares.get("data", 0.0)
    if share <= 0.15:
        return None
    mend = f"raise dataloader_num_workers from {seen.workers}" if seen.workers == 0 else "prepare rows once"
    if seen.cores <= seen.processes and not seen.accelerator:
        mend = "prepare the rows before training (there is no free processor for workers)"
    return Finding("data_bound", share, f"{share:.0%} of the time waits for data. Mend: {mend}")


def padding_heavy(seen: Observation) -> Finding | None:
    """More than 20 percent of the slots are padding."""
    if seen.padding is None or seen.padding <= 0.2:
        return None
    mend = "packing: true, or train_sampling_strategy: group_by_length"
    return Finding("padding_heavy", seen.padding, f"{seen.padding:.0%} of the tokens are padding. Mend: {mend}")


def small_batches(seen: Observation) -> Finding | None:
    """A GPU that idles though neither data nor communication holds it up: kernels too small, or too many."""
    used = seen.resources.get("gpu_percent")
    waits = seen.shares.get("data", 0.0) + seen.shares.get("communication", 0.0)
    if not seen.accelerator or used is None or used >= 70 or waits > 0.25 or (seen.tokens or 0) > 16384:
        return None
    said = f"the GPU is busy {used:.0f}% of the time with {seen.tokens or 0:.0f} tokens a batch"
    mend = "a larger per_device_train_batch_size and fewer accumulation steps"
    return Finding("small_batches", 1 - used / 100, f"{said}. Mend: {mend}")


def communication_bound(seen: Observation) -> Finding | None:
    """More than 25 percent of the time waiting for other ranks."""
    share = seen.shares.get("communication", 0.0)
    if share <= 0.25:
        return None
    mend = "more gradient_accumulation_steps or larger batches, so that ranks meet less often"
    return Finding("communication_bound", share, f"{share:.0%} of the time waits for other ranks. Mend: {mend}")


def memory_near_limit(seen: Observation) -> Finding | None:
    """Host memory above 92 percent, or pages going to swap and back; GPU memory above 97 percent."""
    host, swap = seen.resources.get("memory_used_share", 0.0), seen.resources.get("swap_rate", 0.0)
    if host > 0.92 or swap > 2**20:
        said = f"{host:.0%} of the memory is used and {swap / 2**20:.0f} MiB/s are swapped"
        mend = "fewer data workers, a smaller batch with more accumulation, or activation_checkpointing: true"
        return Finding("memory_near_limit", 0.5 if swap > 2**20 else 0.2, f"{said}. Mend: {mend}", alarming=True)
    used, limit = seen.resources.get("gpu_memory_bytes", 0.0), seen.resources.get("gpu_memory_limit_bytes", 0.0)
    if limit and used / limit > 0.97:
        mend = "a smaller batch with more accumulation, or activation_checkpointing: true"
        return Finding(
            "gpu_memory_near_limit", 0.1, f"{used / limit:.0%} of the GPU memory is taken. Mend: {mend}", alarming=True
        )
    return None


def slow_disk(seen: Observation) -> Finding | None:
    """More than 15 percent of the time saving checkpoints."""
    share = seen.shares.get("saving", 0.0)
    if share <= 0.15:
        return None
    rate = seen.resources.get("disk_write_rate", 0.0) / 2**20
    mend = "larger save_steps, save_only_model: true, or output_dir on a faster disk"
    return Finding("slow_disk", share, f"{share:.0%} of the time saves ({rate:.0f} MiB/s written). Mend: {mend}")


def disk_nearly_full(seen: Observation) -> Finding | None:
    """Less than 5 percent and less than 20 GiB free."""
    free, share = seen.resources.get("disk_free_bytes"), seen.resources.get("disk_used_share", 0.0)
    if free is None or share < 0.95 or free > 20 * GIB:
        return None
    mend = "save_total_limit, or room on the disk"
    return Finding("disk_nearly_full", 0.05, f"{free / GIB:.1f} GiB of disk are left. Mend: {mend}", alarming=True)


def throttled(seen: Observation) -> Finding | None:
    """The GPU slows itself down: heat, power, or hardware."""
    bits = int(seen.resources.get("gpu_throttle", 0))
    reasons = throttles(bits)
    if not reasons:
        return None
    clock, most = seen.resources.get("gpu_clock_mhz"), seen.resources.get("gpu_clock_max_mhz")
    lost = 1 - clock / most if clock and most else 0.1
    mend = "better cooling" if bits & THERMAL else "a higher power limit (nvidia-smi -pl), if the site allows"
    said = f"the GPU slows down ({', '.join(reasons)}), {lost:.0%} below its highest clock"
    return Finding("throttled", lost, f"{said}. Mend: {mend}", alarming=bool(bits & THERMAL) or lost > 0.3)


def hot(seen: Observation) -> Finding | None:
    """88 degrees Celsius or more on the GPU."""
    heat = seen.resources.get("gpu_celsius", 0.0)
    if heat < 88:
        return None
    return Finding("hot", 0.05, f"the GPU is at {heat:.0f} degrees Celsius. Mend: better cooling", alarming=True)


def memory_errors(seen: Observation) -> Finding | None:
    """Uncorrected errors of GPU memory."""
    errors = seen.resources.get("gpu_ecc_errors", 0.0)
    if not errors:
        return None
    said = f"{errors:.0f} uncorrected errors in GPU memory"
    return Finding("gpu_memory_errors", 0.05, f"{said}. Mend: stop, and have the GPU reset or replaced", alarming=True)


def straggler(seen: Observation) -> Finding | None:
    """One rank needs 25 percent longer for its own work than the middle one; the others wait for it."""
    times = list(seen.own_seconds)
    if len(times) < 2:
        return None
    slowest = max(range(len(times)), key=times.__getitem__)
    others = median(times[:slowest] + times[slowest + 1 :])
    if others <= 0 or times[slowest] < 1.25 * others:
        return None
    said = f"rank {slowest} needs {times[slowest]:.3g} s a step and the others {others:.3g} s"
    mend = "look at its machine (heat, other jobs), or at how rows are shared out"
    return Finding("straggler", 1 - others / times[slowest], f"{said}. Mend: {mend}", alarming=True)


def too_many_threads(seen: Observation) -> Finding | None:
    """Threads times processes above the processors: they take turns instead of working."""
    asked = seen.threads * seen.processes
    if seen.accelerator or asked <= seen.cores * 1.01:
        return None
    said = f"{seen.processes} processes of {seen.threads} threads share {seen.cores:g} processors"
    mend = f"OMP_NUM_THREADS={max(int(seen.cores // seen.processes), 1)}"
    return Finding("too_many_threads", 1 - seen.cores / asked, f"{said}. Mend: {mend}")


def crowded(seen: Observation) -> Finding | None:
    """Other programs want the processors too: more runnable tasks than there are, and few of them ours."""
    load, mine = seen.resources.get("load_per_core", 0.0), seen.resources.get("process_cpu_percent", 0.0)
    if load < 1.5 or seen.cores <= 0 or seen.processes * mine / 100 > 0.75 * seen.cores:
        return None
    said = f"{load:.1f} tasks wait for every processor and this run gets {mine / 100:.1f} of {seen.cores:g}"
    return Finding("crowded", 1 - 1 / load, f"{said}. Mend: run it alone, or with nice")


def slower_than_before(seen: Observation) -> Finding | None:
    """Steps a third slower than they usually were."""
    now, usual = seen.steps_per_second, seen.usual_steps_per_second
    if not now or not usual or now > 0.67 * usual:
        return None
    said = f"{now:.3g} steps a second, {usual:.3g} before"
    return Finding("throughput_drop", 1 - now / usual, f"{said}. Mend: see what else is named here", alarming=True)


RULES: tuple[Callable[[Observation], Finding | None], ...] = (
    data_bound, padding_heavy, small_batches, communication_bound, memory_near_limit, slow_disk, disk_nearly_full,
    throttled, hot, memory_errors, straggler, too_many_threads, crowded, slower_than_before,
)  # fmt: skip


def find(seen: Observation) -> list[Finding]:
    """Everything that holds the run up, the worst first; the first is the bottleneck."""
    found = [finding for rule in RULES if (finding := rule(seen)) is not None]
    return sorted(found, key=lambda finding: -finding.weight)
