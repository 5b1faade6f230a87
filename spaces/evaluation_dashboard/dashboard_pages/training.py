"""Page: a training run: loss components, their weights, and where objectives pull apart."""

import gradio as gr

from dashboard_pages.parts import figure_slot, filled, known, last, look_when_opened, page_button, page_file
from pixel.evaluation.figures import conflict_map, curves, png

PANELS = {"Loss components": "Losses", "Loss weights": "Loss weights", "Weights where gradients meet":
          "Weights at the fork", "Gradient norms": "Gradient norms"}  # fmt: skip


def build(runs, guard):
    """Lay out the page."""
    names = list(runs.trainings())
    chosen = gr.Dropdown(names, value=last(names), label="Training run")
    slots = []
    for heading in PANELS:
        gr.Markdown(f"### {heading}")
        slots.append(figure_slot(heading))
    gr.Markdown("### Conflicts between objectives")
    slots.append(figure_slot("Conflicts between objectives"))
    alerts = gr.Dataframe(headers=["step", "severity", "kind", "what"], interactive=False, wrap=True, label="Alerts")
    take = page_button()

    @guard
    def show(chosen):
        there = known(chosen, runs.trainings())
        report = (runs.report(there[0]) if there else None) or {}
        history, sent = report.get("history") or {}, report.get("alerts") or []
        steps = [alert["step"] for alert in sent if alert.get("severity") == "error"]
        figures = {heading: png(curves(history.get(key) or {}, alerts=steps)) for heading, key in PANELS.items()}
        figures["Conflicts between objectives"] = png(conflict_map(history.get("Conflicts") or {}))
        lines = [[alert["step"], alert["severity"], alert["kind"], alert["message"]] for alert in sent]
        values = [value for heading, figure in figures.items() for value in filled(heading, figure)]
        page = page_file("training", [(heading, figure, []) for heading, figure in figures.items()])
        return [*values, lines, page]

    outputs = [*(part for slot in slots for part in slot), alerts, take]
    look_when_opened(chosen, runs.trainings, last, guard)
    chosen.change(show, chosen, outputs, api_visibility="private")
    return show, [chosen], outputs
