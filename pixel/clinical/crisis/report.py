"""What the screen reaches out of fold, as a table for the terminal and a card beside the weights."""

from collections.abc import Sequence

import numpy as np

from . import measuring
from .corpora import Row
from .ladder import HIGH_ALONE, at_least, severity
from .voices import Voices

_HEAD = "| figure | voice | value | 95% interval |\n|---|---|---|---|"


def figures(
    rows: Sequence[Row], out: dict[str, np.ndarray], thresholds: dict[str, dict[str, float]]
) -> dict[str, list]:
    """
    Args:
        rows: posts, ordinary talk and examples.
        out: each voice's cumulative logits out of fold `[rows, 6]`.
        thresholds: as `pixel.clinical.crisis.fitting.choose_thresholds` gives them.

    Returns:
        `"figure (voice)": [value, low, high]`, 95% bootstrap intervals over rows.
    """
    source, rung = np.array([row.source for row in rows]), np.array([row.rung for row in rows])
    posts, told = source == "posts", {}
    for voice, logits in out.items():
        found = severity(logits)
        for name, least, recall in (("rung 4 or more", 4, 0.97), ("any risk", 1, 0.95)):
            scores, positive = at_least(found, least)[posts], rung[posts] >= least
            told[f"AUC, {name} ({voice})"] = measuring.bootstrap(measuring.auc, scores, positive)
            told[f"false positives at recall {recall}, {name} ({voice})"] = measuring.bootstrap(
                measuring.false_positives_at(recall), scores, positive
            )
    for voice, cut in thresholds.items():
        told |= _at_thresholds(out[voice], voice, cut, source, rung)
    return {name: [round(float(value), 4) for value in values] for name, values in told.items()}


def _at_thresholds(logits: np.ndarray, voice: str, cut: dict[str, float], source, rung) -> dict[str, tuple]:
    told, posts, found = {}, source == "posts", severity(logits)
    some, high = at_least(found, 1), at_least(found, 4)
    flagged = ((some >= cut["flag"]) | (high >= HIGH_ALONE)).astype(float)
    places = (("any", some, 1, cut["any"]), ("high", high, 4, cut["high"]), ("flag", flagged, 4, 0.5))
    for name, scores, least, at in (*places, ("flag", flagged, 1, 0.5)):
        for kind, place in (("recall", 0), ("false positives", 1)):
            told[f"{kind} of rung {least} or more at threshold `{name}` ({voice})"] = measuring.bootstrap(
                lambda s, p, at=at, place=place: measuring.rates(s, p, at)[place],
                scores[posts], rung[posts] >= least,
            )  # fmt: skip
    groups = {name: source == name for name in sorted(set(source) - {"posts", "examples"})}
    groups["annomi_client and counselchat"] = (source == "annomi_client") | (source == "counselchat")
    for name, chosen in groups.items():
        told[f"above `flag`, {name} ({voice})"] = measuring.bootstrap(lambda s: float(s.mean()), flagged[chosen])
    return told


def table(measured: dict[str, list]) -> str:
    """A Markdown table."""
    lines = [_HEAD]
    for name, (value, low, high) in measured.items():
        figure, voice = name.rsplit(" (", 1)
        lines.append(f"| {figure} | {voice[:-1]} | {value:.3f} | {low:.3f} to {high:.3f} |")
    return "\n".join(lines)


def card(fitted: Voices) -> str:
    """README.md beside the weights: what is in them, of what licence, how good, what for and what not."""
    cuts = ", ".join(
        f"`{name}` {value} ({voice})" for voice, cut in fitted.thresholds.items() for name, value in cut.items()
    )
    return f"""# Weights of the crisis screen

Linear weights only: of 65,536 hashed word and character n-grams and of 384 sentence-embedding dimensions, each with
the findings of the rules in `../signals`, for "at least rung k" of a C-SSRS-derived ladder, k = 1 to 6. No sentence of
any corpus is in them. Made by `recipes/train_screen.py`.

**Learned from.** 886 posts of cssrs_sw1170 (r/SuicideWatch; a person's severity 0-6 and five language models' labels;
Patil, Tao and Gedhu, arXiv 2505.13480; CC BY 4.0), which give half of each training target each. Ordinary talk of
AnnoMI, CounselChat, EPITOME, Dreaddit and EmpatheticDialogues, assumed to be rung 0; rows of it that mention suicide
or self-harm are measured but not learned from. Sentences of our own. The sentence encoder (all-MiniLM-L6-v2) is as
published.

**Out of fold** (5 folds; no post, client or session on both sides; 95% bootstrap intervals over rows). The rules were
written by someone who had read these posts, so figures on posts nobody read will be somewhat lower; the thresholds
were set on the same out-of-fold scores. They are of the voices alone: the detector also flags by
rule (other crises), and takes 1.5 off the log-odds of short messages that only deny (recall of any risk at
`any` .956 to .951).

{table(fitted.figures)}

Thresholds: {cuts}. `any` and `flag` are on the probability of rung 1 or more, `high` on that of rung 4 or more.
A message is also flagged, and counted under `flag` above, from a probability of rung 4 or more of {HIGH_ALONE}.

**For** putting messages before a person sooner. **Not for** deciding that somebody is safe, and not for diagnosis: at
these thresholds some posts of the highest rungs are missed. English only; other languages are abstained from.
"""
