"""JSON lines: numbered, strict, and silent about what they hold."""

import pytest

from pixel.data.errors import ConversationError
from pixel.data.json_lines import json_object, json_rows, numbered_lines, row_id


def test_blank_lines_are_passed_over_and_numbers_are_those_of_the_file(tmp_path):
    file = tmp_path / "rows.jsonl"
    file.write_bytes(b'{"a": 1}\n\n  \n{"b": 2}')
    assert [(number, line.strip()) for number, line in numbered_lines(file)] == [(1, b'{"a": 1}'), (4, b'{"b": 2}')]
    with pytest.raises(ConversationError, match="file not found"):
        list(numbered_lines(tmp_path / "none.jsonl"))


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        (b'{"secret', "is not JSON"),
        (b'"secret"', "is not a JSON object"),
        (b'{"a": "\xff"}', "is not UTF-8"),
        (b"[" * 100_000, "is not JSON"),
        (b"1" * 5000, "too many digits"),
    ],
)
def test_a_bad_line_is_refused_without_its_words(line, problem):
    with pytest.raises(ConversationError, match=problem) as error:
        json_object(line)
    assert "secret" not in str(error.value)


def test_a_byte_order_mark_is_no_matter():
    assert json_object(b'\xef\xbb\xbf{"a": 1}') == {"a": 1}


@pytest.mark.parametrize("row", [{}, {"id": ""}, {"id": True}, {"id": 1.5}, {"id": None}])
def test_an_id_is_a_string_or_an_integer(row):
    with pytest.raises(ConversationError, match="give every message an id"):
        row_id(row, "message")
    assert row_id({"id": 0}, "message") == 0 and row_id({"id": "x"}, "message") == "x"


def test_rows_stop_at_the_first_bad_line_and_name_it(tmp_path):
    file = tmp_path / "rows.jsonl"
    file.write_text('{"a": 1}\n\n[2]\n')
    rows = json_rows(file, mend="write {...}")
    assert next(rows) == (1, {"a": 1})
    with pytest.raises(ConversationError, match=r"rows\.jsonl, row 3: is not a JSON object. Mend: write"):
        next(rows)
