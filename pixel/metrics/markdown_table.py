"""Results as a table that people read."""

from collections.abc import Iterable

from pixel.metrics.readout_report import Result
from pixel.metrics.table import markdown

HEADER = (
    "objective", "read-out", "corpus", "metric", "value", "95% interval", "turns", "majority", "ten-minute baseline",
    "published",
)  # fmt: skip
LOWER_IS_BETTER = ("ece",)


def markdown_table(results: Iterable[Result]) -> str:
    """
    Results as a Markdown table, followed by where its baselines and published figures come from.

    What is missing is a dash, never a zero; an undefined figure says why; a figure that does not beat the majority
    answer is marked.

    Args:
        results: in the order of the rows.

    Returns:
        `str`, ending in a newline.
    """
    results = list(results)
    rows = [
        (
            result.objective,
            result.field,
            result.source,
            result.metric + (" (lower is better)" if result.metric.startswith(LOWER_IS_BETTER) else ""),
            _value(result),
            "-" if result.low is None else f"{result.low:.3f} to {result.high:.3f}",
            f"{result.n:,}",
            result.majority,
            result.baseline,
            result.published,
        )
        for result in results
    ]
    notes: dict[str, list[str]] = {}
    for result in results:
        place = f"{result.field} ({result.source})"
        if result.reference and place not in notes.setdefault(result.reference, []):
            notes[result.reference].append(place)
    told = "".join(f"- {', '.join(places)}: {words}.\n" for words, places in notes.items())
    return markdown(HEADER, rows) + (f"\n{told}" if told else "")


def _value(result: Result) -> str:
    if result.value is None:
        return f"- ({result.reason})"
    beaten = result.majority is None or result.value > result.majority
    return f"{result.value:.3f}" + ("" if beaten else " (not above majority)")
