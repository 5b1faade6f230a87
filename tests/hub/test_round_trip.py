"""What transformers and datasets push to the Hub comes back the same."""

import pytest
import torch
from datasets import Dataset, DatasetDict, load_dataset
from tokenizers import Tokenizer, models, pre_tokenizers
from transformers import AutoModelForCausalLM, AutoTokenizer, LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

from pixel.hub import push_folder, write_model_card


@pytest.fixture(scope="module")
def tiny():
    torch.manual_seed(0)
    sizes = {"hidden_size": 16, "intermediate_size": 32, "num_hidden_layers": 2, "num_attention_heads": 2}
    return LlamaForCausalLM(LlamaConfig(vocab_size=8, num_key_value_heads=2, **sizes))


@pytest.fixture(scope="module")
def tokenizer():
    words = Tokenizer(models.WordLevel({"[UNK]": 0, "how": 1, "are": 2, "you": 3}, unk_token="[UNK]"))
    words.pre_tokenizer = pre_tokenizers.Whitespace()
    return PreTrainedTokenizerFast(tokenizer_object=words, unk_token="[UNK]")


def assert_same_weights(one, other):
    one, other = one.state_dict(), other.state_dict()
    assert one.keys() == other.keys()
    assert all(torch.equal(one[name], other[name]) for name in one)


def test_a_pushed_folder_loads_as_the_same_model(hub, tiny, tokenizer, tmp_path):
    tiny.save_pretrained(tmp_path)
    tokenizer.save_pretrained(tmp_path)
    write_model_card(tmp_path, {"name": "Tiny"})
    push_folder(tmp_path, "tester/folder")
    assert {"config.json", "model.safetensors", "tokenizer.json", "README.md"} <= set(hub.files("tester/folder"))
    assert_same_weights(AutoModelForCausalLM.from_pretrained("tester/folder"), tiny)
    assert AutoTokenizer.from_pretrained("tester/folder")("how are you").input_ids == [1, 2, 3]


def test_a_model_pushed_by_transformers_loads_as_the_same_model(hub, tiny, tokenizer):
    tiny.push_to_hub("tester/pushed", private=True)
    tokenizer.push_to_hub("tester/pushed", private=True)
    assert_same_weights(AutoModelForCausalLM.from_pretrained("tester/pushed"), tiny)
    assert AutoTokenizer.from_pretrained("tester/pushed")("you are").input_ids == [3, 2]


def test_a_pushed_dataset_loads_with_its_splits_rows_and_card(hub):
    rows = {
        "train": [{"text": "one", "level": 1}, {"text": "two", "level": None}],
        "test": [{"text": "x", "level": 0}],
    }
    splits = DatasetDict({name: Dataset.from_list(part) for name, part in rows.items()})
    splits.push_to_hub("tester/rows", private=True)
    back = load_dataset("tester/rows")
    assert {name: part.to_list() for name, part in back.items()} == rows
    assert any(name.endswith(".parquet") for name in hub.files("tester/rows", "dataset"))
    assert b"dataset_info" in hub.files("tester/rows", "dataset")["README.md"]


def test_two_configurations_of_a_dataset_live_side_by_side(hub):
    for name in ("plain", "rated"):
        Dataset.from_list([{"text": name}]).push_to_hub("tester/two", config_name=name, split="train")
    assert [load_dataset("tester/two", name, split="train")[0]["text"] for name in ("plain", "rated")] == [
        "plain",
        "rated",
    ]


def test_a_model_that_is_not_there_is_an_error(hub):
    with pytest.raises(OSError, match="tester/nobody"):
        AutoModelForCausalLM.from_pretrained("tester/nobody")
