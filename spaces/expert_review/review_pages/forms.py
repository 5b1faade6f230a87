"""The rating form: one question a dimension, every step of its scale with the words that anchor it."""

from collections.abc import Mapping, Sequence
from typing import Any

from review_pages.answers import COMMENT
from review_pages.showing import conversation, fresh, safe

UNRATED = object()
MISSING = "Something that I need for judging this is missing"


def item_form(
    kind: str,
    item_id: str,
    messages: Sequence[Mapping[str, Any]],
    rubric: Mapping[str, Any],
    *,
    token: str = "",
    ratings: Mapping[str, int | None] | None = None,
    comment: str = "",
    missing_context: bool = False,
    edits: Mapping[int, str] | None = None,
    beside: str = "",
    editable: bool = True,
) -> str:
    """
    Conversation and form side by side.

    Args:
        kind: whose form it is (`review`, `own`, `decide`): names of inputs on different tabs must differ.
        item_id, token: go back to the server, which checks them again.
        messages, rubric: as in `Assignment`.
        ratings, comment, missing_context, edits: what was answered before.
        beside: HTML above the questions, made by this package.
        editable: whether replies can be rewritten and context marked as missing.
    """
    questions = "".join(
        _question(kind, number, dimension, (ratings or {}).get(dimension["id"], UNRATED))
        for number, dimension in enumerate(rubric["dimensions"])
    )
    missing = (
        f'<label class="px-missing"><input type="checkbox" data-missing{" checked" if missing_context else ""}>'
        f"<span>{safe(rubric.get('missing_context') or MISSING)}</span></label>"
    )
    words = (
        f'<label class="px-comment"><span>Comment <small>optional, key <kbd>c</kbd></small></span>'
        f'<textarea data-comment rows="3" maxlength="{COMMENT}">\n{safe(comment)}</textarea></label>'
    )
    how = rubric.get("instructions")
    guide = f'<details class="px-guide"><summary>How to rate</summary><p>{safe(how)}</p></details>' if how else ""
    return fresh(
        f"{conversation(messages, edits, editable=editable)}"
        f'<section class="px-form" aria-label="Your rating">{beside}{guide}{questions}'
        f"{missing if editable else ''}{words}</section>",
        f'class="px-item" data-kind="{kind}" data-item="{safe(item_id)}" data-token="{safe(token)}"',
    )


def _question(kind: str, number: int, dimension: Mapping[str, Any], chosen: Any) -> str:
    name = f"{kind}-{dimension['id']}"
    steps = [(step["value"], step.get("label", ""), step.get("anchor", "")) for step in dimension["scale"]]
    if dimension.get("allows_unsure"):
        steps.append((None, "Cannot tell", ""))
    options = "".join(
        f'<label class="px-step"><input type="radio" name="{safe(name)}" value="{"" if value is None else int(value)}"'
        f"{' checked' if chosen is not UNRATED and chosen == value else ''}>"
        f'<span class="px-step-text"><kbd>{key}</kbd><b>{safe(label)}</b>'
        f'<span class="px-anchor">{safe(anchor)}</span></span></label>'
        for key, (value, label, anchor) in zip(_keys(steps), steps, strict=True)
    )
    return (
        f'<fieldset class="px-question" data-dimension="{safe(dimension["id"])}" data-number="{number}">'
        f"<legend>{safe(dimension['name'])}</legend>"
        f'<p class="px-ask">{safe(dimension.get("question", ""))}</p><div class="px-steps">{options}</div></fieldset>'
    )


def _keys(steps: Sequence[tuple[int | None, str, str]]) -> list[str]:
    """The digit that chooses each step: its place on the scale from 1, and 0 for "cannot tell"."""
    return ["0" if value is None else str(place) for place, (value, _, _) in enumerate(steps, 1)]


def words_of(rubric: Mapping[str, Any], ratings: Mapping[str, int | None]) -> list[tuple[str, str]]:
    """(name of the dimension, `4 Good`) for a table of ratings."""
    lines = []
    for dimension in rubric["dimensions"]:
        if dimension["id"] in ratings:
            value = ratings[dimension["id"]]
            label = next((step.get("label", "") for step in dimension["scale"] if step["value"] == value), "")
            lines.append((dimension["name"], "cannot tell" if value is None else f"{value} {label}".strip()))
    return lines
