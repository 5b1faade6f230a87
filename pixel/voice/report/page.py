"""Drawing the page out of what was read and measured."""

from collections.abc import Mapping, Sequence
from importlib import metadata
from pathlib import Path
from typing import Any

from pixel.data.whole_files import write_in_one_step
from pixel.voice.report.drawing import histogram, line, number

TEMPLATE = Path(__file__).with_name("page.jinja")
MOST = 50
"""Rows of a table at most."""
SETTINGS = ("model", "second_model", "language", "beam_size", "vad", "guards")
_CARDS = (
    ("hours recorded", "recorded_hours"),
    ("hours of speech", "speech_hours"),
    ("hours transcribed", "segment_hours"),
    ("hours kept by quality", "selected_hours"),
    ("files", "files"),
    ("files quarantined", "quarantined"),
    ("segments", "segments"),
    ("words", "words"),
    ("removed by guards", "guards"),
)
_PARTS = ("coverage", "guards", "quality", "consistency", "clusters", "drift")


def page(found: Mapping[str, Any]) -> str:
    """
    The page as HTML. All that comes from the data is escaped.

    Args:
        found: as `report.figures` gives it.
    """
    import jinja2

    environment = jinja2.Environment(autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True)
    environment.filters |= {
        "number": number,
        "columns": lambda rows, *names: [[row.get(name) for name in names] for row in rows],
        "consistency": _consistency,
        "spread": _spread,
        "alarms": _alarms,
        "bins": _bins,
        "histogram": lambda row: jinja2.utils.markupsafe.Markup(histogram(row)),
        "drawn": lambda row: jinja2.utils.markupsafe.Markup(_curve(row)),
    }
    parts = [*_PARTS, *(["authenticity"] if found["claims"] else [])]
    chosen = found["settings"]
    return environment.from_string(TEMPLATE.read_text(encoding="utf-8")).render(
        found,
        version=_version(),
        settings=", ".join(f"{name} {chosen[name]}" for name in SETTINGS if chosen.get(name) is not None),
        parts=[(name, name.capitalize()) for name in parts],
        cards=[(title, found["totals"][name]) for title, name in _CARDS if found["totals"][name] is not None],
        most=MOST,
        more=lambda rows: f" (the first {MOST} of {len(rows)})" if len(rows) > MOST else "",
    )


def _version() -> str:
    try:
        return metadata.version("pixel-eq")
    except metadata.PackageNotFoundError:
        return "from its folder"


def write_page(file: str | Path, found: Mapping[str, Any]) -> Path:
    """The page, in one step."""
    return write_in_one_step(Path(file), page(found))


def _consistency(rows: Sequence[Mapping[str, Any]]) -> list[list[Any]]:
    names = ("name", "samples", "within", "low", "high", "others", "apart", "probability")
    return [[*(row[name] for name in names), ", ".join(row["odd"]) or "none"] for row in rows]


def _spread(rows: Sequence[Mapping[str, Any]]) -> list[list[str]]:
    """Clusters of a voice, the fullest first."""
    out = []
    for row in rows:
        filled = sorted(((count, place) for place, count in enumerate(row["clusters"]) if count), reverse=True)
        out.append([row["name"], ", ".join(f"{place + 1}: {count}" for count, place in filled)])
    return out


def _alarms(rows: Sequence[Mapping[str, Any]]) -> list[list[Any]]:
    return [
        [row["name"], row["words"], row["score"], row["p"],
         ", ".join(f"{one['segment']} (word {one['word']:,})" for one in row["alarms"]) or "none"]
        for row in rows
    ]  # fmt: skip


def _bins(row: Mapping[str, Any]) -> list[list[Any]]:
    edges = row["edges"]
    return [[number(a), b, count] for a, b, count in zip(edges, edges[1:], row["counts"], strict=False)]


def _curve(row: Mapping[str, Any]) -> str:
    given = row["curve"]
    title = f"{row['name']}: score by place, highest {number(row['score'])} where {number(given['limit'])} is unusual"
    return line(given["word"], given["score"], title, given["limit"], given["at"])
