"""
The evaluation dashboard.

    python spaces/evaluation_dashboard/app.py

Runs and evaluations are looked for in $PIXEL_RUNS (default: outputs), accounts in $PIXEL_REVIEW_DB (default:
review.db), the port is $GRADIO_SERVER_PORT (default: 7860). See README.md beside this file.
"""

import os
import sys
from pathlib import Path

os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")
os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
HERE = Path(__file__).resolve().parent
for folder in (HERE, HERE.parent.parent):  # on a Space `pixel` lies beside this file, in the repository two above
    if (folder / "pixel").is_dir() and str(folder) not in sys.path:
        sys.path.append(str(folder))

CSS = """
.gradio-container { font-size: 16px; max-width: 76rem !important; margin: auto }
.take { align-self: flex-end; max-width: 12rem }
"""


def build(runs, access, model: str | None = None):
    """The pages, as Gradio blocks."""
    import gradio as gr
    from dashboard_pages import comparison, conversation, empathy, overview, reviews, training

    with gr.Blocks(title="Pixel evaluation", analytics_enabled=False, delete_cache=(3600, 3600)) as blocks:
        gr.Markdown("# Pixel evaluation\nFigures of model versions. Nothing here diagnoses anybody.")
        pages = {
            "Figures": lambda: overview.build(runs, access.guard),
            "Empathy": lambda: empathy.build(runs, access.guard),
            "Training": lambda: training.build(runs, access.guard),
            "A conversation": lambda: conversation.build(runs, access.guard, model),
            "Compare": lambda: comparison.build(runs, access.guard),
            "Reviews": lambda: reviews.build(access, access.guard),
        }
        for name, lay_out in pages.items():
            with gr.Tab(name) as tab:
                asked = lay_out()
                if asked is not None:
                    handler, inputs, outputs = asked
                    first = blocks.load if name == "Figures" else tab.select
                    first(handler, inputs, outputs, api_visibility="private")
    return blocks


def main() -> None:
    from dashboard_pages.access import Access
    from dashboard_pages.runs import Runs

    access = Access(os.environ.get("PIXEL_REVIEW_DB", "review.db"))
    access.check()
    blocks = build(Runs(os.environ.get("PIXEL_RUNS", "outputs")), access, os.environ.get("PIXEL_MODEL"))
    blocks.queue(default_concurrency_limit=4).launch(
        auth=access.sign_in,
        auth_message="Sign in with your review account.",
        css=CSS,
        footer_links=[],
        run_history=False,
        mcp_server=False,
        ssr_mode=False,
        enable_monitoring=False,
        max_file_size="1mb",
    )


if __name__ == "__main__":
    main()
