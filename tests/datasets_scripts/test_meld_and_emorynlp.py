import pytest

from datasets_scripts import emorynlp, meld
from pixel.data.errors import ConversationError

MELD = "Utterance Speaker Emotion Sentiment Dialogue_ID Utterance_ID"
EMORY = "Utterance Speaker Emotion Scene_ID Utterance_ID Season Episode"


@pytest.fixture
def root(raw):
    raw("meld/dev.csv", MELD, [("Hello", "A", "neutral", "neutral", 0, 0)])
    raw("emorynlp/dev.csv", EMORY, [("Hello", "A", "Peaceful", 1, 1, 1, 2)])
    raw("emorynlp/train.csv", EMORY, [
        ("You lost it?", "A", "Mad", 1, 1, 1, 1),
        ("I did.", "B", "Powerful", 1, 2, 1, 1),
        ("Oh", "A", "Sad", 2, 1, 1, 1),
    ])  # fmt: skip
    return raw("meld/train.csv", MELD, [
        ("It\x92s gone!", "A", "surprise", "negative", 0, 1),
        ("Look.", "B", "neutral", "neutral", 0, 0),
        ("Good news", "B", "joy", "positive", 1, 0),
    ])  # fmt: skip


def test_a_meld_dialogue_is_one_conversation_in_order(root):
    first, second, held = meld.rows(root)
    assert [message["content"] for message in first["messages"]] == ["Look.", "It’s gone!"]
    assert {message["role"] for message in first["messages"]} == {"user"}
    assert [row["split"] for row in (first, second, held)] == ["train", "train", "validation"]
    assert len({row["group"] for row in (first, second, held)}) == 3  # dialogue 0 of dev is not dialogue 0 of train


def test_meld_knows_seven_emotions_and_no_other(root, named):
    first = next(meld.rows(root))
    assert named("emotion", first["emotion"][1]) == {
        "surprise": 1, "anger": 0, "disgust": 0, "fear": 0, "joy": 0, "neutral": 0, "sadness": 0,
    }  # fmt: skip
    assert first["distress"] is None and first["learn"] == [False, False]


def test_emorynlp_maps_its_seven_classes(root, named):
    first, second, held = emorynlp.rows(root)
    ones = [{name for name, value in named("emotion", label).items() if value} for label in first["emotion"]]
    assert ones == [{"anger"}, {"pride"}]
    assert set(named("emotion", first["emotion"][0])) == {
        "anger", "fear", "joy", "neutral", "sadness", "relief", "pride",
    }  # fmt: skip
    assert named("emotion", held["emotion"][0])["relief"] == 1 and held["split"] == "validation"
    assert first["group"] != second["group"]


def test_an_unknown_emotion_is_named(root, raw):
    raw("meld/train.csv", MELD, [("Hm", "A", "bored", "neutral", 3, 0)])
    with pytest.raises(ConversationError, match="train.csv, row 0, field 'Emotion': unknown value 'bored'"):
        list(meld.rows(root))
