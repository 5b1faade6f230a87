"""Tokens, rows and steps a second."""

from dataclasses import dataclass, fields


@dataclass
class Counts:
    """
    What was trained on; the numbers may be tensors, which are read only when somebody asks.

    Attributes:
        steps: optimizer steps.
        rows: of batches.
        tokens: real ones.
        slots: tokens with padding.
        read: real tokens of batches that are only read, up to the readout layer.
        pairs: of query and key under causal attention, documents apart.
        turns: that the heads read.
    """

    steps: float = 0
    rows: float = 0
    tokens: float = 0
    slots: float = 0
    read: float = 0
    pairs: float = 0
    turns: float = 0

    def __add__(self, other: "Counts") -> "Counts":
        return Counts(*(getattr(self, f.name) + getattr(other, f.name) for f in fields(self)))

    def numbers(self) -> "Counts":
        """The same in plain numbers; on a GPU this waits for them."""
        return Counts(*(float(getattr(self, f.name)) for f in fields(self)))

    def values(self) -> list[float]:
        """In the order of the attributes."""
        return [getattr(self, f.name) for f in fields(self)]


def rates(counts: Counts, seconds: float) -> dict[str, float]:
    """
    A second's worth.

    Args:
        counts: of all ranks; steps are those of one rank.
        seconds: they took.

    Returns:
        `steps_per_second`, `rows_per_second`, and where there were tokens `tokens_per_second`,
        `padded_tokens_per_second` and `padding` (share of slots that is padding), where there were turns
        `turns_per_second`. Empty where no time has passed.
    """
    if seconds <= 0:
        return {}
    said = {"steps_per_second": counts.steps / seconds, "rows_per_second": counts.rows / seconds}
    if counts.slots:
        said |= {
            "tokens_per_second": counts.tokens / seconds,
            "padded_tokens_per_second": counts.slots / seconds,
            "padding": 1 - counts.tokens / counts.slots,
        }
    if counts.turns:
        said["turns_per_second"] = counts.turns / seconds
    return said
