"""What a user gets wrong: one line that says what and how to mend it, exit status 1, and no file left behind."""

import json
import sys

import pytest

from pixel.training import DataArguments, ModelArguments, PixelTrainingArguments, load_pixel
from pixel.training.command_line import explain, parse
from tests.training.parts import rows

TINY = ["--model_name_or_path", "tiny:llama", "--max_steps", "1", "--head_hidden_size", "16", "--max_length", "256"]


@pytest.fixture
def refuse(tmp_path, monkeypatch):
    """Runs the recipe in this process; gives the one line it ends with."""

    def run(*arguments: str) -> str:
        from recipes.train import main

        folder = tmp_path / "out"
        monkeypatch.setattr(sys, "argv", ["recipes/train.py", *arguments, "--output_dir", str(folder)])
        with pytest.raises(SystemExit) as stop, explain():
            main(*parse(DataArguments, ModelArguments, PixelTrainingArguments))
        line = stop.value.code  # a string: Python prints it on stderr and ends with status 1
        assert isinstance(line, str), line
        assert line.startswith("error: ") and "\n" not in line and "Mend: " in line
        assert not folder.exists() or list(folder.iterdir()) == []
        return line

    return run


@pytest.fixture
def refuse_rows(refuse, tmp_path):
    """The same for a JSON-lines file of conversations."""

    def run(*conversations, mend=None) -> str:
        file = tmp_path / "mine.jsonl"
        file.write_text("".join(line if isinstance(line, str) else json.dumps(line) + "\n" for line in conversations))
        line = refuse(*TINY, "--corpora", "--dataset", str(file))
        assert "mine.jsonl" in line
        return line

    return run


def test_an_unknown_key_in_the_yaml_names_the_nearest(refuse, tmp_path):
    file = tmp_path / "my.yaml"
    file.write_text("learnin_rate: 0.1\n")
    assert "did you mean learning_rate?" in refuse("--config", str(file))


def test_an_unknown_option_names_the_nearest(refuse):
    assert "did you mean head_learning_rate" in refuse(*TINY, "--head_learnin_rate", "0.1")


def test_a_yaml_that_is_not_there(refuse):
    assert "nowhere.yaml: no such file" in refuse("--config", "nowhere.yaml")


def test_a_yaml_that_is_not_yaml(refuse, tmp_path):
    file = tmp_path / "my.yaml"
    file.write_text("a: [1, 2\n")
    assert "my.yaml" in refuse("--config", str(file))


def test_a_value_of_the_wrong_type(refuse):
    assert "learning_rate" in refuse(*TINY, "--learning_rate", "fast")


def test_a_data_file_that_is_not_there(refuse):
    assert "nothing.jsonl" in refuse(*TINY, "--corpora", "--dataset", "nothing.jsonl")


def test_a_corpus_that_is_not_there(refuse, tmp_path):
    assert "goemotions" in refuse(*TINY, "--corpora", "goemotions", "--data_root", str(tmp_path))


def test_a_corpus_that_does_not_exist(refuse):
    assert "goemotion" in refuse(*TINY, "--corpora", "goemotion")


def test_a_parquet_file_without_messages(refuse, tmp_path):
    from datasets import Dataset

    Dataset.from_dict({"text": ["hello"]}).to_parquet(tmp_path / "mine.parquet")
    line = refuse(*TINY, "--corpora", "--dataset", str(tmp_path / "mine.parquet"))
    assert "mine.parquet" in line and "messages" in line


def test_a_parquet_file_that_is_cut_off(refuse, tmp_path):
    from datasets import Dataset

    file = tmp_path / "mine.parquet"
    Dataset.from_list(rows(4)).to_parquet(file)
    file.write_bytes(file.read_bytes()[:300])
    assert "mine.parquet" in refuse(*TINY, "--corpora", "--dataset", str(file))


def with_label(**labels) -> dict:
    messages = [{"role": "user", "content": "Hello."}, {"role": "assistant", "content": "Hello to you."}]
    return {"messages": messages, **labels}


def test_a_label_out_of_range(refuse_rows):
    line = refuse_rows(with_label(), with_label(risk=[9, None]))
    assert "row 2" in line and "'risk'" in line and "9" in line


def test_labels_not_as_long_as_messages(refuse_rows):
    assert "1 labels for 2 messages" in refuse_rows(with_label(risk=[1]))


def test_an_empty_conversation(refuse_rows):
    assert "row 1" in refuse_rows({"messages": []})


def test_an_unknown_role(refuse_rows):
    assert "'doctor'" in refuse_rows({"messages": [{"role": "doctor", "content": "Hello."}]})


def test_a_line_that_is_not_json(refuse_rows):
    assert "row 2" in refuse_rows(with_label(), "{half\n")


def test_nothing_to_learn(refuse, tmp_path):
    file = tmp_path / "mine.jsonl"
    row = {"messages": [{"role": "user", "content": "Hello."}]}
    file.write_text((json.dumps(row) + "\n") * 6)
    assert "no label for any objective" in refuse(*TINY, "--corpora", "--dataset", str(file))


def test_no_data_at_all(refuse):
    assert "no conversation is left" in refuse(*TINY, "--corpora")


@pytest.fixture
def folder(tmp_path):
    """A model folder that is in order."""
    tokenizer, network = load_pixel(ModelArguments(model_name_or_path="tiny:llama", head_hidden_size=16))
    network.save_pretrained(tmp_path / "model")
    tokenizer.save_pretrained(tmp_path / "model")
    return tmp_path / "model"


def test_truncated_weights(refuse, folder):
    weights = folder / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-5000])
    line = refuse("--model_name_or_path", str(folder))
    assert str(folder) in line and "weights cannot be read" in line


def test_a_folder_without_config(refuse, folder):
    (folder / "config.json").unlink()
    assert "no config.json" in refuse("--model_name_or_path", str(folder))


def test_a_folder_without_tokenizer(refuse, folder):
    for file in folder.glob("tokenizer*"):
        file.unlink()
    assert "no tokenizer" in refuse("--model_name_or_path", str(folder))


def test_a_model_of_another_kind(refuse, tmp_path):
    from transformers import BertConfig

    BertConfig(hidden_size=8, num_attention_heads=2, num_hidden_layers=1).save_pretrained(tmp_path / "bert")
    assert "'bert' is not a causal language model" in refuse("--model_name_or_path", str(tmp_path / "bert"))


def test_a_hub_id_that_does_not_exist(refuse):
    assert "tester/nothing" in refuse("--model_name_or_path", "tester/nothing")


def test_an_unknown_tiny_model(refuse):
    assert "tiny:qwen3" in refuse("--model_name_or_path", "tiny:gpt2")


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--weighting", "upgrade"], "did you mean upgrad?"),
        (["--gram_source", "loar"], "did you mean lora?"),
        (["--gram_source", "lora"], "set lora_r"),
        (["--objective_weights", '{"languag": 1}'], "did you mean language?"),
        (["--field_weights", '{"risks": 1}'], "did you mean risk?"),
        (["--quotas", '{"empathy": 2}'], "quotas sum to 2.00"),
        (["--lora_r", "4", "--lora_layers", "3"], "lora_layers"),
        (["--readout_layer", "9"], "readout_layer"),
        (["--readout_pooling", "median"], "median"),
        (["--fields", "risks"], "risks"),
        (["--model_dtype", "float31"], "float31"),
        (["--frozen_trunk", "true"], "head_hidden_size"),
    ],
)
def test_settings_that_do_not_exist_or_do_not_go_together(refuse, tmp_path, options, said):
    file = tmp_path / "mine.jsonl"
    file.write_text("".join(json.dumps(row) + "\n" for row in rows(8)))
    assert said in refuse(*TINY, "--corpora", "--dataset", str(file), *options)
