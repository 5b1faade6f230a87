"""The strategies an ablation compares, by name: what differs from the plain sum."""

from pixel.balancing import SCHEDULES, WEIGHTINGS
from pixel.balancing.weighting import GramWeighting
from pixel.models.labels import OBJECTIVES

BASELINE = "sum"

FEELINGS_FIRST = {"persona": 0.5, "clinical": 0.25, "empathy": 0.5}
"""Where courses that are set beforehand begin: feelings at 1, what builds on them below; all end at 1."""

COURSES = {
    "cosine": {"start": FEELINGS_FIRST},
    "exponential": {"start": FEELINGS_FIRST},
    "curriculum": {
        "phases": [
            {"name": "feelings", "until": 0.3, "weights": FEELINGS_FIRST},
            {"name": "all", "until": 1.0, "transition": 0.1},
        ]
    },
}
"""Options of such schedules: their defaults start with language, which a frozen trunk does not learn."""


def strategies() -> dict[str, dict]:
    """
    Name -> settings of `PixelTrainingArguments`.

    `sum`: every objective at weight 1. `schedule:NAME`: loss weights over time. `gradient:NAME`: weights at the fork.
    `single:NAME`: one objective alone, on the rows that label it. `curriculum:NAME`: easy rows first.
    """
    found: dict[str, dict] = {BASELINE: {}}
    for name in SCHEDULES:
        if name != "fixed":
            options = {"loss_schedule_options": COURSES[name]} if name in COURSES else {}
            found[f"schedule:{name}"] = {"loss_schedule": name} | options
    found |= {f"gradient:{name}": {"weighting": name} for name in WEIGHTINGS if name not in ("sum", "mean")}
    for only in OBJECTIVES[1:]:
        weights = {name: float(name == only) for name in OBJECTIVES}
        found[f"single:{only}"] = {"objective_weights": weights}
    fixed = {"adaptive": False}
    found["curriculum:sqrt"] = {"curriculum": {"pacing": "sqrt"} | fixed}
    found["curriculum:linear"] = {"curriculum": {"pacing": "linear"} | fixed}
    found["curriculum:adaptive"] = {"curriculum": {"pacing": "sqrt"}, "eval_strategy": "steps", "eval_steps": 20}
    return found


def missing(chosen: dict[str, dict]) -> dict[str, str]:
    """Those of the strategies whose weighting needs something that is not installed, and how to install it."""
    found = {}
    for name, settings in chosen.items():
        try:
            GramWeighting(settings.get("weighting", "sum"), len(OBJECTIVES))
        except ImportError as error:
            found[name] = str(error)
    return found
