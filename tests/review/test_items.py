"""Conversations that are put up for review: checked, kept once, named where they are wrong."""

import json

import pytest

from pixel.review import ReviewError, review_rows
from tests.review.parts import rows


def test_the_same_rows_again_add_nothing(review):
    assert review.add_items(rows(5)) == 5 and review.add_items(rows(7)) == 2
    changed = rows(1)
    changed[0]["messages"][0]["content"] = "Something else"
    with pytest.raises(ReviewError, match=r"row 1, field 'id': 0 has other messages"):
        review.add_items(changed)
    assert review.progress()["items"] == 7


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"id": None}, "row 2, field 'id'"),
        ({"id": "a\nb"}, "row 2, field 'id'"),
        ({"id": "x" * 201}, "row 2, field 'id'"),
        ({"messages": []}, r"row 2 \(1\), field 'messages': the conversation is empty"),
        ({"messages": "hello"}, r"row 2 \(1\), field 'messages'"),
        ({"messages": [{"role": "user", "content": " "}]}, "message 0 has no text"),
        ({"messages": [{"role": "user", "content": "secret\0words"}]}, "message 0: holds a character"),
        ({"readouts": [1]}, "field 'readouts'"),
        ({"readouts": [float("nan"), 1]}, "field 'readouts': is not JSON"),
        ({"speciality": 7}, "field 'speciality'"),
    ],
)
def test_a_bad_row_is_named_and_its_words_are_not_repeated(review, change, says):
    made = rows(2)
    made[1] |= change
    with pytest.raises(ReviewError, match=says) as error:
        review.add_items(made)
    assert "secret" not in str(error.value) and review.progress()["items"] == 0


@pytest.mark.parametrize("overlap", [0, -1, True, 2.0, 101])
def test_an_overlap_is_a_number_of_people(review, overlap):
    with pytest.raises(ReviewError, match="overlap"):
        review.add_items(rows(1), overlap=overlap)


def test_only_an_admin_adds_from_a_page(review):
    with pytest.raises(ReviewError, match="for admins"):
        review.add_items(rows(1), by="judge")
    assert review.add_items(rows(1), by="root") == 1


def test_an_item_is_shown_without_what_was_said_of_it(review):
    review.add_items(rows(1, speciality="Grief", licence="CC0-1.0"))
    shown = review.item("0")
    assert (shown["speciality"], shown["licence"], shown["overlap"]) == ("grief", "CC0-1.0", 3)
    assert not {"ratings", "comment"} & set(shown) and review.item("9") is None


def written(file, lines):
    file.write_text("\n".join(line if isinstance(line, str) else json.dumps(line) for line in lines))
    return file


def test_rows_of_a_file_bring_their_readouts_along(tmp_path):
    file = written(tmp_path / "talk.jsonl", [*rows(3), {**rows(4)[3], "source": "own"}])
    read = [{"id": "0", "turns": [{"risk": 1}, {}]}, {"id": 1, "turns": [{}]}, {"id": "2", "error": "bad"}]
    found = list(review_rows(file, written(tmp_path / "read.jsonl", read)))
    assert [row["readouts"] for row in found] == [[{"risk": 1}, {}], [], [], []]
    assert [row["source"] for row in found] == ["talk", "talk", "talk", "own"]


def test_bad_rows_of_a_file_never_lose_good_ones(tmp_path):
    lines = [rows(1)[0], "{", {"id": "x"}, rows(1)[0], {"messages": rows(1)[0]["messages"]}, rows(2)[1]]
    file, bad = written(tmp_path / "talk.jsonl", lines), []
    assert [row["id"] for row in review_rows(file, bad=bad)] == ["0", "1"]
    assert len(bad) == 4 and all("talk.jsonl" in line and "row" in line and "Mend" in line for line in bad)
    with pytest.raises(ValueError, match=r"talk\.jsonl, row 2.*JSON.*Mend"):
        list(review_rows(file))
