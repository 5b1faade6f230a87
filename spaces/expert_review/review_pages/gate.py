"""The gate: training runs that stopped at a checkpoint and wait for a verdict."""

from collections.abc import Mapping
from typing import Any

import gradio as gr

from pixel.review import Reviewer
from review_pages.answers import read_comment, read_id
from review_pages.people import DECIDERS, Desk
from review_pages.showing import SPEAKERS, action, fresh, moment, notice, safe
from review_pages.wiring import hidden_button, hidden_text, on

WORDS = {
    "approve": ("Approve", "px-good", ""),
    "rollback": ("Roll back", "", "Put the weights last approved back in place and go on training?"),
    "reject": ("Reject", "px-bad", "End this training run? It can be resumed by hand only."),
}


def build(desk: Desk, tab: gr.Tab) -> None:
    """Pending requests as cards; a verdict is given with a comment, and the first one stands."""
    said = gr.HTML(elem_id="px-gate-said")
    requests = gr.HTML(elem_id="px-gate")
    request, verdict, comment = (hidden_text() for _ in range(3))
    go = hidden_button("px-gate-go")

    def list_pending(person: Reviewer):
        return "", cards(desk.store.pending())

    def judged(person: Reviewer, request: str, verdict: str, comment: str):
        desk.store.give_verdict(person.name, read_id(request), read_id(verdict), read_comment(comment or ""))
        return notice(f"The run was told: {WORDS[verdict][0].lower()}."), cards(desk.store.pending())

    on(desk, tab.select, list_pending, (), [said, requests], roles=DECIDERS, name="gate")
    take = "() => window.pixelReview.take('px-gate-go')"
    on(desk, go.click, judged, (request, verdict, comment), [said, requests], roles=DECIDERS, js=take, name="verdict")


def cards(pending) -> str:
    """One card a request."""
    if not pending:
        return '<p class="px-calm">No training run is waiting for you.</p>'
    return fresh("".join(_card(one) for one in pending), 'class="px-cards"')


def _card(one: Mapping[str, Any]) -> str:
    facts = [("Step", one.get("step")), ("Run", one.get("run")), ("Asked because", one.get("reason"))]
    if isinstance(one.get("at"), int | float):
        facts.append(("Since (UTC)", moment(one["at"])))
    facts.append(("If nobody answers", one.get("policy")))
    lines = "".join(f"<dt>{safe(name)}</dt><dd>{safe(value)}</dd>" for name, value in facts if value is not None)
    offered = one.get("verdicts")
    allowed = [verdict for verdict in WORDS if not isinstance(offered, list) or verdict in offered]
    buttons = "".join(
        action(WORDS[verdict][0], "px-gate-go", [one["id"], verdict], WORDS[verdict][1], WORDS[verdict][2])
        for verdict in allowed
    )
    return (
        f'<article class="px-card"><h3>Checkpoint at step {safe(one.get("step", "?"))}</h3><dl>{lines}</dl>'
        f"{_conversations(one.get('conversations'))}"
        '<label class="px-comment"><span>Comment</span>'
        '<textarea data-with rows="2" maxlength="10000"></textarea></label>'
        f'<div class="px-acts">{buttons}</div></article>'
    )


def _conversations(conversations: Any) -> str:
    """What a run wrote of them; anybody may write a request, so what is no conversation or turn is passed over."""
    parts = []
    for number, one in enumerate(_mappings(conversations), 1):
        turns = "".join(
            f"<li><b>{safe(SPEAKERS.get(str(turn.get('role')), turn.get('role')))}</b> {safe(turn.get('text', ''))}"
            f"<br><small>{safe(readouts(turn.get('readouts') or {}))}</small></li>"
            for turn in _mappings(one.get("turns"))
        )
        title = f"Conversation {number}: {one.get('row_id', '')}"
        parts.append(f"<details><summary>{safe(title)}</summary><ol>{turns}</ol></details>")
    return "".join(parts)


def _mappings(found: Any) -> list[Mapping[str, Any]]:
    return [one for one in found if isinstance(one, Mapping)] if isinstance(found, list) else []


def readouts(record: Mapping[str, Any], most: int = 6) -> str:
    """The highest numbers of a turn's read-outs in one line."""
    found = {}
    _numbers(record, "", found)
    top = sorted(found.items(), key=lambda entry: -abs(entry[1]))[:most]
    return ", ".join(f"{name} {value:.2f}" for name, value in top)


def _numbers(record: Any, name: str, found: dict[str, float]) -> None:
    if isinstance(record, Mapping):
        for key, value in record.items():
            _numbers(value, f"{name} {key}".strip(), found)
    elif isinstance(record, int | float) and not isinstance(record, bool):
        found[name] = float(record)
