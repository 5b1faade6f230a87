"""Differentials from findings, line by line, and errors that name line, field and mend."""

import json
import sys

import pytest

from pixel.data.errors import ConversationError

PANIC = {
    "id": "p", "days": 60, "findings": [
        "panic_attacks", "palpitations", "sweating", "trembling", "breathlessness", "chest_tightness", "nausea",
        "dizziness", "fear_of_dying", "fear_of_more_attacks", "marked_distress",
    ],
}  # fmt: skip


def run(monkeypatch, recipe, tmp_path, rows: list) -> list[dict]:
    file = tmp_path / "in.jsonl"
    file.write_text("\n".join(row if isinstance(row, str) else json.dumps(row) for row in rows))
    words = ["rank", "--input", str(file), "--output", str(tmp_path / "out.jsonl"), "--k", "3"]
    monkeypatch.setattr(sys, "argv", ["differential.py", *words])
    module = recipe("differential")
    module.rank(module.arguments())
    return [json.loads(line) for line in (tmp_path / "out.jsonl").read_text().splitlines()]


def test_findings_are_ranked_with_reasons_by_criterion(monkeypatch, recipe, tmp_path):
    first, second = run(monkeypatch, recipe, tmp_path, [PANIC, {"id": "q", "findings": [{"symptom": "fatigue"}]}])
    best = first["differential"][0]
    assert first["id"] == "p" and best["category"] == "panic_disorder" and best["supported"]
    assert any(reason.startswith("A met:") for reason in best["reasons"])
    assert len(first["differential"]) <= 3
    assert second["id"] == "q" and not any(one["supported"] for one in second["differential"])


def test_a_substance_rules_out_what_it_explains(monkeypatch, recipe, tmp_path):
    told = PANIC | {"findings": [*PANIC["findings"], "caused_by_substance"]}
    (found,) = run(monkeypatch, recipe, tmp_path, [told])
    panic = [one for one in found["differential"] if one["category"] == "panic_disorder"]
    assert not panic or (panic[0]["excluded"] and not panic[0]["supported"])


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ('{"id": "x"', "row 2: is not JSON"),
        ('{"id": "x"}', "row 2, field 'text': is missing or no text"),
        ('{"id": "x", "findings": ["fatigu"]}', "did you mean fatigue"),
        ("[1]", "row 2: is not a JSON object"),
    ],
)
def test_a_bad_line_is_named(monkeypatch, recipe, tmp_path, line, problem):
    with pytest.raises(ConversationError, match=problem):
        run(monkeypatch, recipe, tmp_path, [PANIC, line])
