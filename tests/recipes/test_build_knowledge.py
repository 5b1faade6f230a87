"""The knowledge base is built, checked and reported; a defect is named and is the exit status."""

import json
import sys

import pytest

from tests.knowledge.parts import category, symptom, write_base


def build(monkeypatch, recipe, *words: str) -> int:
    monkeypatch.setattr(sys, "argv", ["build_knowledge.py", *words])
    module = recipe("build_knowledge")
    with pytest.raises(SystemExit) as end:
        module.main(module.arguments())
    return end.value.code


def test_the_base_that_ships_is_built_without_a_defect(monkeypatch, recipe, tmp_path):
    assert build(monkeypatch, recipe, "--output_dir", str(tmp_path)) == 0
    report = json.loads((tmp_path / "report.json").read_text())
    assert report["categories"] == 100 and report["defects"] == []
    passages = [json.loads(line) for line in (tmp_path / "passages.jsonl").read_text().splitlines()]
    assert len(passages) == report["passages"] and all(passage["text"] for passage in passages)
    edges = json.loads((tmp_path / "graph.json").read_text())
    assert len(edges) == report["edges"] and {"category", "symptom", "criterion", "core"} == set(edges[0])


def test_a_defect_of_an_outside_folder_is_named(monkeypatch, recipe, tmp_path, capsys):
    own = category("burnout", ["worn_out"], "generalized_anxiety_disorder", comorbidity=["no_such_thing"])
    write_base(tmp_path / "clinic", [own], [symptom("worn_out", "energy")])
    status = build(monkeypatch, recipe, "--outside", str(tmp_path / "clinic"), "--output_dir", str(tmp_path / "out"))
    assert status == 1
    assert "dangling: burnout: there is no category 'no_such_thing'" in capsys.readouterr().out
