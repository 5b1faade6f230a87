"""Page: two versions beside each other, figure by figure and item by item."""

import gradio as gr

from dashboard_pages.parts import figure_slot, filled, known, last, look_when_opened, number, page_button, page_file
from pixel.data.errors import ConversationError
from pixel.evaluation.comparison import compare_versions, pair_items, read_version
from pixel.evaluation.comparison.configuration import differing
from pixel.evaluation.figures import difference_plot, item_changes, png

HEADERS = ["task", "metric", "before", "after", "difference", "interval", "p (Holm)", "n", "verdict"]
SETTINGS = ["setting", "before", "after"]


def line(change) -> list[str]:
    """One change for the table."""
    interval = "" if change.low is None else f"{change.low:+.3f} to {change.high:+.3f}"
    return [change.task, change.metric, number(change.before), number(change.after), number(change.difference),
            interval, number(change.p_holm), str(change.n), change.verdict]  # fmt: skip


def build(runs, guard):
    """Lay out the page."""
    names = list(runs.evaluations())
    with gr.Row():
        before = gr.Dropdown(names, value=last(names[:-1]), label="Baseline")
        after = gr.Dropdown(names, value=last(names), label="Candidate")
        go = gr.Button("Compare", variant="primary")
    said = gr.Markdown(elem_id="comparison-note")
    slot = figure_slot("Differences")
    rows = gr.Dataframe(headers=HEADERS, interactive=False, wrap=True, show_search="filter")
    gr.Markdown("### What differs in the settings")
    settings = gr.Dataframe(headers=SETTINGS, interactive=False, wrap=True)
    gr.Markdown("### Item by item")
    metric = gr.Dropdown([], label="Metric")
    items = figure_slot("Item by item")
    take = page_button()

    def versions(before, after):
        there = runs.evaluations()
        wanted = known(before, there) + known(after, there)
        if len(wanted) != 2 or wanted[0] == wanted[1]:
            raise gr.Error("Choose two different evaluations.", print_exception=False)
        try:
            return [read_version(there[name], name) for name in wanted]
        except ConversationError as error:
            raise gr.Error(str(error), print_exception=False) from None

    @guard
    def show(before, after):
        first, second = versions(before, after)
        found = compare_versions(first, [second])
        figure = png(difference_plot([change.as_dict() for change in found.changes]))
        order = {"regressed": 0, "improved": 1}
        lines = [line(c) for c in sorted(found.changes, key=lambda c: order.get(c.verdict, 2))]
        changed = [[name, *map(str, values)] for name, values in differing([first, second])["different"].items()]
        shared = [f"{task}: {name}" for task, name in first.items if (task, name) in second.items]
        note = (
            f"{found.tests} tests, corrected together (Holm): {len(found.regressions)} worse, "
            f"{len(found.improvements)} better."
        )
        page = page_file("comparison", [("Differences", figure, [HEADERS, *lines]), ("Settings", None,
                                        [SETTINGS, *changed])])  # fmt: skip
        drop = gr.Dropdown(choices=shared, value=shared[0] if shared else None)
        return [note, *filled("differences", figure), lines, changed, drop, page]

    @guard
    def show_items(before, after, metric):
        first, second = versions(before, after)
        key = next((key for key in first.items if f"{key[0]}: {key[1]}" == metric and key in second.items), None)
        if key is None:
            return filled("items", png(item_changes([], [])))
        pairs = pair_items(first.items[key], second.items[key])
        return filled("items", png(item_changes(pairs.before, pairs.after, (first.name, second.name))))

    outputs = [said, *slot, rows, settings, metric, take]
    look_when_opened(before, runs.evaluations, lambda there: last(there[:-1]), guard)
    look_when_opened(after, runs.evaluations, last, guard)
    go.click(show, [before, after], outputs, api_visibility="private")
    metric.change(show_items, [before, after, metric], items, api_visibility="private")
    return None
