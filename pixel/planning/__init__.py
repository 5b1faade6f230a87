"""What a run will need, before any machine is rented: memory by part, feasible configurations, throughput."""

from pixel.planning.architecture import Architecture, read_architecture
from pixel.planning.errors import PlanError
from pixel.planning.hardware import Machines, read_hardware
from pixel.planning.heads import Heads
from pixel.planning.memory import Memory, memory
from pixel.planning.setup import Setup

__all__ = [
    "Architecture", "Heads", "Machines", "Memory", "PlanError", "Setup", "memory", "read_architecture",
    "read_hardware",
]  # fmt: skip
