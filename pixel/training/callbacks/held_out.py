"""The held-out loss of each objective, from what an evaluation measured."""

from collections.abc import Mapping

from pixel.models.labels import FIELDS


def held_out_losses(
    metrics: Mapping[str, float], field_weights: Mapping[str, float] | None = None, prefix: str = "eval_"
) -> dict[str, float]:
    """
    Objective -> the sum of its fields' held-out losses, each times its weight, as in training.

    Args:
        metrics: with `eval_loss_FIELD` and `eval_loss_language`; other keys are passed over.
        field_weights: field -> weight, 1 unless given.
        prefix: of the keys; `eval_NAME_` where there are several evaluation sets.

    Example:
        >>> held_out_losses({"eval_loss": 3.5, "eval_loss_risk": 1.0, "eval_loss_safety": 2.0, "eval_runtime": 9.0})
        {'clinical': 3.0}
    """
    losses: dict[str, float] = {}
    for key, value in metrics.items():
        name = key.removeprefix(f"{prefix}loss_") if key.startswith(f"{prefix}loss_") else None
        if name == "language":
            losses["language"] = value
        elif name in FIELDS:
            objective = FIELDS[name].objective
            losses[objective] = losses.get(objective, 0.0) + (field_weights or {}).get(name, 1.0) * value
    return losses
