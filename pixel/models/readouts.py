"""From the heads' logits to what a reader sees: probabilities, and one nested record a turn."""

import torch
from torch import Tensor

from .labels import FIELDS


def probabilities(name: str, logits: Tensor, offsets: list[float] | None = None) -> Tensor:
    """
    Turn a field's logits into probabilities.

    Args:
        name: field.
        logits: `[..., width]`.
        offsets: `PixelConfig.offsets[name]`: added to the logits, so that 0.5 is where a label counts as present; for
            an ordinal field one a level, added to the log-probabilities, so that the likeliest level is the answer.

    Returns:
        float32 `[..., size]`: independent probabilities (`multilabel`), scores in [0, 1] (`score`), or a distribution
        that sums to 1 (`categorical`, `ordinal`; ordinal logits are cumulative, made monotone before differencing).
    """
    kind, logits = FIELDS[name].kind, logits.float()
    if offsets is not None and kind != "ordinal":
        logits = logits + torch.tensor(offsets, device=logits.device)
    if kind in ("multilabel", "score"):
        return logits.sigmoid()
    if kind == "categorical":
        return logits.softmax(-1)
    at_least = logits.sigmoid().cummin(-1).values  # P(level >= k), k = 1 .. K-1
    ones = torch.ones_like(at_least[..., :1])
    padded = torch.cat([ones, at_least, torch.zeros_like(ones)], -1)
    levels = padded[..., :-1] - padded[..., 1:]
    if offsets is None:
        return levels
    return (levels.clamp(min=1e-6).log() + torch.tensor(offsets, device=logits.device)).softmax(-1)


PLACES: dict[str, tuple[str | None, ...]] = {
    "emotion": ("emotion", "labels"),
    "vad": ("emotion", "vad"),
    "distress": ("emotion", "distress"),
    "eq": ("eq", None),
    "eq_total": ("eq", "total"),
    "persona_mode": ("persona", "mode"),
    "persona_context": ("persona", "context"),
    "persona_trigger": ("persona", "trigger"),
    "persona_switch": ("persona", "switch"),
    "dsm": ("clinical", "dsm"),
    "pdm_syndrome": ("clinical", "pdm", "syndrome"),
    "pdm_organisation": ("clinical", "pdm", "organisation"),
    "pdm_capacities": ("clinical", "pdm", "capacities"),
    "attachment": ("clinical", "pdm", "attachment"),
    "defence": ("clinical", "pdm", "defence"),
    "appropriateness": ("clinical", "appropriateness"),
    "intervention": ("clinical", "intervention"),
    "safety": ("clinical", "safety"),
    "risk": ("risk", "severity"),
    "emotional_reactions": ("empathy", "emotional_reactions"),
    "interpretations": ("empathy", "interpretations"),
    "explorations": ("empathy", "explorations"),
    "empathy_dimensions": ("empathy", "dimensions"),
    "genuine": ("empathy", "genuine"),
    "empathy_stage": ("empathy", "stage"),
}
"""Field -> where it stands in a turn's record; `None`: its names stand there themselves."""
_AS_LIST = ("risk", "emotional_reactions", "interpretations", "explorations")


def turn_record(readouts: dict[str, Tensor], fields: list[str], offsets: dict[str, list[float]] | None = None) -> dict:
    """
    The read-outs of one turn as plain nested dictionaries.

    Args:
        readouts: logits by field, `[width]` each.
        fields: the fields to show: those the model was trained on. The others are left out, never shown as if it knew.
        offsets: `PixelConfig.offsets`.

    Returns:
        `{"emotion": {"labels": {name: p}, "vad": {...}}, "eq": {domain: score, "total"}, "persona": {...},
        "clinical": {...}, "risk": {"severity": [7 probabilities]}, "empathy": {...}}`.
    """
    record: dict = {}
    for name, place in PLACES.items():
        if name not in fields or name not in readouts:
            continue
        values = [round(value, 6) for value in probabilities(name, readouts[name], (offsets or {}).get(name)).tolist()]
        field = FIELDS[name]
        if name in _AS_LIST:
            shown = values
        elif field.size == 1:
            shown = values[0]
        else:
            shown = dict(zip(field.names, values, strict=True))
        into = record
        for step in place[:-1]:
            into = into.setdefault(step, {})
        if place[-1] is None:
            into.update(shown)
        else:
            into[place[-1]] = shown
    return record
