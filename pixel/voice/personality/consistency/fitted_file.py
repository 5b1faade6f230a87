"""What was fitted, as a JSON file of numbers."""

import json
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any, TypeVar

from pixel.data.whole_files import write_in_one_step

Fitted = TypeVar("Fitted")


def save_fitted(fitted: Any, file: str | Path) -> None:
    """A dataclass as JSON, numbers to six digits."""
    write_in_one_step(Path(file), json.dumps(_rounded(asdict(fitted)), indent=1, ensure_ascii=False) + "\n")


def load_fitted(make: Callable[..., Fitted], file: str | Path, what: str) -> Fitted:
    """
    Args:
        make: of the file's names and values, as keywords.
        what: the file should be, for the error.

    Raises:
        FileNotFoundError: it is not there.
        ValueError: it is not what `save_fitted` wrote.
    """
    text = Path(file).read_text(encoding="utf-8")
    try:
        return make(**json.loads(text))
    except (TypeError, ValueError) as error:
        raise ValueError(f"{file}: no {what} ({error}). Mend: fit it anew, or name another folder") from None


def _rounded(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _rounded(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [_rounded(one) for one in value]
    return float(f"{value:.6g}") if isinstance(value, float) else value
