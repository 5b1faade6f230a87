"""Why an attempt ended before the training did: one kind, one line, one mend, and whether to try again."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from pixel.orchestration.hang import Hang
from pixel.orchestration.heartbeat import Beat

PREEMPTED, NON_FINITE = 75, 76
"""Exit statuses of `recipes/train.py`: saved on SIGTERM; a gradient was not finite."""


@dataclass(frozen=True)
class Failure:
    """
    Attributes:
        kind: one word with underscores.
        reason: one line; never text of a conversation.
        mend: what a person can do; what was done about it is in the alert beside it.
        again: whether starting again can help.
    """

    kind: str
    reason: str
    mend: str
    again: bool = True


MENDS = {
    "preempted": "nothing: it goes on from what it saved",
    "non_finite": "look at the last steps in the log: a lower learning_rate, max_grad_norm 1.0, or that batch's data",
    "hang": "read the stacks at the end of the log; where a phase is honestly that slow, raise its --hang_* limit",
    "setting": "change the setting; no restart mends it",
    "import": "install what is missing (pip install -e '.[train]'); no restart mends it",
    "disk_full": "free space under output_dir, lower save_total_limit, or name another output_dir",
    "read_only": "give the run a folder it may write to: --output_dir",
    "gpu_memory": "a smaller per_device_train_batch_size or max_length, or see recipes/plan.py",
    "host_memory": "less in memory: fewer dataloader_num_workers, no offload to the CPU, or a larger machine",
    "killed": "see who sent the signal: a scheduler, a person, or the kernel (dmesg)",
    "port": "nothing: the next attempt has another port",
    "communication": "look at the first rank that failed in the log; check the network between machines",
    "unfinished": "see the log: the command ended as if all were well before the last step",
    "error": "see the log",
}

_PATTERNS = (
    ("import", r"^(?:ModuleNotFoundError|ImportError)\b"),
    ("disk_full", r"No space left on device|Disk quota exceeded|not enough (?:free )?space|Errno 28\b"),
    ("read_only", r"Read-only file system|Errno 30\b|^PermissionError\b"),
    ("gpu_memory", r"OutOfMemoryError|CUDA out of memory|HIP out of memory"),
    ("port", r"EADDRINUSE|[Aa]ddress already in use"),
)
_COMMUNICATION = r"NCCL|Gloo|gloo|DistBackendError|DistNetworkError|DistStoreError|Connection (?:reset|closed|refused)"
_EXCEPTION = re.compile(r"^(?:\w+\.)*[A-Z]\w*(?:Error|Exception|Interrupt|Exit)\b", re.MULTILINE)
_LAUNCHERS = ("ChildFailedError", "CalledProcessError")
_PREFIX = re.compile(r"^\[(?:rank|default)\d+\]: ?", re.MULTILINE)
_STATUS = re.compile(r"exitcode\s*: (-?\d+) |non-zero exit status (\d+)\.|died with <Signals\.SIG\w+: (\d+)>")


def rank_statuses(log: str) -> list[int]:
    """What the ranks ended with, as their launcher says: it ends with 1 itself, whatever they did."""
    found = []
    for exitcode, status, number in _STATUS.findall(log):
        found.append(-int(number) if number else int(exitcode or status))
    return found


def classify(
    status: int,
    log: str,
    beats: Iterable[Beat] = (),
    *,
    hang: Hang | None = None,
    out_of_memory: bool = False,
    stepped: bool = False,
    full: bool = False,
) -> Failure:
    """
    Name a failure.

    Args:
        status: what the command ended with; negative for a signal.
        log: the last of what it said.
        beats: the last word of its ranks.
        hang: for which it was killed.
        out_of_memory: the kernel killed somebody for memory meanwhile.
        stepped: a step was made since the supervisor started, so that settings and imports are in order.
        full: the disk is, so that the log may not hold the reason.
    """
    log = _PREFIX.sub("", log)
    statuses = [status, *(beat.status for beat in beats if beat.status is not None), *rank_statuses(log)]
    killed = [-one for one in statuses if one < 0]
    if hang is not None:
        return _failure("hang", str(hang))
    if NON_FINITE in statuses:
        return _failure("non_finite", "a gradient was not finite; the optimizer did not take it")
    if PREEMPTED in statuses:
        return _failure("preempted", "saved on SIGTERM")
    said = re.search(r"^error: (.*Mend: .*)$", log, re.MULTILINE)
    if said and not stepped and not any(re.search(pattern, said[1]) for _, pattern in _PATTERNS):
        return Failure("setting", said[1][:400], MENDS["setting"], again=False)
    if 9 in killed and out_of_memory:
        return _failure("host_memory", "killed with signal 9, and the kernel killed a process for memory")
    for kind, pattern in _PATTERNS:
        if found := re.search(pattern, log, re.MULTILINE):
            return _failure(kind, _where(log, found.start()) or found[0], kind != "import" or stepped)
    if full:
        return _failure("disk_full", "there is no space under output_dir, and the log may be cut")
    if status == 0:
        return _failure("unfinished", "it ended with 0 and has not finished")
    exceptions = [one for one in _EXCEPTION.finditer(log) if not one[0].endswith(_LAUNCHERS)]
    own = [one for one in exceptions if not re.search(_COMMUNICATION, _line(log, one.start()))]
    if own:
        return _failure("error", _where(log, own[0].start()) or own[0][0])
    if said:
        return Failure("error", said[1][:400], MENDS["error"])
    if killed:  # the others then complain of a connection
        return _failure("killed", f"a process was killed with signal {9 if 9 in killed else killed[0]}")
    if exceptions:
        return _failure("communication", exceptions[0][0])
    return _failure("error", f"ended with exit status {status}")


def _failure(kind: str, reason: str, again: bool = True) -> Failure:
    return Failure(kind, reason, MENDS[kind], again)


def _line(text: str, position: int) -> str:
    return text[text.rfind("\n", 0, position) + 1 :].split("\n", 1)[0]


def _where(log: str, position: int) -> str:
    """The exception around there and the line of code it came from; its message stays in the log."""
    named = _EXCEPTION.match(_line(log, position))
    places = re.findall(r'^  File "([^"]+)", line (\d+), in (\S+)', log[:position], re.MULTILINE)
    if named is None:
        return ""
    if not places:
        return named[0]
    file, line, function = places[-1]
    missing = re.search(r"No module named '[\w.]+'", _line(log, position))  # the one message that names no data
    said = f"{named[0]} ({missing[0]})" if missing else named[0]
    return f"{said} in {function}, {Path(file).name} line {line}"


def oom_kills() -> int | None:
    """Processes that the kernel killed for memory: in our control group, else on the machine. `None`: unknown."""
    try:
        groups = [line.split(":", 2) for line in Path("/proc/self/cgroup").read_text().splitlines()]
    except OSError:
        return None
    for _, controllers, path in groups:
        roots = {"": "/sys/fs/cgroup", "memory": "/sys/fs/cgroup/memory"}
        name = {"": "memory.events", "memory": "memory.oom_control"}
        if (
            controllers in roots
            and (count := _counter(Path(roots[controllers] + path) / name[controllers])) is not None
        ):
            return count
    return _counter(Path("/proc/vmstat"))


def _counter(file: Path) -> int | None:
    try:
        found = re.search(r"^oom_kill (\d+)", file.read_text(), re.MULTILINE)
    except OSError:
        return None
    return int(found[1]) if found else None
