"""Selection: which segments are good enough to train on, and why the others are not."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from pixel.voice.quality.thresholds import Thresholds, measures_of, shortfalls
from pixel.voice.segment import Segment


@dataclass(frozen=True)
class Dropped:
    """A segment and the reasons, each in words that are the same for every segment dropped for it."""

    segment: Segment
    reasons: tuple[str, ...]

    def as_row(self) -> dict:
        """The segment's row with its `reasons`."""
        return self.segment.as_row() | {"reasons": list(self.reasons)}


@dataclass(frozen=True)
class Selection:
    """
    Attributes:
        kept: in the order they came, with all measures in `quality`.
        dropped: likewise, with reasons.
    """

    kept: list[Segment] = field(default_factory=list)
    dropped: list[Dropped] = field(default_factory=list)

    def without(self, reasons: dict[str, str]) -> "Selection":
        """
        A further cut.

        Args:
            reasons: id of a kept segment to why it goes.
        """
        kept = [one for one in self.kept if one.id not in reasons]
        gone = [Dropped(one, (reasons[one.id],)) for one in self.kept if one.id in reasons]
        return Selection(kept, [*self.dropped, *gone])

    def table(self) -> str:
        """What was dropped and why, as Markdown; see `pixel.voice.quality.dropped_table`."""
        from pixel.voice.quality.dropped_table import dropped_table

        return dropped_table(self)


def select(segments: Iterable[Segment], thresholds: Thresholds) -> Selection:
    """
    Part the segments at the thresholds.

    Args:
        segments: as transcribed, with `quality` from `measure_audio` where the sound was measured.
        thresholds: of `load_thresholds`.

    Returns:
        kept and dropped; every segment's `quality` holds all its measures, the transcript's included.
    """
    selection = Selection()
    for segment in segments:
        measures = measures_of(segment)
        segment = replace(segment, quality=dict(segment.quality) | measures)
        missed = shortfalls(measures, thresholds)
        if missed:
            selection.dropped.append(Dropped(segment, tuple(one.reason for one in missed)))
        else:
            selection.kept.append(segment)
    return selection
