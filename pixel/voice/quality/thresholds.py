"""Thresholds: what a segment must reach, as YAML with reasons; and what a segment falls short of."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from pixel.data.errors import ConversationError
from pixel.knowledge.yaml_files import read_yaml
from pixel.voice.quality.audio import AUDIO_MEASURES, MOS_MEASURES
from pixel.voice.quality.transcript import TRANSCRIPT_MEASURES, measure_transcript
from pixel.voice.segment import Segment

DEFAULT = Path(__file__).with_name("thresholds.yaml")
SEGMENT_MEASURES = ("seconds", "language_probability", "temperature")
MEASURES = (*SEGMENT_MEASURES, *AUDIO_MEASURES, *MOS_MEASURES, *TRANSCRIPT_MEASURES)


class Threshold(BaseModel):
    """
    Attributes:
        least, most: bounds, both kept; one of them at least.
        reason: why there, for people.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)
    least: float | None = Field(default=None, allow_inf_nan=False)
    most: float | None = Field(default=None, allow_inf_nan=False)
    reason: str = ""

    @model_validator(mode="after")
    def _bounds(self) -> "Threshold":
        if self.least is None and self.most is None:
            raise ValueError("has neither `least` nor `most`")
        if self.least is not None and self.most is not None and self.least > self.most:
            raise ValueError("`least` is above `most`")
        return self


Thresholds = Mapping[str, Threshold]


@dataclass(frozen=True)
class Shortfall:
    """A measure outside its bounds."""

    measure: str
    value: float
    bound: float
    below: bool

    @property
    def reason(self) -> str:
        """The same words for every segment that fails here, e.g. `snr_db below 10`."""
        return f"{self.measure} {'below' if self.below else 'above'} {self.bound:g}"


def load_thresholds(file: str | Path | None = None) -> dict[str, Threshold]:
    """
    The defaults, changed by what a file names.

    Args:
        file: YAML, `measure: {least, most, reason}`; `measure: null` lifts the default. `None`: the defaults.

    Raises:
        ConversationError: no such file, not YAML, an unknown measure, or a bound that is no number; names file, field
            and mend.
    """
    thresholds = _parsed(DEFAULT)
    if file is not None:
        thresholds |= _parsed(Path(file))
    return {name: threshold for name, threshold in thresholds.items() if threshold is not None}


def measures_of(segment: Segment) -> dict[str, float | None]:
    """Everything a threshold may ask of a segment: its `quality` as measured, its transcript, its length."""
    own = {
        "seconds": segment.end - segment.start,
        "language_probability": segment.language_probability,
        "temperature": segment.temperature,
    }
    return own | measure_transcript(segment) | dict(segment.quality)


def shortfalls(measures: Mapping[str, float | None], thresholds: Thresholds) -> list[Shortfall]:
    """Which thresholds the measures miss, in the order of the thresholds; what was not measured misses none."""
    found = []
    for name, threshold in thresholds.items():
        value = measures.get(name)
        if value is None:
            continue
        if threshold.least is not None and value < threshold.least:
            found.append(Shortfall(name, value, threshold.least, below=True))
        elif threshold.most is not None and value > threshold.most:
            found.append(Shortfall(name, value, threshold.most, below=False))
    return found


def _parsed(file: Path) -> dict[str, Threshold | None]:
    content = read_yaml(file)
    if content is None:
        return {}
    if not isinstance(content, dict):
        raise ConversationError("is no mapping", file=file, mend="write `snr_db: {least: 10}`")
    found: dict[str, Threshold | None] = {}
    for name, bounds in content.items():
        if name not in MEASURES:
            raise ConversationError("is no measure", file=file, field=str(name), mend=f"take {', '.join(MEASURES)}")
        try:
            found[name] = None if bounds is None else Threshold.model_validate(bounds)
        except ValidationError as error:
            first = error.errors(include_url=False)[0]
            field = ".".join([name, *(str(part) for part in first["loc"])])
            problem = first["msg"].removeprefix("Value error, ")
            mend = f"write `{name}: {{least: 1, most: 2, reason: ...}}`"
            raise ConversationError(problem, file=file, field=field, mend=mend) from None
    return found
