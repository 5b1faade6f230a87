"""Page: empathy from version to version, and what stands out."""

import gradio as gr

from dashboard_pages.parts import figure_slot, filled, known, look_when_opened, number, page_button, page_file
from pixel.evaluation.figures import empathy_progression, png
from pixel.metrics.outliers import outliers

HEADERS = ["dimension", "version", "value", "interval", "stands out"]


def points(results: dict[str, dict]) -> list[dict]:
    """Every empathy figure of every version, in order, with the ones that stand out marked."""
    found = [
        {"step": name, "dimension": f"{row['task']}: {row['metric']}", "value": row["value"], "low": row.get("low"),
         "high": row.get("high"), "anomaly": False}
        for name, content in results.items() for row in content.get("results", [])
        if row.get("group") == "empathy" and row.get("value") is not None
    ]  # fmt: skip
    for dimension in {point["dimension"] for point in found}:
        line = [point for point in found if point["dimension"] == dimension]
        for point, odd in zip(line, outliers([point["value"] for point in line]), strict=True):
            point["anomaly"] = odd
    return found


def build(runs, guard):
    """Lay out the page."""
    names = list(runs.evaluations())
    chosen = gr.Dropdown(names, value=names, multiselect=True, label="Versions, oldest first")
    slot = figure_slot("Empathy from version to version")
    gr.Markdown("A red ring marks a value far from the others of its line (robust z above 3.5, five versions needed).")
    rows = gr.Dataframe(headers=HEADERS, interactive=False, wrap=True, show_search="filter")
    take = page_button()

    @guard
    def show(chosen):
        there = {name: runs.results(name) or {} for name in known(chosen, runs.evaluations())}
        found = points(there)
        figure = png(empathy_progression(found))
        lines = [
            [p["dimension"], p["step"], number(p["value"]),
             "" if p["low"] is None else f"{p['low']:.3f} to {p['high']:.3f}", "yes" if p["anomaly"] else ""]
            for p in found
        ]  # fmt: skip
        page = page_file("empathy", [("Empathy", figure, [HEADERS, *lines])])
        return [*filled("empathy", figure), lines, page]

    outputs = [*slot, rows, take]
    look_when_opened(chosen, runs.evaluations, list, guard)
    chosen.change(show, chosen, outputs, api_visibility="private")
    return show, [chosen], outputs
