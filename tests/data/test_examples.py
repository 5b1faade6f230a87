import pytest
from datasets import Dataset

from pixel.data.errors import ConversationError
from pixel.data.examples import encode_dataset, encode_row
from pixel.data.schema import features

END = "<|im_end|>"


def taught(tokenizer, example):
    """What the language model learns to say, as text."""
    return tokenizer.decode([token for token in example["labels"] if token != -100])


def test_the_model_learns_the_assistants_words_and_their_end(tokenizer, talk):
    (example,) = encode_row(talk("Hello", "Hi there.", "Bye", "Take care."), tokenizer, 200)
    assert taught(tokenizer, example) == f"Hi there.{END}Take care.{END}"
    for token, label in zip(example["input_ids"], example["labels"], strict=True):
        assert label in (token, -100)
    assert example["position_ids"] == list(range(len(example["input_ids"])))


@pytest.mark.parametrize(
    "flags, expected",
    [
        ([None, False, None, None], f"Four{END}"),
        ([True, None, None, False], f"One{END}Two{END}"),
        (False, ""),
        (True, f"One{END}Two{END}Three{END}Four{END}"),
    ],
)
def test_learn_flags_decide_turn_by_turn(tokenizer, talk, flags, expected):
    (example,) = encode_row(talk("One", "Two", "Three", "Four", learn=flags), tokenizer, 200)
    assert taught(tokenizer, example) == expected


def test_spans_roles_and_numbers_describe_the_messages(tokenizer, talk):
    (example,) = encode_row(talk("How are you?", "Fine.", system="Be brief."), tokenizer, 200)
    read = [tokenizer.decode(example["input_ids"][first : last + 1]) for first, last in example["turn_spans"]]
    assert read == ["Be brief.", "How are you?", "Fine."]
    assert example["turn_roles"] == [0, 1, 2] and example["turn_index"] == [0, 1, 2]
    assert example["turn_mask"] == [1, 1, 1]
    assert (example["row_id"], example["source"]) == ("talk", "test")


def test_a_long_conversation_keeps_every_label_once_and_teaches_every_reply_once(tokenizer, talk):
    contents = [f"message {number} " + "x" * 20 for number in range(10)]
    row = talk(*contents, system="Listen.", distress=[None] + [number / 10 for number in range(10)])
    examples = list(encode_row(row, tokenizer, 150))
    assert len(examples) > 2 and max(len(example["input_ids"]) for example in examples) <= 150
    labels = [
        (index, label[0])
        for example in examples
        for index, label in zip(example["turn_index"], example["distress"], strict=True)
        if label is not None
    ]
    assert labels == [(number + 1, number / 10) for number in range(10)]
    said = "".join(taught(tokenizer, example) for example in examples)
    assert said == "".join(text + END for text in contents[1::2])
    assert all(example["turn_index"][0] == 0 for example in examples)  # the system message again


def test_fields_nobody_labelled_are_left_out(tokenizer, talk):
    rows = [talk("a", "b", id="1", risk=[3, None]), talk("c", "d", id="2", vad=[None, [0.1, 0.2, 0.3]])]
    encoded = encode_dataset(Dataset.from_list(rows, features=features()), tokenizer, 100)
    assert {"risk", "vad"} <= set(encoded.column_names) and "emotion" not in encoded.column_names
    assert encoded["risk"][:] == [[3, None], None]
    assert encoded["vad"][1][0] is None and encoded["vad"][1][1] == pytest.approx([0.1, 0.2, 0.3])
    assert encoded["row_id"][:] == ["1", "2"]


def test_a_bad_row_is_named_with_its_file_its_row_and_its_field(tokenizer, talk):
    rows = [talk("a", "b", id="1"), talk("c", "d", id="2", risk=[3, None])]
    rows[1]["risk"] = [9, None]
    data = Dataset.from_list(rows, features=features())
    said = r"file mine.jsonl, row 1, field 'risk': class 9 is outside 0\.\.6\. Mend"
    with pytest.raises(ConversationError, match=said):
        encode_dataset(data, tokenizer, 100, name="mine.jsonl")
