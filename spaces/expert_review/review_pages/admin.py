"""Admin: who did how much, the audit trail, export, accounts, and loading conversations."""

from collections.abc import Mapping
from typing import Any

import gradio as gr

from pixel.data.errors import ConversationError
from pixel.data.json_lines import json_object, numbered_lines
from pixel.review import Reviewer, ReviewError
from review_pages import accounts
from review_pages.exporting import Exports
from review_pages.people import ADMINS, Desk
from review_pages.showing import Markup, moment, notice, safe, table
from review_pages.wiring import choice, hidden_button, on

PEOPLE = ("Person", "Stands as", "Role", "Rated", "Held now")
AUDIT = ("No.", "When (UTC)", "Who", "What", "Item", "Hash")
COUNTS = ("items", "finished", "ratings", "wanted", "disagreements", "adjudicated", "missing_context", "live_claims")
ROWS = 50_000  # conversations of one file


def build(desk: Desk, tab: gr.Tab, exports: Exports, rubrics: list[str]) -> None:
    """Numbers on top, then loading and export, the audit trail below."""
    said = gr.HTML(elem_id="px-admin-said")
    numbers = gr.HTML(elem_id="px-admin-numbers")
    refresh = hidden_button("px-admin-refresh")
    with gr.Row(elem_classes="px-admin-row"):
        with gr.Column():
            gr.Markdown(
                "### Load conversations\nJSON lines: `id`, `messages`, and if you like `speciality`, `licence`."
            )
            file = gr.File(label="File (.jsonl)", file_types=[".jsonl", ".json"], elem_id="px-file", height=170)
            rubric = choice(rubrics, value=rubrics[0], label="Rubric", elem_id="px-rubric")
            overlap = gr.Number(3, label="People for each conversation", precision=0, minimum=1, maximum=20)
            load = gr.Button("Check and load", elem_id="px-load")
        with gr.Column():
            gr.Markdown("### Export\nRatings, labels for the heads, better replies and preferences, with a card.")
            export = gr.Button("Prepare the export", elem_id="px-export")
            link = gr.HTML(elem_id="px-export-link")
    accounts.build(desk, tab)
    audit = gr.HTML(elem_id="px-audit")

    def list_standing(person: Reviewer):
        return numbers_of(desk.store.progress()), audit_table(desk.store.audit(200))

    def loaded(person: Reviewer, file: str | None, rubric: str, overlap: float):
        if rubric not in rubrics:
            raise ReviewError("There is no such rubric.")
        if not isinstance(overlap, int | float) or not 1 <= overlap <= 20:
            raise ReviewError("Between 1 and 20 people can rate a conversation.")
        rows = read_rows(file)
        new = desk.store.add_items(rows, rubric=rubric, overlap=int(overlap), by=person.name)
        return notice(f"{new} new conversations; {len(rows) - new} were there before."), None, *list_standing(person)

    def exported(person: Reviewer):
        name = exports.make(desk.store, person.name)
        link = f'<a class="px-link" href="export/{safe(name)}" download>Download the export (zip)</a>'
        return notice("The export is ready."), Markup(link), audit_table(desk.store.audit(200))

    on(desk, tab.select, list_standing, (), [numbers, audit], roles=ADMINS)
    on(desk, refresh.click, list_standing, (), [numbers, audit], roles=ADMINS, name="standing")
    on(desk, load.click, loaded, (file, rubric, overlap), [said, file, numbers, audit], roles=ADMINS, name="load")
    on(desk, export.click, exported, (), [said, link, audit], roles=ADMINS, name="export")


def read_rows(file: str | None) -> list[Mapping[str, Any]]:
    """
    The rows of an uploaded file.

    Raises:
        ReviewError: no file, no JSON lines, too many; the number of the line is named, its text never.
    """
    if not file:
        raise ReviewError("Choose a file first.")
    rows = []
    try:
        for number, line in numbered_lines(file):
            if len(rows) == ROWS:
                raise ReviewError(f"At most {ROWS:,} conversations are taken at once. Split the file.")
            try:
                rows.append(json_object(line))
            except ValueError as error:
                what = getattr(error, "problem", "is not JSON")
                raise ReviewError(f"Line {number} {what}. Nothing was loaded.") from None
    except (OSError, ConversationError):
        raise ReviewError("The file cannot be read. Nothing was loaded.") from None
    if not rows:
        raise ReviewError("The file is empty.")
    return rows


def numbers_of(progress: Mapping[str, Any]) -> str:
    """Counts as tiles, people as a table."""
    tiles = "".join(
        f'<div class="px-tile"><b>{int(progress[name])}</b><span>{safe(name.replace("_", " "))}</span></div>'
        for name in COUNTS
        if name in progress
    )
    people = [
        (one["name"], one.get("pseudonym", ""), one["role"], one["rated"], one.get("open_claims", 0))
        for one in progress.get("reviewers", [])
    ]
    return f'<div class="px-tiles">{tiles}</div>' + table(
        PEOPLE, people, "There are no accounts.", "Progress by person"
    )


def audit_table(events) -> str:
    """Newest first; no text of anybody is in it."""
    rows = [
        (one["number"], moment(one["at"]), one["who"], one["kind"], one.get("item"), str(one.get("hash", ""))[:12])
        for one in events
    ]
    return table(AUDIT, rows, "Nothing has happened yet.", "Audit trail")
