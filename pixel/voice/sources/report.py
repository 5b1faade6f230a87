"""What a round of downloads came to: fetched, there already, failed and why, refused and why."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True)
class Item:
    """
    One recording of a playlist.

    Attributes:
        playlist: id of the slot.
        name: title, or address where no title is known.
        file: path below the folder, once it is there.
        reason: why it was passed over or failed.
    """

    playlist: str
    name: str
    file: str | None = None
    reason: str | None = None


@dataclass
class DownloadReport:
    """
    Attributes:
        fetched: recordings that this round brought.
        skipped: those that an earlier round brought.
        failed: those that did not come; the next round tries them again.
        refused: id of a slot -> why nothing may be fetched of it.
        empty: ids of slots without an address, or disabled.
    """

    fetched: list[Item] = field(default_factory=list)
    skipped: list[Item] = field(default_factory=list)
    failed: list[Item] = field(default_factory=list)
    refused: Mapping[str, str] = field(default_factory=dict)
    empty: list[str] = field(default_factory=list)

    def as_dict(self) -> dict[str, Any]:
        """Plain JSON values."""
        return asdict(self)

    def summary(self) -> str:
        """
        One line.

        Example:
            >>> DownloadReport(fetched=[Item("a", "b")]).summary()
            'fetched 1, there already 0, failed 0, slots refused 0'
        """
        counts = (len(self.fetched), len(self.skipped), len(self.failed), len(self.refused))
        return "fetched {}, there already {}, failed {}, slots refused {}".format(*counts)

    def table(self) -> str:
        """What did not come, and why, as a Markdown table; empty where everything came."""
        from pixel.metrics.table import markdown

        rows = [(slot, None, reason) for slot, reason in self.refused.items()]
        rows += [(item.playlist, item.name, item.reason) for item in self.failed]
        return markdown(("slot", "recording", "why not"), rows) if rows else ""
