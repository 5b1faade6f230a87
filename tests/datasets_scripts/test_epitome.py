import pytest

from datasets_scripts.epitome import rows
from pixel.data.errors import ConversationError

COLUMNS = "sp_id rp_id seeker_post response_post level rationales"
PAIR = ("s1", "r1", "I failed again", "That sounds hard. What happened?")
OTHER = ("s1", "r2", "I failed again", "ok")


def write(raw, reactions, interpretations, explorations):
    for file, levels in (
        ("emotional-reactions", reactions), ("interpretations", interpretations), ("explorations", explorations),
    ):  # fmt: skip
        root = raw(f"epitome/{file}.csv", COLUMNS, [(*pair, level, "") for pair, level in levels])
    return root


def test_three_files_become_one_row_with_three_levels(raw, named):
    root = write(raw, [(PAIR, 1), (OTHER, 0)], [(OTHER, 0), (PAIR, 2)], [(PAIR, 2), (OTHER, 1)])
    good, poor = rows(root)
    assert [message["role"] for message in good["messages"]] == ["user", "assistant"]
    assert [good[name] for name in ("emotional_reactions", "interpretations", "explorations")] == [
        [None, 1], [None, 2], [None, 2],
    ]  # fmt: skip
    assert named("eq", good["eq"][1]) == {"empathy_recognition": 1.0, "interpersonal_skills": 0.75}
    assert good["eq"][0] is None and good["group"] == poor["group"] == "s1"
    assert good["learn"] == [False, True] and poor["learn"] == [False, False]


def test_annotators_without_a_majority_leave_the_level_unknown(raw, named):
    root = write(raw, [(PAIR, 0), (PAIR, 1)], [(PAIR, 2), (PAIR, 2)], [(PAIR, 2), (PAIR, 0), (PAIR, 2)])
    (row,) = rows(root)
    assert (row["emotional_reactions"], row["interpretations"], row["explorations"]) == (None, [None, 2], [None, 2])
    assert named("eq", row["eq"][1]) == {"empathy_recognition": 1.0}
    assert row["learn"] == [False, False]


@pytest.mark.parametrize(("pair", "level", "message"), [
    (PAIR, 3, "'level': '3' is no number in 0..2"),
    (PAIR, "", "'level': '' is no number"),
    (("s1", "r1", " ", "x"), 0, "'seeker_post': is empty"),
])  # fmt: skip
def test_a_damaged_row_is_named_by_file_row_and_field(raw, pair, level, message):
    root = write(raw, [(pair, level), (OTHER, 0)], [(pair, 0), (OTHER, 0)], [(pair, 0), (OTHER, 0)])
    with pytest.raises(ConversationError, match=f"emotional-reactions.csv, row 0, field {message}"):
        list(rows(root))
    skipped = []
    assert [row["id"] for row in rows(root, skipped)] == ["s1-r2"] and len(skipped) == 1


def test_a_pair_that_is_not_in_all_files_is_named(raw):
    root = write(raw, [(PAIR, 1)], [(PAIR, 1)], [(OTHER, 1)])
    with pytest.raises(ConversationError, match="not in explorations.csv"):
        list(rows(root))
