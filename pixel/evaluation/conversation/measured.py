"""What was measured of the measures, kept beside them: tasks say it with every figure."""

import json
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from pixel.evaluation.conversation.studies import Study
from pixel.evaluation.validity import Validity
from pixel.metrics.table import markdown

FILE = Path(__file__).with_name("weights") / "validity.json"
HEADER = ("measure", "against", "kind", "value", "95% interval", "n", "length only", "constant", "gain at least",
          "validated")  # fmt: skip


class Standing(NamedTuple):
    """
    Attributes:
        validated: whether everything that decides about the measure validates it.
        against: in words, with the figures.
    """

    validated: bool
    against: str


def save(studies: Iterable[Study], file: Path = FILE) -> None:
    """As JSON, a line a study."""
    lines = [json.dumps(_plain(study), ensure_ascii=False) for study in studies]
    file.write_text("[\n" + ",\n".join(lines) + "\n]\n", encoding="utf-8")


@lru_cache(maxsize=4)
def load(file: Path = FILE) -> tuple[Study, ...]:
    """What `save` wrote; nothing where it is not there."""
    if not file.is_file():
        return ()
    read = json.loads(file.read_text(encoding="utf-8"))
    return tuple(Study(one["measure"], one["contrast"], one["decides"], Validity(**one["validity"])) for one in read)


def standing(measure: str, studies: Iterable[Study] | None = None) -> Standing:
    """
    How a measure stands by what was measured; one that nobody held against people is not validated.
    """
    own = [study for study in (load() if studies is None else studies) if study.measure == measure and study.decides]
    if not own:
        return Standing(False, "nothing: it was not held against people")
    words = []
    for study in own:
        found = study.validity
        if found.value is None:
            words.append(f"{found.against}: no figure ({found.reason})")
            continue
        name = "AUC" if found.majority == 0.5 else "r"
        interval = "" if found.low is None else f" ({found.low:.2f} to {found.high:.2f})"
        words.append(
            f"{found.against}: {name} {found.value:.2f}{interval}, length alone {found.length_only:.2f}, n {found.n:,}"
        )
    return Standing(all(study.validity.validated for study in own), "; ".join(words))


def table(studies: Iterable[Study]) -> str:
    """As a Markdown table."""
    rows = []
    for study in studies:
        one = study.validity
        interval = "-" if one.low is None else f"{one.low:.3f} to {one.high:.3f}"
        verdict = "yes" if one.validated else f"no: {one.reason}"
        kind = "AUC" if one.majority == 0.5 else "correlation"
        rows.append((study.measure, study.contrast, kind, one.value, interval, f"{one.n:,}", one.length_only,
                     f"{one.majority:g}", one.difference_low,
                     verdict + ("" if study.decides else " (aside)")))  # fmt: skip
    return markdown(HEADER, rows)


def _plain(study: Study) -> dict:
    numbers = study.validity._asdict()
    numbers = {name: round(value, 4) if isinstance(value, float) else value for name, value in numbers.items()}
    return {"measure": study.measure, "contrast": study.contrast, "decides": study.decides, "validity": numbers}
