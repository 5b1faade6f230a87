"""Drawing the page out of `results.json`'s content."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pixel.data.whole_files import write_in_one_step
from pixel.evaluation.report.radar import radar
from pixel.evaluation.row import GROUPS
from pixel.models.labels import EQ_DOMAINS

TEMPLATE = Path(__file__).with_name("page.jinja")
TITLES = {
    "eq": "Emotional intelligence",
    "persona": "Persona",
    "clinical": "Clinical",
    "empathy": "Empathy",
    "conversation": "Conversation",
    "appropriateness": "Appropriateness",
    "bias": "Bias",
    "language": "Language",
    "readouts": "Read-outs on labelled turns",
}


def beats(row: Mapping[str, Any], other: str) -> bool | None:
    """Whether a row's value is better than its `majority` or `length`; `None` where one of the two is not there."""
    value, rival = row["value"], row[other]
    if value is None or rival is None:
        return None
    return value > rival if row["higher_is_better"] else value < rival


def eq_chart(results: list[Mapping[str, Any]]) -> str:
    """
    The radar of the `eq` task: for each domain the correlation with the ratings it was scored against, and what the
    length of the message alone reaches. Empty where no domain has a value.
    """
    by_metric = {row["metric"]: row for row in results if row["task"] == "eq"}
    chart: dict[str, list[float | None]] = {}
    for heading, key in (("correlation with ratings", "value"), ("message length alone", "length")):
        for corpus in ("epitome", "seed"):
            values = [by_metric.get(f"{domain}/{corpus}", {}).get(key) for domain in EQ_DOMAINS]
            if any(value is not None for value in values):
                chart[f"{heading}, {corpus}"] = values
    levels = [by_metric.get(f"level/{domain}", {}).get("value") for domain in EQ_DOMAINS]
    if any(value is not None for value in levels):
        chart["level read in its own replies"] = levels
    return radar(EQ_DOMAINS, chart) if chart else ""


def page(results: Mapping[str, Any]) -> str:
    """The page as HTML. All that was measured is escaped."""
    import jinja2

    rows = results["results"]
    groups = {
        name: [
            {**row, "behind": [w for w in ("majority", "length") if beats(row, w) is False]}
            for row in rows
            if row["group"] == name
        ]
        for name in GROUPS
    }
    claims = [row for row in rows if row["validated"] is not None]
    environment = jinja2.Environment(autoescape=True, undefined=jinja2.StrictUndefined)
    environment.filters |= {"figure": figure, "setting": setting}
    return environment.from_string(TEMPLATE.read_text(encoding="utf-8")).render(
        results=results,
        groups={name: found for name, found in groups.items() if found},
        titles=TITLES,
        chart=eq_chart(rows),
        claims=len(claims),
        unvalidated=sum(row["validated"] is False for row in claims),
        notes=[(task["name"], note) for task in results["tasks"] for note in task["notes"]],
    )


def figure(value: float | None) -> str:
    """A number for a table's cell: three decimals, fewer where it is large, a dash for none."""
    if value is None:
        return "–"
    return f"{value:.3f}" if abs(value) < 100 else f"{value:,.0f}"


def setting(value: Any) -> str:
    """A setting as words: lists with commas, a dash for nothing."""
    if value is None or value == []:
        return "–"
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def write_page(folder: str | Path, results: Mapping[str, Any]) -> Path:
    """`report.html` in the folder, in one step."""
    return write_in_one_step(Path(folder) / "report.html", page(results))
