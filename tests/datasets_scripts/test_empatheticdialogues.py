from datasets_scripts.empatheticdialogues import EMOTIONS, rows
from pixel.models.labels import EMOTIONS as GOEMOTIONS

COLUMNS = "Dialog_ID Type Actor Text Label Emotion"


def dialogue(name, emotion, *texts):
    actors = ("speaker", "listener") * len(texts)
    return [(name, "situation", "none", "What happened", "x", emotion)] + [
        (name, "utterance", actor, text, "x", emotion) for actor, text in zip(actors, texts, strict=False)
    ]


def test_speaker_and_listener_become_user_and_assistant_and_the_situation_is_left_out(raw, named):
    lines = dialogue("hit:1_conv:2", "furious", "They lied_comma_ again", "Oh no", "Yes", "I see")
    (row,) = rows(raw("empatheticdialogues/dialogues.csv", COLUMNS, lines))
    assert [message["role"] for message in row["messages"]] == ["user", "assistant", "user", "assistant"]
    assert row["messages"][0]["content"] == "They lied, again"
    assert named("emotion", row["emotion"][0]) == {"anger": 1, "neutral": 0}
    assert row["emotion"][1:] == [None, None, None]
    assert row["group"] == "hit:1" and row["learn"] is None and row["persona_mode"] is None


def test_an_emotion_without_a_counterpart_gives_no_label(raw):
    (row,) = rows(raw("empatheticdialogues/dialogues.csv", COLUMNS, dialogue("hit:1_conv:2", "nostalgic", "Old days")))
    assert row["emotion"] is None


def test_all_32_situation_emotions_are_in_the_table_and_map_into_goemotions():
    assert len(EMOTIONS) == 32
    assert {name for name in EMOTIONS.values() if name} <= set(GOEMOTIONS)
