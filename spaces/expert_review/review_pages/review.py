"""Review: one conversation at a time, rated blind."""

import gradio as gr

from pixel.review import Reviewer
from review_pages.answers import read_answer, read_comment, read_id
from review_pages.forms import item_form
from review_pages.people import Desk
from review_pages.showing import action, notice, safe
from review_pages.wiring import hidden_button, hidden_text, on

FORM = "() => window.pixelReview.answer('review')"
REASON = 2_000  # characters kept of why somebody skipped
SKIP = "() => window.pixelReview.skipped('review')"


def build(desk: Desk, page: gr.Blocks) -> None:
    """The tab, its events, and the first item when the page loads."""
    progress = gr.HTML(elem_id="px-progress")
    said = gr.HTML(elem_id="px-said")
    item = gr.HTML(elem_id="px-review", padding=False)
    start = hidden_button("px-start")
    item_id, token, answer, reason = (hidden_text() for _ in range(4))
    with gr.Row(elem_classes="px-bar"):
        skip = gr.Button("Skip (n)", elem_id="px-skip", scale=1, min_width=60)
        help_ = gr.Button("Keys (?)", elem_id="px-help", scale=1, min_width=60)
        submit = gr.Button("Submit (s)", elem_id="px-submit", variant="primary", scale=2, min_width=90)

    def following(person: Reviewer):
        given = desk.store.next_item(person.name)
        rated = desk.store.progress(person.name)
        if given is None:
            return all_done(rated), "", "", progress_line(rated)
        form = item_form("review", given.item_id, given.messages, given.rubric, token=given.token)
        return form, given.item_id, given.token, progress_line(rated)

    def first(person: Reviewer):
        if person.role == "reviewer":
            return following(person)
        return invitation(), "", "", progress_line(desk.store.progress(person.name))

    def keep(person: Reviewer, item_id: str, token: str, answer: str):
        filled = read_answer(answer)
        desk.store.submit(
            person.name,
            read_id(item_id),
            read_id(token),
            filled.ratings,
            comment=filled.comment,
            missing_context=filled.missing_context,
            edits=filled.edits,
        )
        return notice("Saved. You can change it under My ratings.")

    def leave(person: Reviewer, item_id: str, token: str, reason: str):
        desk.store.skip(person.name, read_id(item_id), read_id(token), read_comment(reason or "")[:REASON])
        return notice("Skipped. Somebody else will rate it.")

    shown = [item, item_id, token, progress]
    on(desk, page.load, first, (), shown)
    on(desk, start.click, following, (), shown, name="next")
    kept = on(desk, submit.click, keep, (item_id, token, answer), [said], js=FORM, name="submit")
    on(desk, kept.success, following, (), shown)
    left = on(desk, skip.click, leave, (item_id, token, reason), [said], js=SKIP, name="skip")
    on(desk, left.success, following, (), shown)
    help_.click(None, js="() => { window.pixelReview.help(); }", queue=False)


def invitation() -> str:
    """For those who decide: an item is held for them, and its seat taken, only when they ask for one."""
    return (
        '<div class="px-empty"><h2>You can rate, too.</h2><p>What you rate yourself, somebody else adjudicates.</p>'
        f"<p>{action('Start rating', 'px-start', [], 'px-good')}</p></div>"
    )


def progress_line(rated: dict) -> str:
    """`{"rated", "total", ...}` as a bar with words."""
    done, total = int(rated.get("rated", 0)), max(int(rated.get("total", 0)), int(rated.get("rated", 0)))
    share = 100 * done / total if total else 0
    skipped = f", {int(rated['skipped'])} skipped" if rated.get("skipped") else ""
    return (
        f'<div class="px-progress"><span>{done} of {total} rated{skipped}</span>'
        f'<div class="px-track" role="progressbar" aria-valuemin="0" aria-valuemax="{total}" aria-valuenow="{done}" '
        f'aria-label="Your progress"><i style="width:{share:.1f}%"></i></div></div>'
    )


def all_done(rated: dict) -> str:
    """What stands in the place of an item where there is none."""
    line = "Thank you: you have rated everything there is for you." if rated.get("rated") else "Nothing waits for you."
    return (
        f'<div class="px-empty"><h2>{safe(line)}</h2><p>New conversations appear here when they are added.</p></div>'
    )
