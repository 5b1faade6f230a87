"""Page: EQ in five domains, and every figure of the chosen evaluations."""

import gradio as gr

from dashboard_pages.parts import figure_slot, filled, known, look_when_opened, number, page_button, page_file
from pixel.evaluation.figures import eq_radar, png
from pixel.models.labels import EQ_DOMAINS

HEADERS = [
    "version",
    "group",
    "task",
    "metric",
    "value",
    "interval",
    "n",
    "majority",
    "length only",
    "published",
    "note",
]
NOT_VALIDATED = "not validated against people"


def eq_values(results: dict) -> dict[str, float | None]:
    """The five domains' figures, by the first row of the EQ task that names each of them."""
    rows = [row for row in results.get("results", []) if row.get("group") == "eq" or row.get("task") == "eq"]
    found: dict[str, float | None] = {}
    for domain in EQ_DOMAINS:
        values = [row["value"] for row in rows if domain in row["metric"] and row.get("value") is not None]
        found[domain] = values[0] if values else None
    return found


def table(name: str, results: dict) -> list[list[str]]:
    """Rows for people: what was not validated says so, what was not measured says why."""
    rows = []
    for row in results.get("results", []):
        note = NOT_VALIDATED if row.get("validated") is False else row.get("reason") or ""
        interval = "" if row.get("low") is None else f"{row['low']:.3f} to {row['high']:.3f}"
        rows.append([name, row.get("group", ""), row["task"], row["metric"], number(row.get("value")), interval,
                     str(row.get("n", "")), number(row.get("majority")), number(row.get("length")),
                     number(row.get("published")), note])  # fmt: skip
    for skipped in results.get("skipped", []):
        rows.append([name, "", skipped["task"], "", "–", *[""] * 5, f"not run: {skipped['reason']}"])
    return rows


def build(runs, guard) -> None:
    """Lay out the page."""
    names = list(runs.evaluations())
    with gr.Row():
        chosen = gr.Dropdown(names, value=names[-3:], multiselect=True, label="Versions", scale=4)
        again = gr.Button("Look again", scale=1)
    slot = figure_slot("EQ in five domains")
    rows = gr.Dataframe(headers=HEADERS, interactive=False, wrap=True, show_search="filter", label="Every figure")
    take = page_button()

    @guard
    def show(chosen):
        there = {name: runs.results(name) or {} for name in known(chosen, runs.evaluations())}
        figure = png(eq_radar({name: eq_values(results) for name, results in there.items()}))
        lines = [line for name, results in there.items() for line in table(name, results)]
        page = page_file("figures", [("EQ in five domains", figure, []), ("Every figure", None, [HEADERS, *lines])])
        return [*filled("eq", figure), lines, page]

    outputs = [*slot, rows, take]
    gr.on([chosen.change], show, chosen, outputs, api_visibility="private")
    look = look_when_opened(chosen, runs.evaluations, lambda there: there[-3:], guard)
    again.click(look, None, chosen, api_visibility="private")
    return show, [chosen], outputs
