"""My ratings: what one rated, and changing it until it was adjudicated."""

import gradio as gr

from pixel.review import Reviewer, ReviewError
from review_pages.answers import read_answer, read_id
from review_pages.forms import item_form, words_of
from review_pages.people import Desk
from review_pages.showing import Markup, action, moment, notice, safe, table
from review_pages.wiring import hidden_button, hidden_text, on

HEAD = ("Rated (UTC)", "Item", "Your ratings", "Comment", "")
FORM = "() => window.pixelReview.answer('own').filter((_, place) => place !== 1)"


def build(desk: Desk, tab: gr.Tab) -> None:
    """The list, one rating opened below it, and its new version."""
    said = gr.HTML(elem_id="px-own-said")
    form = gr.HTML(elem_id="px-own", padding=False)
    item_id, answer = hidden_text(), hidden_text()
    open_ = hidden_button("px-own-open")
    with gr.Row(elem_classes="px-bar px-own-bar"):
        change = gr.Button("Save the change (s)", elem_id="px-revise", variant="primary")
    ratings = gr.HTML(elem_id="px-own-list")

    def list_own(person: Reviewer):
        return own_table(desk.store.own_ratings(person.name)), "", ""

    def open_own(person: Reviewer, item_id: str):
        own = own_rating(desk, person, item_id)
        if not own.open:
            raise ReviewError("This item was adjudicated; your rating stays as it is.")
        return notice(""), item_form(
            "own",
            own.item_id,
            own.messages,
            own.rubric,
            ratings=own.ratings,
            comment=own.comment,
            missing_context=own.missing_context,
            edits=own.edits,
        )

    def change_own(person: Reviewer, item_id: str, answer: str):
        own, filled = own_rating(desk, person, item_id), read_answer(answer)
        desk.store.revise(
            person.name,
            own.item_id,
            filled.ratings,
            comment=filled.comment,
            missing_context=filled.missing_context,
            edits=filled.edits,
        )
        return notice("Your change is saved."), "", own_table(desk.store.own_ratings(person.name))

    on(desk, tab.select, list_own, (), [ratings, form, said])
    on(desk, open_.click, open_own, (item_id,), [said, form], js="() => window.pixelReview.take('px-own-open')")
    on(desk, change.click, change_own, (item_id, answer), [said, form, ratings], js=FORM, name="revise")


def own_rating(desk: Desk, person: Reviewer, item_id: str):
    """
    The person's own rating of an item.

    Raises:
        ReviewError: this person has not rated such an item.
    """
    wanted = read_id(item_id)
    own = next((own for own in desk.store.own_ratings(person.name) if own.item_id == wanted), None)
    if own is None:
        raise ReviewError("You have not rated such an item.")
    return own


def own_table(ratings) -> str:
    """One line a rating, newest first."""
    rows = []
    for own in ratings:
        words = Markup(
            "<br>".join(f"{safe(name)}: <b>{safe(value)}</b>" for name, value in words_of(own.rubric, own.ratings))
        )
        button = action("Change", "px-own-open", [own.item_id]) if own.open else "adjudicated"
        rows.append((moment(own.at), own.item_id, words, own.comment[:200], button))
    return table(HEAD, rows, "You have not rated anything yet.")
