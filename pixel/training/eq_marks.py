"""EQ domains and the marks to reach in them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from pixel.metrics.decode import field_probabilities
from pixel.models.labels import EQ_DOMAINS
from pixel.training.arguments import SettingError
from pixel.training.probe_set import ReadConversation

DOMAINS = (*EQ_DOMAINS, "total")


@dataclass(frozen=True)
class EQMilestone:
    """
    One mark on the way.

    Attributes:
        name: of the milestone, unique.
        domain: one of `DOMAINS`.
        at_least: the correlation to reach, in [-1, 1].
        hold: looks in a row at which it must be reached (or missed, to be lost again).
        metric: `correlation` (Pearson's r of read-out and people's rating over the labelled turns).

    Raises:
        SettingError: no such domain or metric, or a number out of range.
    """

    name: str
    domain: str
    at_least: float
    hold: int = 2
    metric: str = "correlation"

    def __post_init__(self):
        if self.domain not in DOMAINS:
            raise SettingError(f"milestone {self.name}: no domain {self.domain!r}. Mend: use one of {DOMAINS}")
        if self.metric != "correlation":
            raise SettingError(f"milestone {self.name}: no metric {self.metric!r}. Mend: use correlation")
        if isinstance(self.at_least, bool) or not -1 <= self.at_least <= 1:
            raise SettingError(f"milestone {self.name}: at_least is {self.at_least}. Mend: give one in [-1, 1]")
        if self.hold < 1:
            raise SettingError(f"milestone {self.name}: hold is {self.hold}. Mend: give at least 1")


DEFAULT_MILESTONES = tuple(EQMilestone(f"{domain}_read", domain, 0.3) for domain in DOMAINS)
"""A correlation of .3 in each domain: Cohen's "medium" effect."""


def as_milestone(given: EQMilestone | Mapping[str, Any]) -> EQMilestone:
    """
    A milestone from a YAML mapping.

    Raises:
        SettingError: an attribute that does not exist or is missing.
    """
    if isinstance(given, EQMilestone):
        return given
    try:
        return EQMilestone(**given)
    except TypeError as error:
        raise SettingError(f"milestone {dict(given)}: {error}. Mend: give name, domain, at_least, hold") from None


def domain_readings(
    conversations: Sequence[ReadConversation], domain: str
) -> tuple[np.ndarray, np.ndarray, float | None]:
    """
    One of `DOMAINS` in a probe set.

    Returns:
        read-outs `[rated turns]`, people's ratings `[rated turns]`, and the mean read-out over all turns (`None` where
        the model has no such head).
    """
    field, column = ("eq_total", 0) if domain == "total" else ("eq", EQ_DOMAINS.index(domain))
    said, rated = [np.empty(0)], [np.empty(0)]
    everything = [np.empty(0)]
    for conversation in conversations:
        if field not in conversation.logits:
            continue
        probability = field_probabilities(field, conversation.logits[field])[:, column]
        everything.append(probability)
        if field in conversation.labels:
            rating = conversation.labels[field][:, column]
            known = ~np.isnan(rating)
            said.append(probability[known])
            rated.append(rating[known])
    every = np.concatenate(everything)
    return np.concatenate(said), np.concatenate(rated), float(every.mean()) if len(every) else None
