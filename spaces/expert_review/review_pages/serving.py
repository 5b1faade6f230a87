"""The server: sign-in, sessions that outlive a restart, and everything of Gradio that is not needed turned off."""

import sys
import traceback
from pathlib import Path
from typing import Any

import gradio as gr
import gradio.queueing
import gradio.routes
from gradio.routes import App

from pixel.review import ReviewDatabase
from review_pages.exporting import Exports, add_route
from review_pages.page import STATIC, build_page, script, theme
from review_pages.people import Desk
from review_pages.sessions import Sessions
from review_pages.shield import UPLOAD, Shield

AT_ONCE = 32  # calls of one endpoint; only Python clients go through the queue
COOKIE = "pixel-review"
GREETING = "Pixel expert review. Sign in with the account that your administrator made for you."


class ReviewApp(App):
    """Gradio's application with sign-ins that are kept beside the database."""

    def __init__(self, sessions: Sessions):
        super().__init__()
        self.sessions = sessions
        self.cookie_id = COOKIE
        self.add_middleware(Shield)

    def configure_app(self, blocks: gr.Blocks) -> None:
        super().configure_app(blocks)
        self.tokens = self.sessions

    def signed_in(self, request: Any) -> gr.Request:
        """A request of a plain route as handlers of events get it, with the name that was signed in with."""
        names = (f"access-token-{COOKIE}", f"access-token-unsecure-{COOKIE}")
        token = next((request.cookies[name] for name in names if name in request.cookies), None)
        return gr.Request(request, username=self.sessions.get(token))


class Tracebacks:
    """In place of `traceback` in Gradio's modules: tracebacks of refused values repeat what somebody sent."""

    def print_exc(self, *_: Any, **__: Any) -> None:
        print(f"review: a call failed, {getattr(sys.exc_info()[0], '__name__', '')}", file=sys.stderr, flush=True)

    def __getattr__(self, name: str) -> Any:
        return getattr(traceback, name)


def serve(store: ReviewDatabase, database: Path, rubrics: list[str], *, oauth: bool = False) -> None:
    """
    Serve until the process is ended.

    Args:
        store: open for writing.
        database: its file; sessions are kept beside it.
        rubrics: names that conversations can be loaded with.
        oauth: people sign in with Hugging Face instead of a password.
    """
    import anyio

    sessions = Sessions(database.with_name(f"{database.name}.sessions.json"))
    desk, exports, app = Desk(store, oauth, sessions), Exports(), ReviewApp(sessions)

    async def sign_in(name: str, password: str) -> bool:
        try:  # in a thread: scrypt is slow on purpose, and others go on meanwhile
            return await anyio.to_thread.run_sync(store.sign_in, name[:200], password[:1000]) is not None
        except Exception as error:
            print(f"review: sign-in failed, {type(error).__name__}", file=sys.stderr, flush=True)
            return False

    gradio.routes.traceback = gradio.queueing.traceback = Tracebacks()
    page = build_page(desk, exports, rubrics)
    add_route(app, desk, exports, app.signed_in)
    page.queue(default_concurrency_limit=AT_ONCE, api_open=False)
    page.launch(
        auth=None if oauth else sign_in,
        auth_message=None if oauth else GREETING,
        _app=app,
        theme=theme(),
        css_paths=[STATIC / "look.css"],
        head=script(),
        max_file_size=UPLOAD,
        footer_links=[],
        run_history=False,
        mcp_server=False,
        ssr_mode=False,
        enable_monitoring=False,
        show_error=False,
        share=False,
        quiet=True,
    )
