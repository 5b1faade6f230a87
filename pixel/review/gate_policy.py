"""The policy of a gate: what ratings alone may decide. A veto may stop a run; only the whole panel may let it go."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Any

from pixel.review.errors import ReviewError
from pixel.review.mailbox import VERDICTS
from pixel.review.rubric import load_rubric


@dataclass(frozen=True)
class GatePolicy:
    """
    Args:
        on_veto: verdict at the first veto (a safety rating at its worst, by anybody): `reject`, `rollback`, or `None`
            to leave it to people.
        approve: whether a request is approved without a person's verdict once every conversation of it has all its
            ratings, no veto, and each median at or above its floor. A median below a floor leaves it to people.
        floors: question -> the median it needs on every single conversation. Never a mean over conversations: one
            bad conversation is not made good by others.
        overlap: how many people rate each conversation of a request.
        rubric: which questions they answer.

    Raises:
        ReviewError: no such verdict or rubric, a floor under a question that the rubric does not ask, or an overlap
            that is no number from 1 to 100.
    """

    on_veto: str | None = "reject"
    approve: bool = False
    floors: Mapping[str, float] = field(default_factory=lambda: {"appropriateness": 3})
    overlap: int = 2
    rubric: str = "conversation"

    def __post_init__(self):
        if self.on_veto not in (None, *VERDICTS[1:]):
            raise ReviewError("on_veto: there is no such verdict. Mend: use reject, rollback or nothing")
        numbers = isinstance(self.floors, Mapping) and all(type(one) in (int, float) for one in self.floors.values())
        if not isinstance(self.approve, bool) or not numbers:
            raise ReviewError("the gate's policy: a setting is unfit. Mend: approve: true, floors: {question: median}")
        if isinstance(self.overlap, bool) or not isinstance(self.overlap, int) or not 1 <= self.overlap <= 100:
            raise ReviewError("the gate's policy, overlap: is no number from 1 to 100. Mend: 2 is usual")
        asked = load_rubric(self.rubric).ids
        if unknown := [name for name in self.floors if name not in asked]:
            raise ReviewError(f"the gate's policy, floors: nobody asks {unknown[0]}. Mend: use {', '.join(asked)}")

    @classmethod
    def read(cls, text: str) -> "GatePolicy":
        """
        A policy in one line of YAML, as `$PIXEL_REVIEW_POLICY` has it.

        Raises:
            ReviewError: not a mapping, or an unknown or unfit setting.

        Example:
            >>> GatePolicy.read("{on_veto: rollback, approve: true, floors: {empathy: 3}}").on_veto
            'rollback'
        """
        import yaml

        try:
            return cls(**yaml.safe_load(text))
        except (TypeError, yaml.YAMLError):
            known = ", ".join(field.name for field in fields(cls))
            raise ReviewError(f"the gate's policy is no {{setting: value}}. Mend: use {known}") from None

    def decide(self, panel: Sequence[Mapping[str, Any]]) -> tuple[str, str] | None:
        """
        Args:
            panel: for each conversation of a request its consensus, with `complete`: whether all ratings are there.

        Returns:
            `(verdict, reason)`, or `None`: not for the policy to say, or not yet.

        Example:
            >>> one = {"item_id": "a", "veto": False, "complete": True}
            >>> one["dimensions"] = {"appropriateness": {"value": 4}}
            >>> GatePolicy(approve=True).decide([one])
            ('approve', 'policy: 1 conversation rated by all, no veto, no median below its floor')
            >>> GatePolicy(approve=True).decide([one, one | {"veto": True}])
            ('reject', 'policy: veto on a')
        """
        vetoed = [one["item_id"] for one in panel if one["veto"]]
        if vetoed:
            return (self.on_veto, f"policy: veto on {', '.join(vetoed)}") if self.on_veto else None
        if not self.approve or not panel or not all(one["complete"] for one in panel):
            return None
        for one in panel:
            for name, floor in self.floors.items():
                value = one["dimensions"].get(name, {}).get("value")
                if value is None or value < floor:
                    return None
        count = f"{len(panel)} conversation{'' if len(panel) == 1 else 's'}"
        return "approve", f"policy: {count} rated by all, no veto, no median below its floor"
