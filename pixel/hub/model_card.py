"""The model card: what the model is, what is trained and what is not, what it was measured to do, and its limits."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

TEMPLATE = Path(__file__).with_name("model_card.jinja")

LIMITS = (
    "Made for English text. Other languages, and cultures and settings that its data do not show, are untested.",
    "Read-outs describe the text of a turn. They are no measurement of the person who wrote it.",
    "Labels made by rules or by other models carry the mistakes of those rules and models.",
    "It must not be used for triage, diagnosis, or any decision about a person without a qualified human who decides.",
)
"""What holds for every Pixel model; a card's own limits are added to these."""

DEFAULTS = {
    "name": "Pixel", "repo_id": None, "base_model": None, "license": "apache-2.0", "language": ["en"],
    "heads": [], "objectives": [], "balancing": None, "data": [], "results": [], "limits": [],
    "readout_layer": None, "layers": None, "pooling": "a pooling of the tokens", "validated_by": None, "command": None,
}  # fmt: skip


def write_model_card(folder: str | Path, info: Mapping[str, Any]) -> Path:
    """
    Write `README.md` into a model folder.

    Args:
        folder: what `save_pretrained` wrote; must exist.
        info: any of

            - `name`, `repo_id`, `base_model` (Hub id), `license`, `language`, `command`;
            - `heads`: `{"name", "labels", "trained": bool, "note"}` each;
            - `objectives`: `{"name", "weight", "note"}` each, and `balancing`, a phrase;
            - `data`: `{"name", "rows", "licence", "url", "labels", "hub_id"}` each;
            - `results`: `{"task", "metric", "value", "majority", "published", "source", "interval", "n"}` each;
              what is missing is shown as a dash, never as a zero;
            - `limits`: sentences, added to `LIMITS`;
            - `readout_layer`, `layers`, `pooling`; `validated_by`: who, where clinicians did validate it.

    Returns:
        `Path`: the card.

    Raises:
        FileNotFoundError: the folder does not exist.
        ValueError: `info` has a key that the card does not know, or a head does not say whether it is trained.
    """
    folder = Path(folder)
    if not folder.is_dir():
        raise FileNotFoundError(f"no such folder: {folder}")
    card = folder / "README.md"
    card.write_text(render_model_card(info), encoding="utf-8")
    return card


def render_model_card(info: Mapping[str, Any]) -> str:
    """The card as text: YAML front matter for the Hub, then Markdown. Arguments and errors as `write_model_card`."""
    import jinja2
    import yaml

    unknown = sorted(set(info) - set(DEFAULTS))
    if unknown:
        raise ValueError(f"the model card does not know {unknown}; it knows {sorted(DEFAULTS)}")
    facts = {**DEFAULTS, **info}
    facts["limits"] = [*LIMITS, *facts["limits"]]
    for head in facts["heads"]:
        if "trained" not in head:
            raise ValueError(f"head {head.get('name')!r} does not say whether it is trained")
    environment = jinja2.Environment(keep_trailing_newline=True, undefined=jinja2.ChainableUndefined)
    environment.filters |= {"cell": _cell, "number": _number}
    body = environment.from_string(TEMPLATE.read_text(encoding="utf-8")).render(facts)
    front = yaml.safe_dump(_front_matter(facts), sort_keys=False, allow_unicode=True)
    return f"---\n{front}---\n\n{body.rstrip()}\n"


def _front_matter(facts: Mapping[str, Any]) -> dict[str, Any]:
    front = {
        "license": facts["license"],
        "language": list(facts["language"]),
        "library_name": "transformers",
        "pipeline_tag": "text-generation",
        "tags": ["pixel", "empathy", "emotion", "mental-health"],
    }
    if facts["base_model"]:
        front["base_model"] = facts["base_model"]
    datasets = [corpus["hub_id"] for corpus in facts["data"] if corpus.get("hub_id")]
    if datasets:
        front["datasets"] = datasets
    return front


def _missing(value: Any) -> bool:
    import jinja2

    return value is None or isinstance(value, jinja2.Undefined) or value == ""


def _cell(value: Any) -> str:
    """A table cell: one line, no bar that would end it."""
    return "–" if _missing(value) else " ".join(str(value).split()).replace("|", "\\|")


def _number(value: Any) -> str:
    if _missing(value):
        return "–"
    return f"{value:.3f}" if isinstance(value, float) else _cell(value)
