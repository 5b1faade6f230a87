import pytest
from datasets import Dataset

from pixel.data.encoding import encode_label
from pixel.data.errors import ConversationError
from pixel.data.schema import COLUMNS, conversation, features
from pixel.models.labels import FIELDS

FROM = {"id": "a", "source": "test", "licence": "CC0-1.0"}
PAIR = [{"role": "user", "content": "Hello"}, {"role": "assistant", "content": "Hi"}]


def test_the_columns_are_the_same_everywhere():
    assert list(features()) == list(COLUMNS) == list(conversation(PAIR, **FROM))


def test_a_row_survives_the_table_it_is_kept_in():
    row = conversation(PAIR, **FROM, emotion=[["joy", "love"], None], risk=[None, "3"], vad=[None, {"arousal": 0.5}])
    (kept,) = Dataset.from_list([row], features=features())
    assert kept == row


@pytest.mark.parametrize(
    "field, label, expected",
    [
        ("risk", None, None),
        ("risk", "6", 6),
        ("risk", 0, 0),
        ("attachment", "avoidant", 2),
        ("persona_switch", 1, [1.0]),
        ("vad", [0, 0.5, 1], [0.0, 0.5, 1.0]),
        ("vad", {"dominance": 1}, [None, None, 1.0]),
        ("vad", [float("nan"), 0.5, None], [None, 0.5, None]),
        ("safety", [], [0.0] * 8),
        ("safety", ["dismissive"], [0.0] * 6 + [1.0, 0.0]),
        ("safety", {"dismissive": 0}, [None] * 6 + [0.0, None]),
    ],
)
def test_labels_are_read_as_people_write_them(field, label, expected):
    assert encode_label(field, label) == expected


@pytest.mark.parametrize(
    "field, label, problem",
    [
        ("risk", 7, "class 7 is outside"),
        ("risk", -1, "class -1 is outside"),
        ("risk", True, "class True is outside"),
        ("attachment", "clingy", "unknown label 'clingy'"),
        ("vad", ["valence"], "got names where scores are needed"),
        ("vad", 0.5, "cannot read 0.5 as a score label"),
        ("distress", 1.01, r"value 1.01 is outside \[0, 1\]"),
        ("emotion", [1.0], "has 1 values, not 28"),
        ("emotion", {"glee": 1}, "unknown label 'glee'"),
    ],
)
def test_a_label_that_cannot_be_is_named_with_its_mend(field, label, problem):
    with pytest.raises(ConversationError, match=f"field '{field}': {problem}.*Mend: ") as caught:
        encode_label(field, label)
    assert caught.value.field == field


def test_the_place_is_filled_in_only_where_it_was_unknown():
    error = ConversationError("is odd", row=3, mend="look").at(file="a.jsonl", row=9)
    assert str(error) == "file a.jsonl, row 3: is odd. Mend: look"


def test_a_group_defaults_to_the_conversation_and_a_column_of_nothing_is_nothing():
    row = conversation(PAIR, **FROM, risk=[None, None])
    assert row["group"] == "a" and row["risk"] is None and row["learn"] is None
    assert conversation(PAIR, **FROM, learn=False)["learn"] == [False, False]


def test_an_unknown_field_is_named():
    with pytest.raises(ConversationError, match="row a, field 'mood': no such label field. Mend: use one of: emotion"):
        conversation(PAIR, **FROM, mood=[1, 2])


def test_every_field_has_names_that_are_all_different():
    assert all(len(set(field.names)) == field.size > 0 for field in FIELDS.values())
    assert len(FIELDS["dsm"].names) == 100 and len(FIELDS["emotion"].names) == 28
