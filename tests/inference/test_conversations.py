import json

import pytest

from pixel.data.errors import ConversationError
from pixel.inference import input_rows

GOOD = {"id": "a", "messages": [{"role": "user", "content": "hello", "time": 3}], "emotion": "of no use here", "x": 1}
SECRET = "nobody may read this"


def write(tmp_path, *lines):
    file = tmp_path / "in.jsonl"
    file.write_bytes(b"\n".join(line if isinstance(line, bytes) else json.dumps(line).encode() for line in lines))
    return file


def test_extra_keys_and_blank_lines_are_left_alone(tmp_path):
    rows = list(input_rows(write(tmp_path, GOOD, b"", GOOD | {"id": 7})))
    assert [(row.number, row.id, row.error) for row in rows] == [(1, "a", None), (3, 7, None)]
    assert rows[0].messages == [{"role": "user", "content": "hello"}]


@pytest.mark.parametrize(
    ("bad", "says"),
    [
        (b'{"id": "b", "messages": ', "is not JSON"),
        (b"\xff\xfe", "is not UTF-8"),
        (b"[1]", "is not a JSON object"),
        ({"messages": GOOD["messages"]}, "field 'id': is missing"),
        (GOOD | {"id": 1.5}, "field 'id': is neither"),
        (GOOD | {"id": True}, "field 'id': is neither"),
        ({"id": "b"}, "field 'messages': is missing"),
        (GOOD | {"messages": []}, "is empty"),
        (GOOD | {"messages": [SECRET]}, "message 0 is not an object"),
        (GOOD | {"messages": [{"role": "friend", "content": SECRET}]}, "unknown role 'friend'"),
        (
            GOOD | {"messages": [{"role": "user", "content": SECRET}, {"role": "user", "content": " "}]},
            "message 1 has",
        ),
        (GOOD | {"messages": [{"role": "user", "content": f"{SECRET}\ud83d"}]}, "half a character"),
    ],
)
def test_a_bad_row_names_file_row_and_mend_and_repeats_nothing_that_was_said(tmp_path, bad, says):
    rows = list(input_rows(write(tmp_path, GOOD, bad, GOOD)))
    assert [row.error is None for row in rows] == [True, False, True]
    told = str(rows[1].error)
    assert says in told and "row 2" in told and "in.jsonl" in told and "Mend:" in told
    assert SECRET not in told and "\n" not in told


def test_a_missing_file_is_an_error():
    with pytest.raises(ConversationError, match="nowhere.jsonl: file not found"):
        list(input_rows("nowhere.jsonl"))
