"""The generator's recipe: the same rows whatever the shards and workers, resumable, with card and statistics."""

import json
import sys
from pathlib import Path

import pytest

from pixel.data.errors import ConversationError


def run(monkeypatch, recipe, output: Path, *words: str) -> dict:
    arguments = ["--count", "12", "--output", str(output), "--level", "1", *words]
    monkeypatch.setattr(sys, "argv", ["generate.py", *arguments])
    module = recipe("generate")
    module.main(module.arguments())
    rows = {}
    from pyarrow.parquet import read_table

    for file in sorted((output / "data").glob("*.parquet")):
        rows |= {row["id"]: row["messages"] for row in read_table(file).to_pylist()}
    return rows


def test_a_set_has_data_card_and_statistics(monkeypatch, recipe, tmp_path):
    rows = run(monkeypatch, recipe, tmp_path / "set")
    assert len(rows) == 12
    stats = json.loads((tmp_path / "set/stats.json").read_text())
    assert stats["conversations"] == 12 and sum(stats["modality"].values()) == 12
    assert 0 < stats["distinct"]["distinct-2"] < 1
    assert "license: apache-2.0" in (tmp_path / "set/README.md").read_text()
    assert not (tmp_path / "set/.parts").exists()


def test_shards_make_the_rows_that_one_run_makes(monkeypatch, recipe, tmp_path):
    whole = run(monkeypatch, recipe, tmp_path / "whole")
    run(monkeypatch, recipe, tmp_path / "parts", "--shard", "0/2")
    parts = run(monkeypatch, recipe, tmp_path / "parts", "--shard", "1/2")
    assert parts == whole
    assert json.loads((tmp_path / "parts/stats.json").read_text())["conversations"] == 12


def test_a_killed_run_goes_on_with_what_is_there(monkeypatch, recipe, tmp_path):
    import pixel.knowledge.conversations.making as making

    monkeypatch.setattr(making, "CHUNK", 4)
    honest, made = making.make, []

    def dies(*arguments):
        made.append(arguments[2])
        if len(made) == 7:
            raise KeyboardInterrupt
        return honest(*arguments)

    monkeypatch.setattr(making, "make", dies)
    with pytest.raises(KeyboardInterrupt):
        run(monkeypatch, recipe, tmp_path / "set")
    rows = run(monkeypatch, recipe, tmp_path / "set")
    assert made.count(0) == 1 and made.count(5) == 2  # the first chunk stood, the second was begun again
    monkeypatch.undo()
    assert len(rows) == 12


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["--modality", "hypnosis"], "'hypnosis' is unknown"),
        (["--categories", "sadness"], "'sadness' is unknown"),
        (["--shard", "2/2"], "no shard"),
        (["--verdicts", "nowhere.jsonl"], "file not found"),
    ],
)
def test_a_wrong_option_is_named(monkeypatch, recipe, tmp_path, words, says):
    with pytest.raises(ConversationError, match=says):
        run(monkeypatch, recipe, tmp_path / "set", *words)
