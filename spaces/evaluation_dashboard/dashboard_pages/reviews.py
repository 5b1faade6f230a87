"""Page: where the expert review stands, and how far reviewers agree."""

import gradio as gr

from dashboard_pages.parts import figure_slot, filled, number, page_button, page_file
from pixel.evaluation.figures import agreement_bars, png
from pixel.review import ReviewError

STANDING = ["items", "finished", "ratings", "wanted", "adjudicated", "disagreements", "missing_context"]
HEADERS = ["dimension", "alpha", "interval", "items", "note"]


def build(access, guard):
    """Lay out the page."""
    said = gr.Markdown(elem_id="review-note")
    slot = figure_slot("Agreement of reviewers")
    rows = gr.Dataframe(headers=HEADERS, interactive=False, wrap=True)
    gate = gr.Dataframe(headers=["request", "step", "why"], interactive=False, label="Training runs that wait")
    take = page_button()

    @guard
    def show():
        try:
            with access.database() as database:
                standing, agreement, pending = database.progress(), database.agreement(), database.pending()
        except ReviewError as error:
            raise gr.Error(str(error), print_exception=False) from None
        figure = png(agreement_bars(agreement))
        lines = [
            [name, number(found["alpha"]), "" if found.get("low") is None else f"{found['low']:.3f} to "
             f"{found['high']:.3f}", str(found.get("n", "")), found.get("reason") or ""]
            for name, found in agreement.items()
        ]  # fmt: skip
        note = ", ".join(f"{standing.get(name, 0)} {name.replace('_', ' ')}" for name in STANDING)
        waiting = [[entry["id"], str(entry.get("step", "")), str(entry.get("reason", ""))] for entry in pending]
        page = page_file("reviews", [("Agreement", figure, [HEADERS, *lines])])
        return [note, *filled("agreement", figure), lines, waiting, page]

    outputs = [said, *slot, rows, gate, take]
    return show, [], outputs
