"""The faults of a whole round: every kind, several times, at moments drawn from a seed."""

import random
from collections.abc import Callable, Iterator

from pixel.benchmarks.faults.fault import Fault
from pixel.benchmarks.faults.moments import Moment, anywhere, in_a_save, in_a_step

STEPS, INTERVAL = 12, 3
"""Of every run: optimizer steps, and steps between checkpoints."""

HUB = {"HF_ENDPOINT": "http://127.0.0.1:{port}", "HF_TOKEN": "hf_nobody", "HF_HUB_DISABLE_XET": "1"}
PUSH = {"push_to_hub": True, "hub_model_id": "nobody/faulty"}
WEBHOOK = {"alerts": {"webhook": "http://127.0.0.1:{port}/", "webhook_severity": "info"}}
TRACKIO = {"report_to": ["trackio"]}
WANDB = {"report_to": ["wandb"]}
WORKERS = {"dataloader_num_workers": 1, "data_timeout": 15}

Draw = random.Random
Maker = Callable[[Draw, int], dict]


def _signals(action: str, ranks: int = 1) -> Maker:
    def make(draw: Draw, number: int) -> dict:
        rank = draw.randrange(ranks)
        moment = anywhere(draw, STEPS, INTERVAL, rank)
        if number == 0:  # one for certain in the middle of a save
            moment = in_a_save(draw, STEPS, INTERVAL, rank)
        return {"moment": moment, "action": action, "ranks": ranks, "beside": "two" if ranks == 2 else "one"}

    return make


def _damage(how: str) -> Maker:
    def make(draw: Draw, number: int) -> dict:
        given = {"how": how, "seed": draw.randrange(10**9)}
        broken = 0 if how == "half_written" else 1
        return {
            "moment": in_a_step(draw, INTERVAL + 1, STEPS - 1), "action": "damage", "given": given, "broken": broken,
        }  # fmt: skip

    return make


def _full(draw: Draw, number: int) -> dict:
    moment = in_a_save(draw, STEPS, INTERVAL)
    if number == 1:
        moment = Moment("after", operation=draw.randint(1, 8))
    return {"moment": moment, "action": "fill_disk", "own_disk": True, "release": round(draw.uniform(1, 6), 1)}


def _lost(once: bool) -> Maker:
    def make(draw: Draw, number: int) -> dict:
        step, value = draw.randint(1, STEPS), ("nan", "inf")[number % 2]
        lost = {"step": step, "value": value, "once": once}
        beside = "one" if once else f"one, step {step} left out"
        return {"given": {"lost": lost}, "beside": beside, "message": "" if once else "is left out"}

    return make


def _lost_on_one_rank(draw: Draw, number: int) -> dict:
    lost = {"step": draw.randint(1, STEPS), "value": "nan", "once": True, "rank": 1}
    return {"given": {"lost": lost}, "beside": "two", "ranks": 2}


def _worker(how: str) -> Maker:
    def make(draw: Draw, number: int) -> dict:
        made = {"given": {"worker": {"batch": draw.randint(2, STEPS - 1), "how": how}}, "options": WORKERS}
        if how == "sleep" and number % 2:  # nobody but the supervisor minds
            made |= {"options": WORKERS | {"data_timeout": 0}, "message": "silent for", "hang": 20.0}
        return made

    return make


def _hang(draw: Draw, number: int) -> dict:
    return {"moment": in_a_step(draw, 3, STEPS - 1), "action": "sleep", "message": "silent for", "hang": 20.0}


def _hub(server: str, message: str) -> Maker:
    return lambda draw, number: {"server": server, "environment": HUB, "options": PUSH, "message": message}


def _sink(server: str) -> Maker:
    def make(draw: Draw, number: int) -> dict:
        # an alert is certain: a step that is not finite once
        lost = {"step": draw.randint(2, STEPS), "value": "nan", "once": True}
        return {"server": server, "options": WEBHOOK, "given": {"lost": lost}}

    return make


def _tracker(action: str, options: dict, environment: dict) -> Maker:
    def make(draw: Draw, number: int) -> dict:
        moment = in_a_step(draw, 2, STEPS - 2)
        return {"moment": moment, "action": action, "options": options, "environment": environment}

    return make


def _no_server(draw: Draw, number: int) -> dict:
    gone = {"WANDB_MODE": "online", "WANDB_API_KEY": "0" * 40, "WANDB_BASE_URL": "http://127.0.0.1:{port}"}
    return {"server": "sink_refuses", "options": WANDB, "environment": gone}


def _read_only_from_the_start(draw: Draw, number: int) -> dict:
    return {"action": "make_read_only", "message": r"error: .*Mend: "}


def _read_only(draw: Draw, number: int) -> dict:
    moment = anywhere(draw, STEPS, INTERVAL) if number else in_a_save(draw, STEPS, INTERVAL)
    return {"moment": moment, "action": "make_read_only", "release": round(draw.uniform(1, 6), 1)}


TRACKIO_PLACE = {"TRACKIO_DIR": "{folder}/trackio"}
WANDB_PLACE = {"WANDB_MODE": "offline", "WANDB_DIR": "{folder}"}

KINDS: dict[str, tuple[int, Maker]] = {
    "SIGKILL of a rank of two": (4, _signals("kill_rank", 2)),
    "SIGKILL of both ranks": (3, _signals("kill_all", 2)),
    "SIGKILL of the only process": (5, _signals("kill_all")),
    "SIGKILL of the supervisor": (4, _signals("kill_supervisor")),
    "SIGTERM to a rank of two": (2, _signals("term_rank", 2)),
    "SIGTERM to the only process": (3, _signals("term_rank")),
    "SIGTERM to the supervisor": (4, _signals("term_supervisor")),
    "disk full": (4, _full),
    "checkpoint truncated": (3, _damage("truncated")),
    "checkpoint bit-flipped": (4, _damage("flipped")),
    "checkpoint file missing": (3, _damage("missing")),
    "checkpoint emptied": (2, _damage("emptied")),
    "checkpoint half written": (2, _damage("half_written")),
    "NaN or infinite loss once": (3, _lost(True)),
    "NaN on one rank of two": (1, _lost_on_one_rank),
    "NaN or infinite loss each time": (2, _lost(False)),
    "data worker hangs": (2, _worker("sleep")),
    "data worker killed": (2, _worker("kill")),
    "process hangs": (1, _hang),
    "Hub answers 500": (2, _hub("hub_500", "hf upload")),
    "Hub gone while pushing": (1, _hub("hub_gone", "hf upload")),
    "Hub gone from the start": (1, _hub("hub_absent", "No push")),
    "webhook refuses": (1, _sink("sink_refuses")),
    "webhook dies": (1, _sink("sink_dies")),
    "trackio's folder gone": (1, _tracker("break_trackio", TRACKIO, TRACKIO_PLACE)),
    "W&B's service killed": (1, _tracker("kill_wandb", WANDB, WANDB_PLACE)),
    "W&B's server absent": (1, _no_server),
    "read-only from the start": (1, _read_only_from_the_start),
    "read-only meanwhile": (3, _read_only),
}
"""Kind: how often, and how one is made."""


def faults(seed: int = 0, only: str = "") -> Iterator[Fault]:
    """
    All faults of a round, one of each kind first. A kind's moments depend on the seed and its name alone.

    Args:
        seed: of the moments.
        only: kinds whose name holds these words.

    Raises:
        ValueError: no kind does.
    """
    found = [kind for kind in KINDS if only in kind]
    if not found:
        raise ValueError(f"no kind of fault is called {only!r}; kinds: {'; '.join(KINDS)}")
    made = []
    for kind in found:
        count, make = KINDS[kind]
        draw = random.Random(f"{seed} {kind}")
        made += [(number, Fault(f"{kind} {number + 1}", kind, **make(draw, number))) for number in range(count)]
    yield from (fault for _, fault in sorted(made, key=lambda pair: pair[0]))
