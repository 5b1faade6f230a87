"""Fitted numbers as a file."""

import json
from dataclasses import dataclass

import pytest

from pixel.voice.personality.consistency.fitted_file import load_fitted, save_fitted


@dataclass(frozen=True)
class Line:
    slope: float
    places: dict
    count: int = 3


def test_numbers_come_back_to_six_digits_and_names_as_they_were(tmp_path):
    save_fitted(Line(1 / 3, {"é": [2 / 3, 12345678.9]}), tmp_path / "line.json")

    assert load_fitted(Line, tmp_path / "line.json", "line") == Line(0.333333, {"é": [0.666667, 12345700.0]}, 3)
    assert json.loads((tmp_path / "line.json").read_text("utf-8"))["count"] == 3


@pytest.mark.parametrize("text", ["{", "[1]", '{"slope": 1, "height": 2}', "null"])
def test_another_file_is_named_with_what_it_should_be(tmp_path, text):
    file = tmp_path / "line.json"
    file.write_text(text)
    with pytest.raises(ValueError, match=r"line\.json: no line .*Mend: fit it anew"):
        load_fitted(Line, file, "line")


def test_a_file_that_is_not_there_says_so(tmp_path):
    with pytest.raises(FileNotFoundError):
        load_fitted(Line, tmp_path / "line.json", "line")
