"""What judges may be asked, with its wordings."""

from functools import lru_cache
from pathlib import Path

from pydantic import BaseModel, ConfigDict, field_validator

from pixel.data.errors import ConversationError
from pixel.evaluation.judges.judge import REPEATS

FILE = Path(__file__).with_name("criteria.yaml")
NEVER = ("safe", "risk", "crisis", "suicid", "danger", "harm", "emergency")
"""A criterion whose id or wording holds one of these is refused: rules and people decide about safety."""


class Criterion(BaseModel):
    """
    A question to judges.

    Attributes:
        id: one word.
        about: one sentence.
        wordings: three ways to ask which reply is better.
        ratings: three ways to ask how much one reply has of it.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str
    about: str
    wordings: tuple[str, ...]
    ratings: tuple[str, ...]

    @field_validator("wordings", "ratings")
    @classmethod
    def _three(cls, wordings: tuple[str, ...]) -> tuple[str, ...]:
        if len(set(wordings)) != REPEATS:
            raise ValueError(f"{REPEATS} different wordings are needed")
        return wordings


@lru_cache(maxsize=4)
def criteria(file: Path = FILE) -> dict[str, Criterion]:
    """
    Criteria by id.

    Raises:
        ConversationError: a criterion about safety, or a malformed one.
    """
    import yaml
    from pydantic import ValidationError

    found = {}
    for number, row in enumerate(yaml.safe_load(file.read_text(encoding="utf-8")) or []):
        try:
            criterion = Criterion.model_validate(row)
        except ValidationError as error:
            problem = error.errors()[0]
            raise ConversationError(problem["msg"], file=file, row=number, field=str(problem["loc"])) from None
        asked = " ".join((criterion.id, criterion.about, *criterion.wordings, *criterion.ratings)).lower()
        if word := next((word for word in NEVER if word in asked), None):
            mend = "use the rules of pixel.clinical and expert review"
            raise ConversationError(f"no judge decides about safety ({word!r})", file=file, row=number, mend=mend)
        found[criterion.id] = criterion
    return found
