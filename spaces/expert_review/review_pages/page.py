"""The page: tabs, each built by its own file; what is shown of it follows the account's role."""

from pathlib import Path

import gradio as gr

from pixel.review import Reviewer
from review_pages import adjudication, admin, agreement, gate, own, review
from review_pages.exporting import Exports
from review_pages.people import ADMINS, DECIDERS, Desk
from review_pages.showing import safe
from review_pages.wiring import on

STATIC = Path(__file__).parent / "static"
TITLE = "Pixel expert review"


def build_page(desk: Desk, exports: Exports, rubrics: list[str]) -> gr.Blocks:
    """
    Every tab and its events. No item, name or number is part of the page itself: handlers fill it for who is there.

    Args:
        rubrics: names that conversations can be loaded with.
    """
    with gr.Blocks(title=TITLE, analytics_enabled=False) as page:
        top = gr.HTML(header(None), elem_id="px-header", padding=False)
        if desk.oauth:
            gr.LoginButton()
        with gr.Tabs():
            with gr.Tab("Review", id="review"):
                review.build(desk, page)
            with gr.Tab("My ratings", id="own") as tab:
                own.build(desk, tab)
            with gr.Tab("Adjudication", id="decide", visible=False) as decide:
                adjudication.build(desk, decide)
            with gr.Tab("Agreement", id="agreement", visible=False) as agree:
                agreement.build(desk, agree)
            with gr.Tab("Training gate", id="gate", visible=False) as held:
                gate.build(desk, held)
            with gr.Tab("Admin", id="admin", visible=False) as office:
                admin.build(desk, office, exports, rubrics)

        def hello(person: Reviewer):
            decides, administers = person.role in DECIDERS, person.role in ADMINS
            tabs = [gr.Tab(visible=decides) for _ in range(3)]
            return header(person), *tabs, gr.Tab(visible=administers)

        on(desk, page.load, hello, (), [top, decide, agree, held, office], show_progress="hidden")
    return page


def header(person: Reviewer | None) -> str:
    """Title, and who is signed in."""
    who = f'<p>{safe(person.name)} ({safe(person.role)}) <a href="logout">Sign out</a></p>' if person else ""
    return f'<header class="px-top"><h1>{TITLE}</h1>{who}</header>'


def script() -> str:
    """For the page's head."""
    return f"<script>{(STATIC / 'keys.js').read_text(encoding='utf-8')}</script>"


def theme() -> gr.themes.Base:
    """Fonts of the reader's own machine: nothing is fetched from elsewhere."""
    fonts = ["system-ui", "Segoe UI", "Roboto", "Helvetica", "Arial", "sans-serif"]
    plain = gr.themes.Base(
        primary_hue="teal", neutral_hue="slate", text_size="lg", font=fonts, font_mono=["monospace"]
    )
    deep = {"button_primary_background_fill": "#0b5d5d", "button_primary_background_fill_hover": "#084848"}
    lines = {"input_border_width": "1px", "input_border_color": "#5b6b70"}
    return plain.set(**deep, **{f"{name}_dark": value for name, value in deep.items()}, **lines)
