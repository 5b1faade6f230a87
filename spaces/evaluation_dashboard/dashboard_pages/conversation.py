"""Page: a pasted conversation, read turn by turn."""

import gradio as gr

from dashboard_pages.parts import figure_slot, filled, known, last, look_when_opened, number, page_button, page_file
from dashboard_pages.reader import Reader, parse
from pixel.data.errors import ConversationError
from pixel.evaluation.figures import persona_timeline, png, readout_track

HEADERS = ["turn", "role", "strongest emotions", "valence", "persona", "risk 1+", "risk 4+", "appropriateness"]
EXAMPLE = """user: I have been staring at this report since six and my hands will not stop shaking.
assistant: That sounds exhausting. What happened just before they began to shake?
user: My manager wrote that we need to talk. I can only think that I am losing the job.
assistant: One line, and the mind fills in the rest. What would help you get through the next hour?
user: Maybe help me finish the last table, then I can breathe."""


def line(turn: dict) -> list[str]:
    """One turn for the table: what was read, never what was said."""
    emotion, persona = turn.get("emotion") or {}, (turn.get("persona") or {}).get("mode") or {}
    labels = sorted((emotion.get("labels") or {}).items(), key=lambda pair: -pair[1])[:3]
    severity = (turn.get("risk") or {}).get("severity")
    mode = max(persona, key=persona.get) if persona else None
    return [
        str(turn["index"] + 1), turn["role"], ", ".join(f"{name} {value:.2f}" for name, value in labels),
        number((emotion.get("vad") or {}).get("valence")), f"{mode} {persona[mode]:.2f}" if mode else "–",
        number(sum(severity[1:])) if severity else "–", number(sum(severity[4:])) if severity else "–",
        number((turn.get("clinical") or {}).get("appropriateness")),
    ]  # fmt: skip


def build(runs, guard, model: str | None = None):
    """Lay out the page."""
    reader = Reader()

    def choices() -> dict[str, str]:
        found = {name: str(path) for name, path in runs.models().items()}
        return found | ({model: model} if model else {})

    names = list(choices())
    chosen = gr.Dropdown(names, value=last(names), label="Model")
    text = gr.Textbox(EXAMPLE, lines=8, max_lines=20, label="Conversation, one 'user: ...' or 'assistant: ...' a turn")
    gr.Markdown("What you paste is read once and not kept. The read-outs are no diagnosis.")
    go = gr.Button("Read", variant="primary")
    said = gr.Markdown(elem_id="reading-note")
    gr.Markdown("### Persona")
    timeline = figure_slot("Persona, turn by turn")
    gr.Markdown("### Read-outs")
    track = figure_slot("Read-outs, turn by turn")
    rows = gr.Dataframe(headers=HEADERS, interactive=False, wrap=True)
    take = page_button()

    @guard
    def show(chosen, text):
        there = choices()
        wanted = known(chosen, there)
        if not wanted:
            said = "There is no model here. Train one with recipes/train.py, or set PIXEL_MODEL."
            raise gr.Error(said, print_exception=False)
        try:
            turns = reader.read(there[wanted[0]], parse(text or ""))
        except (ConversationError, ValueError) as error:
            raise gr.Error(str(error), print_exception=False) from None
        except OSError:
            raise gr.Error("This model cannot be loaded.", print_exception=False) from None
        first, second = png(persona_timeline(turns)), png(readout_track(turns))
        lines = [line(turn) for turn in turns]
        page = page_file("conversation", [("Persona", first, []), ("Read-outs", second, [HEADERS, *lines])])
        note = f"{len(turns)} turns read by {wanted[0]}."
        return [note, *filled("persona", first), *filled("readouts", second), lines, page]

    outputs = [said, *timeline, *track, rows, take]
    look_when_opened(chosen, choices, last, guard)
    go.click(show, [chosen, text], outputs, api_visibility="private")
    return None
