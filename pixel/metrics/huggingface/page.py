"""The page of a metric's Space: paste two lists, read the number and, where there is none, why."""

import json
from typing import Any

from pixel.metrics.catalogue import cases, sheet


def answer(name: str, references: str, predictions: str, options: str) -> str:
    """
    What the page answers.

    Args:
        name: of the metric.
        references, predictions: JSON lists; `references` may be empty where the metric has one side.
        options: a JSON object, or empty.

    Returns:
        JSON with the value and the reason, or with what is wrong and how to mend it.
    """
    sides: list[Any] = []
    for label, text, empty in (
        ("references", references, []),
        ("predictions", predictions, []),
        ("options", options, {}),
    ):
        try:
            sides.append(json.loads(text) if text and text.strip() else empty)
        except json.JSONDecodeError as error:
            return json.dumps({"error": f"{label} are no JSON ({error}). Mend: give a list such as [0, 1, 2]"})
    try:
        measured = sheet(name).measure(sides[0], sides[1], **sides[2])
    except (ValueError, TypeError, KeyError) as error:
        return json.dumps({"error": str(error)})
    return json.dumps({name: measured.value, "reason": measured.reason})


def page(name: str) -> Any:
    """A `gradio.Interface` with the metric's worked cases as examples."""
    import gradio

    known = sheet(name)
    shown = [
        [json.dumps(case.get(key, {})) for key in ("references", "predictions", "options")] for case in cases(name)
    ]
    return gradio.Interface(
        fn=lambda references, predictions, options: answer(name, references, predictions, options),
        inputs=[gradio.Textbox(label=label, lines=3) for label in ("references", "predictions", "options")],
        outputs=gradio.Code(label="value", language="json"),
        examples=shown,
        title=known.name,
        description=known.says,
        flagging_mode="never",
        cache_examples=False,
    )
