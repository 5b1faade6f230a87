import json

import pytest
from datasets import Dataset, DatasetDict

from pixel.data.errors import ConversationError
from pixel.data.files import load_conversations
from pixel.data.schema import COLUMNS, features

PAIR = [{"role": "user", "content": "I am tired."}, {"role": "assistant", "content": "Since when?"}]


def write(folder, *lines):
    file = folder / "mine.jsonl"
    file.write_text("\n".join(line if isinstance(line, str) else json.dumps(line) for line in lines), encoding="utf-8")
    return str(file)


def rows(talk, count=30):
    return [talk(f"Hello {n}", f"Hi {n}", id=str(n), group=f"g{n % 9}", risk=[n % 7, None]) for n in range(count)]


def everything(splits):
    return sorted((row for part in splits.values() for row in part.to_list()), key=lambda row: int(row["id"]))


def test_json_lines_become_rows_of_the_schema(tmp_path):
    file = write(tmp_path, {"messages": PAIR, "risk": [2, None]}, "", {"messages": PAIR, "id": "mine", "group": "ann"})
    data = load_conversations(file, validation=0.0)["train"]
    assert data.column_names == list(COLUMNS)
    assert data["messages"][0] == PAIR and data["risk"][:] == [[2, None], None]
    assert data["id"][:] == ["1", "mine"] and data["group"][:] == ["1", "ann"] and set(data["source"]) == {"mine"}


def test_json_lines_may_name_their_labels(tmp_path):
    labels = {"emotion": [["joy"], None], "distress": [0.5, None], "vad": [{"valence": 0.25}, None]}
    labels |= {"persona_mode": ["therapy", None]}
    (row,) = load_conversations(write(tmp_path, {"messages": PAIR, **labels}), validation=0.0)["train"]
    assert row["emotion"] == [[float(number == 17) for number in range(28)], None]
    assert row["distress"] == [[0.5], None] and row["vad"] == [[0.25, None, None], None]
    assert row["persona_mode"] == [0, None]


def test_json_lines_parquet_and_a_saved_dataset_hold_the_same(tmp_path, talk):
    data = Dataset.from_list(rows(talk), features=features())
    data.to_parquet(tmp_path / "mine.parquet")
    data.save_to_disk(tmp_path / "saved")
    names = [write(tmp_path, *rows(talk)), str(tmp_path / "mine.parquet"), str(tmp_path / "saved")]
    loaded = [load_conversations(name, validation=0.3) for name in names]
    assert everything(loaded[0]) == everything(loaded[1]) == everything(loaded[2]) == data.to_list()
    for splits in loaded:
        assert set(splits) == {"train", "validation"}
        assert not set(splits["train"]["group"]) & set(splits["validation"]["group"])


def test_splits_that_came_with_the_data_stay(tmp_path, talk):
    data = Dataset.from_list(rows(talk), features=features())
    mine = DatasetDict({"train": data.select(range(20)), "validation": data.select(range(20, 30))})
    mine.save_to_disk(tmp_path / "d")
    splits = load_conversations(str(tmp_path / "d"), validation=0.5)
    assert splits["validation"]["id"][:] == [str(number) for number in range(20, 30)]


@pytest.mark.parametrize(
    "line, place, problem",
    [
        ('{"messages": [', "row 2", r"is not JSON \("),
        ("[1, 2]", "row 2", "is not a JSON object"),
        ({"text": "hello"}, "row 2, field 'messages'", "is missing"),
        ({"messages": []}, "row 2, field 'messages'", "the conversation is empty"),
        ({"messages": [{"role": "bot", "content": "x"}]}, "row 2, field 'messages'", "unknown role 'bot'"),
        ({"messages": [{"role": "user", "content": " "}]}, "row 2, field 'messages'", "message 0 has no text"),
        ({"messages": [{"role": "user"}]}, "row 2, field 'messages'", "message 0 has no text"),
        ({"messages": PAIR, "risk": [1]}, "row 2, field 'risk'", "has 1 labels for 2 messages"),
        ({"messages": PAIR, "learn": [True] * 3}, "row 2, field 'learn'", "has 3 labels for 2 messages"),
        ({"messages": PAIR, "risk": [7, None]}, "row 2, field 'risk'", r"class 7 is outside 0\.\.6"),
        ({"messages": PAIR, "vad": [[0, 0, 1.5], None]}, "row 2, field 'vad'", r"value 1.5 is outside \[0, 1\]"),
        ({"messages": PAIR, "vad": [[0, 0], None]}, "row 2, field 'vad'", "has 2 values, not 3"),
        ({"messages": PAIR, "emotion": [["glee"], None]}, "row 2, field 'emotion'", "unknown label 'glee'"),
    ],
)
def test_a_bad_line_is_named_by_file_row_and_field_with_the_mend(tmp_path, line, place, problem):
    file = write(tmp_path, {"messages": PAIR}, line)
    with pytest.raises(ConversationError, match=f"file {file}, {place}: .*{problem}.*Mend: "):
        load_conversations(file)


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(ConversationError, match="file .*none.jsonl: file not found. Mend: check the path"):
        load_conversations(str(tmp_path / "none.jsonl"))
    with pytest.raises(ConversationError, match="file .*none.parquet: cannot be loaded .*Mend: name a file, folder"):
        load_conversations(str(tmp_path / "none.parquet"))


def test_a_dataset_without_messages_is_named(tmp_path):
    Dataset.from_list([{"text": "hello"}]).to_parquet(tmp_path / "text.parquet")
    with pytest.raises(ConversationError, match="file .*text.parquet, field 'messages': is missing. Mend"):
        load_conversations(str(tmp_path / "text.parquet"))


def test_a_folder_that_was_built_anew_is_read_anew(tmp_path, talk):
    target = tmp_path / "mine"
    card = (
        "---\nconfigs:\n- config_name: default\n  data_files:\n  - split: train\n    path: data/train-*.parquet\n---\n"
    )
    for said in ("Hello", "Good evening"):
        (target / "data").mkdir(parents=True, exist_ok=True)
        (target / "README.md").write_text(card, encoding="utf-8")
        Dataset.from_list([talk(said, "Yes?", id="0", group="g")], features=features()).to_parquet(
            str(target / "data" / "train-00000-of-00001.parquet")
        )
        read = load_conversations(str(target), validation=0.0)["train"]
        assert read[0]["messages"][0]["content"] == said


def test_a_split_in_several_files_is_read_whole_and_in_order(tmp_path, talk):
    (tmp_path / "data").mkdir()
    for part, said in enumerate(("one", "two")):
        Dataset.from_list([talk(said, "Yes?", id=said, group=said)], features=features()).to_parquet(
            str(tmp_path / "data" / f"train-0000{part}-of-00002.parquet")
        )
    assert load_conversations(str(tmp_path), validation=0.0)["train"]["id"] == ["one", "two"]
