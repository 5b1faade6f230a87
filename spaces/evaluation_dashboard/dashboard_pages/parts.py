"""Pieces that every page uses: a figure with its PNG, a page as HTML, choices that are checked."""

import re
import tempfile
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import gradio as gr

from pixel.evaluation.figures import figure_page

FOLDER = Path(tempfile.mkdtemp(prefix="pixel-dashboard-"))


def figure_slot(alt: str) -> list:
    """A place for a figure and the button that takes it along; fill it with `filled`."""
    with gr.Column():
        image = gr.Image(
            label=alt, alt_text=alt, show_label=False, container=False, interactive=False, format="png",
            type="filepath", buttons=["fullscreen"],
        )  # fmt: skip
        button = gr.DownloadButton("PNG", size="sm", elem_classes="take")
    return [image, button]


def filled(name: str, figure: bytes) -> list:
    """Values for a slot."""
    return [_file(f"{name}.png", figure)] * 2


def page_button() -> gr.DownloadButton:
    """The button that takes a whole page along."""
    return gr.DownloadButton("This page as HTML", size="sm", elem_classes="take")


def page_file(title: str, parts: Iterable[tuple[str, bytes | None, Sequence[Sequence[object]]]]) -> str:
    """The value of `page_button`."""
    return _file(f"{title}.html", figure_page(f"Pixel: {title}", parts).encode("utf-8"))


def known(chosen, there: Iterable[str]) -> list[str]:
    """Those of the chosen names that exist, in the order in which they exist."""
    wanted = {chosen} if isinstance(chosen, str) else set(chosen or ())
    return [name for name in there if name in wanted]


def look_when_opened(dropdown: gr.Dropdown, names: Callable[[], Iterable[str]], newest: Callable, guard) -> Callable:
    """
    Offer what is there whenever somebody opens the dashboard: runs go on being written while it serves.

    Args:
        dropdown: whose choices they are.
        names: what is there, oldest first.
        newest: list of names -> what is chosen of them.
        guard: of the handlers.

    Returns:
        the handler, for a button that looks again.
    """

    @guard
    def look():
        there = list(names())
        return gr.Dropdown(choices=there, value=newest(there))

    gr.on(None, look, None, dropdown, api_visibility="private", show_progress="hidden")
    return look


def last(there: list[str]) -> str | None:
    """The newest of some names."""
    return there[-1] if there else None


def number(value) -> str:
    """A figure as a table shows it."""
    return "–" if value is None else f"{value:.3f}" if isinstance(value, float) else str(value)


def _file(name: str, content: bytes) -> str:
    folder = Path(tempfile.mkdtemp(dir=FOLDER))
    file = folder / re.sub(r"[^A-Za-z0-9._-]+", "_", name)
    file.write_bytes(content)
    return str(file)
