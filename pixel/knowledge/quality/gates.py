"""The gates that every generated conversation has to pass, in the order in which they are asked."""

from collections.abc import Iterable, Mapping
from typing import Any

from pixel.knowledge.quality.coverage import criterion_coverage
from pixel.knowledge.quality.defect import Defect, Gate
from pixel.knowledge.quality.near_duplicates import DuplicateGate
from pixel.knowledge.quality.slips import slips
from pixel.knowledge.quality.structure import structure
from pixel.knowledge.quality.variety import variety


def default_gates(duplicates: bool = False) -> list[Gate]:
    """
    Structure, slips of the pen, variety of technique, criterion coverage. All work without a model; what is safe to
    say is judged by `pixel.clinical.appropriateness`, which knows this module and not the other way round.

    Args:
        duplicates: also a `DuplicateGate`, which remembers the conversations it has seen (in this process).
    """
    gates: list[Gate] = [structure, slips, variety, criterion_coverage]
    return [*gates, DuplicateGate()] if duplicates else gates


def defects(conversation: Mapping[str, Any], gates: Iterable[Gate] | None = None) -> list[Defect]:
    """
    Every defect that the gates find. Where the structure is broken, later gates still read what can be read.

    Args:
        conversation: with `messages` and optional label lists and `rationale`.
        gates: default: `default_gates()`.
    """
    return [defect for gate in (default_gates() if gates is None else gates) for defect in gate(conversation)]
