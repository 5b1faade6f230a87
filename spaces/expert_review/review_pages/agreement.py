"""Agreement: Krippendorff's alpha of each dimension with its interval, and in words what it allows."""

import gradio as gr

from pixel.review import Reviewer
from review_pages.people import DECIDERS, Desk
from review_pages.showing import safe, table
from review_pages.wiring import on

HEAD = ("Dimension", "Alpha", "95% interval", "Items", "Raters", "Reading")
READING = ((0.8, "reliable"), (0.667, "tentative conclusions only"), (0.0, "too low to conclude from"))
NOTE = (
    "Alpha is 1 where raters always agree and 0 where they agree as chance would; by Krippendorff's convention 0.80 "
    "is reliable and 0.667 the least for tentative conclusions. The interval comes from resampling items."
)


def build(desk: Desk, tab: gr.Tab) -> None:
    """The table, made anew whenever the tab is opened."""
    shown = gr.HTML(elem_id="px-agreement")

    def measured(person: Reviewer):
        return agreement_table(desk.store.agreement())

    on(desk, tab.select, measured, (), [shown], roles=DECIDERS, name="agreement")


def agreement_table(found: dict) -> str:
    """One line a dimension; where alpha is undefined the reason stands in its place."""
    rows = []
    for id, one in found.items():
        dimension = id.replace("_", " ").capitalize()
        if one.get("alpha") is None:
            rows.append((dimension, "undefined", "", one.get("n"), one.get("raters"), one.get("reason") or ""))
            continue
        interval = "" if one.get("low") is None else f"{one['low']:.2f} to {one['high']:.2f}"
        words = one.get("reason") or reading(one["alpha"], one.get("low"))
        rows.append((dimension, f"{one['alpha']:.2f}", interval, one.get("n"), one.get("raters"), words))
    return table(HEAD, rows, "There are no ratings yet.") + f'<p class="px-calm">{safe(NOTE)}</p>'


def reading(alpha: float, low: float | None) -> str:
    """Krippendorff's bands; the interval's lower end is what counts where it falls into a lower band."""
    words = next((words for floor, words in READING if alpha >= floor), "worse than chance: check the rubric")
    if low is not None and alpha >= READING[1][0] > low:
        return f"{words}, but the interval reaches below 0.667: rate more items"
    return words
