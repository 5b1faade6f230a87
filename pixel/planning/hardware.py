"""The machines a plan is made for."""

import re
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from pixel.planning.errors import PlanError

GIB = 2**30


@dataclass(frozen=True)
class Device:
    """One device, as `hardware.yaml` describes it; memory in GiB, speeds in FLOP/s and bytes/s."""

    name: str
    memory_gib: float
    bf16: float
    memory_bandwidth: float
    link: float
    network: float
    overhead_gib: float
    per_node: int
    host_gib: float
    source: str

    @property
    def is_cpu(self) -> bool:
        """Whether tensors lie in the machine's own memory."""
        return self.name == "cpu"


@dataclass(frozen=True)
class Machines:
    """`nodes` machines with `per_node` devices each."""

    device: Device
    nodes: int
    per_node: int

    @property
    def count(self) -> int:
        """Devices in all."""
        return self.nodes * self.per_node

    @property
    def bandwidth(self) -> float:
        """Bytes/s a device sends to the others, one way: the slower of link and network."""
        return self.device.link if self.nodes == 1 else min(self.device.link, self.device.network)

    def __str__(self) -> str:
        return f"{self.count} x {self.device.name}" + (f" on {self.nodes} nodes" if self.nodes > 1 else "")


@cache
def devices() -> dict[str, Device]:
    """All devices that ship with Pixel, by name."""
    import yaml

    table = yaml.safe_load((files("pixel.planning") / "hardware.yaml").read_text(encoding="utf-8"))
    return {name: Device(name=name, **row) for name, row in table.items()}


def read_hardware(text: str) -> Machines:
    """
    `8xa100-80gb`, `2x8xh100` (nodes x devices x kind), or a kind alone for one device.

    Raises:
        PlanError: no such device, or a number that is not one.
    """
    found = re.fullmatch(r"(?:(\d+)x)?(?:(\d+)x)?([A-Za-z0-9-]+)", text.strip())
    known = devices()
    if not found or found[3] not in known:
        raise PlanError(
            f"--hardware {text}: no such device. Mend: COUNTxDEVICE or NODESxCOUNTxDEVICE, DEVICE one of "
            f"{', '.join(known)}"
        )
    device = known[found[3]]
    first, second = (int(number) if number else None for number in found.group(1, 2))
    if 0 in (first, second):
        raise PlanError(f"--hardware {text}: 0 devices. Mend: at least 1")
    if second is not None:
        return Machines(device, first, second)
    count = first or 1
    nodes = -(-count // device.per_node) if not device.is_cpu else 1
    if count % nodes:
        raise PlanError(f"--hardware {text}: does not fill its nodes. Mend: NODESxCOUNTx{device.name}")
    return Machines(device, nodes, count // nodes)
