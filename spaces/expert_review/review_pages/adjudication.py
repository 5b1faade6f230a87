"""Adjudication: where raters differ, a third person decides; raters are shown under pseudonyms."""

from collections.abc import Mapping
from typing import Any

import gradio as gr

from pixel.review import Reviewer, ReviewError
from review_pages.answers import read_answer, read_id
from review_pages.forms import item_form, words_of
from review_pages.people import DECIDERS, Desk
from review_pages.showing import Markup, action, notice, safe, table
from review_pages.wiring import hidden_button, hidden_text, on

HEAD = ("Item", "They differ on", "Raters", "")
FORM = "() => window.pixelReview.answer('decide').filter((_, place) => place !== 1)"


def build(desk: Desk, tab: gr.Tab) -> None:
    """The list of disagreements, one of them opened, and the decision."""
    said = gr.HTML(elem_id="px-decide-said")
    form = gr.HTML(elem_id="px-decide", padding=False)
    item_id, answer = hidden_text(), hidden_text()
    open_ = hidden_button("px-decide-open")
    with gr.Row(elem_classes="px-bar px-decide-bar"):
        decide = gr.Button("Decide (s)", elem_id="px-adjudicate", variant="primary")
    waiting = gr.HTML(elem_id="px-decide-list")

    def list_disagreements(person: Reviewer):
        return disagreement_table(desk.store.open_disagreements(person.name)), "", ""

    def open_disagreement(person: Reviewer, item_id: str):
        found = disagreement(desk, person, item_id)
        given = ratings_given(found)
        form = item_form("decide", found["item_id"], found["messages"], found["rubric"], beside=given, editable=False)
        return notice(""), form

    def decide_item(person: Reviewer, item_id: str, answer: str):
        found, filled = disagreement(desk, person, item_id), read_answer(answer)
        desk.store.adjudicate(person.name, found["item_id"], filled.ratings, filled.comment)
        left = disagreement_table(desk.store.open_disagreements(person.name))
        return notice("Decided. The raters' own ratings are kept beside it."), "", left

    on(desk, tab.select, list_disagreements, (), [waiting, form, said], roles=DECIDERS)
    take = "() => window.pixelReview.take('px-decide-open')"
    on(desk, open_.click, open_disagreement, (item_id,), [said, form], roles=DECIDERS, js=take)
    on(
        desk,
        decide.click,
        decide_item,
        (item_id, answer),
        [said, form, waiting],
        roles=DECIDERS,
        js=FORM,
        name="adjudicate",
    )


def disagreement(desk: Desk, person: Reviewer, item_id: str) -> Mapping[str, Any]:
    """
    The open disagreement about an item.

    Raises:
        ReviewError: there is none that this person may decide.
    """
    wanted = read_id(item_id)
    found = next((one for one in desk.store.open_disagreements(person.name) if one["item_id"] == wanted), None)
    if found is None:
        raise ReviewError("There is no open disagreement about such an item that you may decide.")
    return found


def disagreement_table(found) -> str:
    """One line an item."""
    rows = [(one["item_id"], _names(one), len(one["ratings"]), _open(one)) for one in found]
    return table(HEAD, rows, "No disagreement is open. Items that you rated yourself are decided by others.")


def ratings_given(found: Mapping[str, Any]) -> str:
    """A column a rater, dimensions that differ marked, comments and better replies below."""
    raters, comments = found["ratings"], []
    said = [dict(words_of(found["rubric"], one["ratings"])) for one in raters]
    rows = [
        (dimension["name"], *(_mark(words.get(dimension["name"], "not rated"), differs) for words in said))
        for dimension in found["rubric"]["dimensions"]
        for differs in [dimension["id"] in found["dimensions"]]
    ]
    rows.append(("Context missing", *("yes" if one.get("missing_context") else "no" for one in raters)))
    for one in raters:
        who = f"<b>{safe(one['reviewer'])}</b>"
        if one.get("comment"):
            comments.append(f"<p>{who}: {safe(one['comment'])}</p>")
        for place, words in (one.get("edits") or {}).items():
            comments.append(f"<p>{who} would reply (message {int(place) + 1}): {safe(words)}</p>")
    head = ("", *(one["reviewer"] for one in raters))
    return f'<div class="px-given">{table(head, rows, "", "What the raters said")}{"".join(comments)}</div>'


def _mark(words: str, differs: bool) -> Markup:
    return Markup(f"<mark>{safe(words)}</mark>" if differs else safe(words))


def _names(found: Mapping[str, Any]) -> str:
    names = {dimension["id"]: dimension["name"] for dimension in found["rubric"]["dimensions"]}
    return ", ".join(names.get(id, id) for id in found["dimensions"])


def _open(found: Mapping[str, Any]) -> Markup:
    return action("Open", "px-decide-open", [found["item_id"]])
