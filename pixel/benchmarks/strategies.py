"""The strategies an ablation compares, by name: what differs from the plain sum."""

from pixel.balancing import SCHEDULES, WEIGHTINGS
from pixel.models.labels import OBJECTIVES

BASELINE = "sum"


def strategies() -> dict[str, dict]:
    """
    Name -> settings of `PixelTrainingArguments`.

    `sum`: every objective at weight 1. `schedule:NAME`: loss weights over time. `gradient:NAME`: weights at the fork.
    `single:NAME`: one objective alone, on the rows that label it. `curriculum:NAME`: easy rows first.
    """
    found: dict[str, dict] = {BASELINE: {}}
    found |= {f"schedule:{name}": {"loss_schedule": name} for name in SCHEDULES if name != "fixed"}
    found |= {f"gradient:{name}": {"weighting": name} for name in WEIGHTINGS if name not in ("sum", "mean")}
    for only in OBJECTIVES[1:]:
        weights = {name: float(name == only) for name in OBJECTIVES}
        found[f"single:{only}"] = {"objective_weights": weights}
    fixed = {"adaptive": False}
    found["curriculum:sqrt"] = {"curriculum": {"pacing": "sqrt"} | fixed}
    found["curriculum:linear"] = {"curriculum": {"pacing": "linear"} | fixed}
    found["curriculum:adaptive"] = {"curriculum": {"pacing": "sqrt"}, "eval_strategy": "steps", "eval_steps": 20}
    return found
