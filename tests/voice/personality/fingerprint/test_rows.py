import json

import numpy as np
import pytest

from pixel.data.errors import ConversationError
from pixel.voice.personality.fingerprint.fingerprint import Fingerprint
from pixel.voice.personality.fingerprint.rows import made_rows

LONG = "well so i think that it is just the thing you know but " * 25


@pytest.fixture(scope="module")
def known():
    return Fingerprint.load()


def _file(tmp_path, rows):
    file = tmp_path / "texts.jsonl"
    file.write_text("\n".join(row if isinstance(row, str) else json.dumps(row) for row in rows), encoding="utf-8")
    return file


def test_rows_keep_their_order_and_carry_the_text_s_vector(tmp_path, known):
    file = _file(tmp_path, [{"id": "b", "text": LONG}, {"id": 7, "text": LONG.replace("just", "yeah")}])
    made = [one.row for one in made_rows(file, known)]
    assert [row["id"] for row in made] == ["b", 7] and set(made[0]) == {"id", "vector"}
    np.testing.assert_allclose(made[0]["vector"], known.vector(LONG), atol=1e-6)
    assert made[0]["vector"] != made[1]["vector"]


def test_a_profile_is_made_of_the_text_where_asked(tmp_path, known):
    file = _file(tmp_path, [{"id": "a", "text": LONG}])
    (made,) = made_rows(file, known, lambda text: {"words": len(text.split())})
    assert made.row["profile"] == {"words": 325} and made.words == 325


def test_rows_that_cannot_be_used_are_named_and_the_others_go_on(tmp_path, known):
    file = _file(
        tmp_path,
        [{"id": "short", "text": "too short"}, "{broken", {"text": LONG}, {"id": "x"}, {"id": "a", "text": LONG},
         {"id": "a", "text": LONG}],
    )  # fmt: skip
    made = [one.row for one in made_rows(file, known)]
    assert [row["id"] for row in made] == ["short", 2, 3, "x", "a", "a"]
    assert ["vector" in row for row in made] == [False, False, False, False, True, False]
    told = [row.get("error", "") for row in made]
    assert "2 words" in told[0] and "JSON" in told[1] and "'id'" in told[2] and "'text'" in told[3]
    assert "twice" in told[5] and not any("too short" in error for error in told)


def test_pieces_of_299_and_300_words_pass_and_give_finite_numbers_in_a_few_kilobytes(tmp_path, known):
    rows = [{"id": words, "text": " ".join(LONG.split()[:words])} for words in (299, 300)]
    made = list(made_rows(_file(tmp_path, rows), known))
    assert [one.words for one in made] == [299, 300]
    for one in made:
        assert len(json.dumps(one.row, allow_nan=False)) < 10_000 and len(one.row["vector"]) == known.size


def test_ids_that_look_alike_or_cannot_be_written_are_errors_and_every_row_stays_writable(tmp_path, known):
    file = _file(tmp_path, [{"id": 7, "text": LONG}, {"id": "7", "text": LONG}, {"id": "\ud800", "text": LONG}])
    made = [one.row for one in made_rows(file, known)]
    assert "twice" in made[1]["error"] and "half a character" in made[2]["error"] and made[2]["id"] == 3
    assert all(json.dumps(row, ensure_ascii=False).encode("utf-8") for row in made)


def test_words_without_a_letter_of_which_nothing_is_counted_are_refused_and_half_of_them_are_not(tmp_path, known):
    said = LONG.split()[:150]
    texts = [" ".join(one) for word in ("привет", "2026") for one in ([word] * 300, [*said, *[word] * 150])]
    made = [one.row for one in made_rows(_file(tmp_path, [{"id": text, "text": text} for text in texts]), known)]
    assert ["vector" in row for row in made] == [False, True, False, True]
    assert "0 of 300 words have a letter" in made[0]["error"] and "2026" not in made[2]["error"]


def test_a_missing_file_is_named(tmp_path, known):
    with pytest.raises(ConversationError, match="nowhere"):
        list(made_rows(tmp_path / "nowhere.jsonl", known))
