"""Tokenised conversations are kept: found again when nothing changed, made anew when anything did."""

import multiprocessing
import stat

import pytest
from datasets import Dataset

from pixel.data import example_cache, examples
from pixel.data.example_cache import ExampleCache
from pixel.data.examples import encode_dataset
from pixel.data.schema import features


@pytest.fixture
def kept(tmp_path, monkeypatch):
    """A cache of its own that keeps even one conversation."""
    monkeypatch.setenv("PIXEL_CACHE", str(tmp_path / "kept"))
    monkeypatch.setattr(examples, "ExampleCache", lambda: ExampleCache(least_rows=1))
    return tmp_path / "kept"


@pytest.fixture
def data(talk):
    rows = [talk("I cannot sleep", "Since when?", id="a", risk=[2, None]), talk("Hello", "Hi", id="b")]
    return Dataset.from_list(rows, features=features())


def no_work(monkeypatch):
    def refuse(*args, **kwargs):
        raise AssertionError("tokenised again")

    monkeypatch.setattr(examples, "encode_row", refuse)


def test_a_second_run_takes_the_examples_from_the_cache(kept, data, tokenizer, monkeypatch):
    first = encode_dataset(data, tokenizer, 64)
    no_work(monkeypatch)
    second = encode_dataset(data, tokenizer, 64)
    assert second.to_list() == first.to_list() and second.features == first.features
    assert second[0]["risk"] == [2, None]
    (file,) = kept.iterdir()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600  # conversations of people


def test_a_change_of_anything_they_depend_on_makes_them_anew(kept, data, tokenizer, monkeypatch):
    cache = ExampleCache()

    def key(rows=data, tokens=tokenizer, length=64):
        return cache.key(rows, tokens, length)

    first = key()
    assert key() == first
    changed = data.to_list()
    changed[1]["messages"][0]["content"] = "Hello!"
    keys = {
        first,
        key(rows=Dataset.from_list(changed, features=features())),
        key(rows=data.select([1, 0])),
        key(rows=data.select([0])),
        key(rows=data.remove_columns("risk")),
        key(length=65),
    }
    assert len(keys) == 6
    template = tokenizer.chat_template
    monkeypatch.setattr(tokenizer, "chat_template", template + " ")
    assert key() not in keys
    monkeypatch.setattr(tokenizer, "chat_template", template)
    monkeypatch.setattr(example_cache, "_code", lambda: "another version of Pixel")
    assert key() not in keys


@pytest.mark.parametrize("damage", ["flip", "cut", "empty", "head"])
def test_a_damaged_file_is_noticed_and_made_again(kept, data, tokenizer, damage, capsys):
    first = encode_dataset(data, tokenizer, 64)
    (file,) = kept.iterdir()
    whole = file.read_bytes()
    changed = bytearray(whole)
    changed[len(whole) // 2] ^= 1
    file.write_bytes({"flip": bytes(changed), "cut": whole[:-9], "empty": b"", "head": b"x" + whole[1:]}[damage])
    assert encode_dataset(data, tokenizer, 64).to_list() == first.to_list()
    assert "damaged" in capsys.readouterr().out
    assert file.read_bytes() == whole


def test_a_cache_that_cannot_be_written_stops_nothing(tmp_path, data, tokenizer, monkeypatch, capsys):
    (tmp_path / "file").write_text("")
    monkeypatch.setattr(examples, "ExampleCache", lambda: ExampleCache(tmp_path / "file" / "below", least_rows=1))
    assert len(encode_dataset(data, tokenizer, 64)) == 2
    assert "are not kept" in capsys.readouterr().out


def test_an_empty_setting_switches_it_off_and_small_data_is_not_kept(tmp_path, data, tokenizer, monkeypatch):
    monkeypatch.setenv("PIXEL_CACHE", "")
    assert ExampleCache().key(data, tokenizer, 64) is None
    monkeypatch.setenv("PIXEL_CACHE", str(tmp_path / "none"))
    encode_dataset(data, tokenizer, 64)
    assert not (tmp_path / "none").exists()


def test_the_least_recently_used_go_first(tmp_path, data):
    cache = ExampleCache(tmp_path, most_bytes=0)
    cache.put("a", data)
    cache.put("b", data)
    assert [file.name for file in tmp_path.iterdir()] == ["b.arrows"]
    roomy = ExampleCache(tmp_path)
    roomy.put("c", data)
    assert {file.name for file in tmp_path.iterdir()} == {"b.arrows", "c.arrows"}


def _write(folder, rows):
    ExampleCache(folder).put("same", Dataset.from_list(rows))


def test_several_processes_may_write_the_same_file(tmp_path):
    rows = [{"input_ids": list(range(500))} for _ in range(50)]
    context = multiprocessing.get_context("fork")
    workers = [context.Process(target=_write, args=(tmp_path, rows)) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(60)
    assert ExampleCache(tmp_path).get("same").to_list() == rows
    assert [file.name for file in tmp_path.iterdir()] == ["same.arrows"]
