"""Conversations, people's words and tables as HTML in which nothing that anybody wrote can act."""

import secrets
import time
from collections.abc import Iterable, Mapping, Sequence
from html import escape
from typing import Any

SPEAKERS = {"user": "Client", "assistant": "Reply", "system": "Setting"}
# Gradio fills templates inside HTML: braces, dollar signs and backticks of a message must not be read as one.
ENTITIES = {"{": "&#123;", "}": "&#125;", "$": "&#36;", "`": "&#96;", "@": "&#64;"}


def safe(text: Any) -> str:
    """
    Text for an element or a quoted attribute.

    Example:
        >>> safe('<script>${x}</script>')
        '&lt;script&gt;&#36;&#123;x&#125;&lt;/script&gt;'
    """
    words = escape("" if text is None else str(text), quote=True)
    return "".join(ENTITIES.get(letter, letter) for letter in words)


def conversation(
    messages: Sequence[Mapping[str, Any]], edits: Mapping[int, str] | None = None, *, editable: bool = True
) -> str:
    """
    A conversation as a list of turns; the replies, which are what is judged, are marked.

    Args:
        messages: `{"role", "content"}` each.
        edits: message number -> a better reply that was written before; shown opened.
        editable: whether replies have a box for a better one.
    """
    edits, turns = edits or {}, []
    for place, message in enumerate(messages):
        role = message["role"] if message["role"] in SPEAKERS else "system"
        badge = '<span class="px-badge">judge this</span>' if role == "assistant" else ""
        box = _edit_box(place, message["content"], edits.get(place)) if editable and role == "assistant" else ""
        turns.append(
            f'<li class="px-turn px-{role}"><div class="px-who">{SPEAKERS[role]}{badge}</div>'
            f'<div class="px-text">{safe(message["content"])}</div>{box}</li>'
        )
    return f'<section class="px-talk" aria-label="Conversation"><ol>{"".join(turns)}</ol></section>'


def _edit_box(place: int, content: str, edit: str | None) -> str:
    opened, words = (" open", edit) if edit is not None else ("", content)
    return (
        f'<details class="px-edit"{opened}><summary>Write a better reply</summary>'
        f'<textarea data-edit="{place}" data-before="{safe(content)}" rows="5" maxlength="20000" '
        f'aria-label="Better reply for message {place + 1}">\n{safe(words)}</textarea></details>'
    )


def table(head: Sequence[str], rows: Iterable[Sequence[Any]], empty: str, caption: str = "") -> str:
    """
    A table; cells are escaped unless they are `Markup`. `empty` stands where there is no row.
    """
    rows = list(rows)
    if not rows:
        return f'<p class="px-calm">{safe(empty)}</p>'
    heads = "".join(f'<th scope="col">{safe(name)}</th>' for name in head)
    lines = "".join("<tr>" + "".join(f"<td>{_cell(cell)}</td>" for cell in row) + "</tr>" for row in rows)
    title = f"<caption>{safe(caption)}</caption>" if caption else ""
    return (
        f'<div class="px-scroll"><table class="px-table">{title}<thead><tr>{heads}</tr></thead>'
        f"<tbody>{lines}</tbody></table></div>"
    )


def fresh(inside: str, attributes: str = "") -> str:
    """
    HTML in an element whose name nothing else has.

    Gradio changes a page's HTML element by element and keeps what somebody typed or chose in those that stay: without
    a new name the next form would begin with the last one's answers.
    """
    name = f"px-{secrets.token_hex(8)}"
    return f"<{name} {attributes}>{inside}</{name}>"


class Markup(str):
    """HTML that this package made itself, with everything in it escaped."""


def action(label: str, button: str, values: Sequence[str], look: str = "", ask: str = "") -> Markup:
    """A button in a table or card; the script hands `values` to the page's own button with the id `button`."""
    data = "".join(f' data-v{number}="{safe(value)}"' for number, value in enumerate(values))
    question = f' data-ask="{safe(ask)}"' if ask else ""
    return Markup(
        f'<button type="button" class="px-act {look}" data-go="{button}"{data}{question}>{safe(label)}</button>'
    )


def notice(text: str, kind: str = "done") -> str:
    """A line that screen readers speak."""
    return f'<p class="px-notice px-{kind}" role="status" aria-live="polite">{safe(text)}</p>' if text else ""


def moment(seconds: float) -> str:
    """UTC, to the minute."""
    return time.strftime("%Y-%m-%d %H:%M", time.gmtime(seconds))


def _cell(cell: Any) -> str:
    return cell if isinstance(cell, Markup) else safe("" if cell is None else cell)
