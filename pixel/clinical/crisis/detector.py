"""The crisis detector that screening, chat and training call: learned voices, rules, and when to abstain."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import islice

import numpy as np

from . import ladder, quality, voices
from .features import text_features
from .rules import Finding, only_denied
from .text import prepare

KINDS = (
    "suicide", "self_harm", "harm_to_others", "abuse", "psychosis", "overdose", "disordered_eating", "none"
)  # fmt: skip
_URGENT = ("overdose", "harm_to_others", "psychosis", "abuse", "self_harm", "disordered_eating")
"""Kinds beside suicide, the most urgent first."""

MAX_WINDOWS = 400
DENIAL = 1.5
"""Taken off the log-odds of a short message that speaks of suicide only to deny it: a rule, not learned."""

MODEL_SHARE = 1 / 3
"""Share of the Pixel model's risk head in the mean of the log-odds, where a model is given."""


@dataclass
class Assessment:
    """
    Attributes:
        severity: probabilities of the rungs 0 (none) to 6 (behaviour), summing to 1.
        flag: a person should look at this message: any current risk of suicide at a recall of .95 on a crisis forum,
            or a rule for another crisis.
        abstain: the message cannot be judged. A rule that fires is flagged all the same.
        kind: one of `KINDS`: the kind of crisis that is likeliest; `none` unless flagged.
        high: whether the probability of rung 4 or more is above its threshold.
        reasons: `p_any=0.81>=0.30`, `rule:intent[current,self,rung4]`, `abstain:other_language`, ...; no text of it.
    """

    severity: list[float]
    flag: bool
    abstain: bool
    kind: str
    high: bool = False
    reasons: list[str] = field(default_factory=list)

    def record(self) -> dict:
        """As a line of the output."""
        return {
            "severity": self.severity, "flag": self.flag, "abstain": self.abstain, "kind": self.kind,
            "reasons": self.reasons,
        }  # fmt: skip


class CrisisDetector:
    """
    Args:
        weights: folder of the learned voices (default: those that come with Pixel).
        encoder: also read sentence embeddings (22M parameters). Without it the n-grams speak alone.
        model: a further voice: texts to rung probabilities `[texts, 7]`, such as a Pixel model's risk head.

    Raises:
        ConversationError: weights that cannot be read.

    Example:
        >>> CrisisDetector().read(["This traffic is killing me."])[0].flag
        False
    """

    def __init__(
        self, weights=voices.WEIGHTS, encoder: bool = True, model: Callable[[Sequence[str]], np.ndarray] | None = None
    ):
        self.voices, self.encoder, self.model = voices.load(weights), encoder, model

    def read(self, texts: Sequence[str]) -> list[Assessment]:
        """
        Args:
            texts: of any length and content.

        Returns:
            an assessment each, in order. What stands beside a text does not change its assessment (to 1e-5).
        """
        messages = [prepare(text) for text in texts]
        pieces = [window for message in messages for window in message.windows[:MAX_WINDOWS]]
        if not pieces:
            return []
        rules, ngrams, findings = text_features(pieces)
        spoken = self.voices.logits(rules, ngrams, voices.embed(pieces) if self.encoder else None)
        cut = self.voices.thresholds["mean" if len(spoken) > 1 else "text"]
        logits = np.mean(list(spoken.values()), axis=0)
        if self.model is not None:
            logits = (1 - MODEL_SHARE) * logits + MODEL_SHARE * _cumulative(self.model(pieces))
        rows, found = iter(logits), iter(findings)
        assessments = []
        for message in messages:
            count = len(message.windows[:MAX_WINDOWS])
            one = np.array(list(islice(rows, count)))
            said = list(islice(found, count))
            if only_denied(said[0], len(message.text.split())):
                one = one - DENIAL
            assessments.append(_judge(message, one, said, cut))
        return assessments


def _judge(message, logits: np.ndarray, findings: list[list[Finding]], cut: dict[str, float]) -> Assessment:
    severity, alone = ladder.severity(join(logits)[None])[0], ladder.severity(logits)
    severity = [round(float(p), 6) for p in severity]
    p_any, p_high = (float(ladder.at_least(severity, rung)) for rung in (1, 4))
    t_any, t_high = cut["any"], cut["high"]
    flat = [one for window in findings for one in window]
    others = {one.signal.kind: one for one in flat if one.signal.flag and not one.denied and not one.past}
    fired = {kind: one for kind, one in others.items() if kind == "overdose" or one.subject == "self"}
    abstain = quality.why_not(message)
    asserted = [one for one in flat if one.level >= 2]
    backed = [any(one.level >= 2 for one in said) for said in findings]  # windows with a rule that reaches rung 2
    passage = [float((ladder.at_least(alone, rung) * backed).max()) for rung in (1, 4)]
    sure = max(p_any, passage[0]) >= cut["flag"] or max(p_high, passage[1]) >= ladder.HIGH_ALONE
    risky = sure if abstain is None else bool(asserted)
    high = max(p_high, passage[1]) >= t_high
    reasons = [f"p_any={p_any:.3f}{'>=' if p_any >= t_any else '<'}{t_any:.3f}"]
    reasons.append(f"p_high={p_high:.3f}{'>=' if p_high >= t_high else '<'}{t_high:.3f}")
    reasons += _named(flat)
    if len(findings) > 1:
        reasons.append(f"strongest_passage:p_any={passage[0]:.3f},p_high={passage[1]:.3f},of={len(findings)}")
    if abstain:
        reasons.append(f"abstain:{abstain}")
    flag = risky or bool(fired)
    kind = next((one for one in _URGENT if one in fired), "suicide" if risky else "none")
    if risky and kind in ("self_harm", "disordered_eating", "abuse") and (high or asserted):
        kind = "suicide"
    return Assessment(severity, flag, abstain is not None, kind, high, reasons)


def join(logits: np.ndarray) -> np.ndarray:
    """Windows of one message `[windows, 6]` to the message `[6]`: half the strongest window, half the mean."""
    return (logits.max(0) + logits.mean(0)) / 2


def _cumulative(severity: np.ndarray) -> np.ndarray:
    reach = np.stack([ladder.at_least(severity, rung) for rung in range(1, 7)], axis=1).clip(1e-4, 1 - 1e-4)
    return np.log(reach / (1 - reach))


def _named(findings: list[Finding], most: int = 12) -> list[str]:
    """Signals that speak of a crisis, the highest rung first, each reading once."""
    seen: dict[str, int] = {}
    for one in findings:
        if one.signal.kind == "none":
            continue
        when = "past" if one.past else "current"
        rung = f",rung{one.level}" if one.signal.level else ""
        name = f"rule:{one.signal.id}[{when},{one.subject}{',denied' if one.denied else ''}{rung}]"
        seen[name] = max(seen.get(name, 0), one.level)
    return [re.sub(r"\s", "", name) for name in sorted(seen, key=lambda name: (-seen[name], name))[:most]]
