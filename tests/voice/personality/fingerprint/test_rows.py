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


def test_a_missing_file_is_named(tmp_path, known):
    with pytest.raises(ConversationError, match="nowhere"):
        list(made_rows(tmp_path / "nowhere.jsonl", known))
