"""How events of the pages are wired: called directly, without a queue; unlisted; checked by `guarded`."""

from collections.abc import Callable, Sequence
from typing import Any

import gradio as gr

from review_pages.people import EVERYONE, Desk, guarded


def on(
    desk: Desk,
    trigger: Callable[..., Any],
    act: Callable[..., Any],
    inputs: Sequence[gr.components.Component] = (),
    outputs: Sequence[gr.components.Component] = (),
    *,
    roles: tuple[str, ...] = EVERYONE,
    js: str | None = None,
    name: str | None = None,
    show_progress: str = "minimal",
) -> Any:
    """
    Bind `act(person, *inputs)` to `trigger`.

    Args:
        roles: who may call it.
        js: returns the values of `inputs` from the page.
        name: of an endpoint for Python clients; without one it is private, which only hides it: what keeps people out
            is `guarded`.
    """
    return trigger(
        guarded(desk, act, roles),
        inputs=list(inputs),
        outputs=list(outputs),
        js=js,
        queue=False,  # one request, one answer: a page outlives a restart of the server
        show_progress=show_progress,
        api_name=name,
        api_visibility="undocumented" if name else "private",
    )


def choice(choices: Sequence[str], **more: Any) -> gr.Dropdown:
    """A drop-down whose value only the handler judges: Gradio's own check would answer strangers with their words."""
    box = gr.Dropdown(list(choices), **more)
    box.preprocess = lambda payload: payload
    return box


def hidden_button(id: str) -> gr.Button:
    """A button for the script to press; it is not seen, nor reached by the tabulator."""
    return gr.Button("", elem_id=id, visible="hidden")


def hidden_text(value: str = "") -> gr.Textbox:
    """A value that goes to and fro and is not shown."""
    return gr.Textbox(value=value, visible=False)
