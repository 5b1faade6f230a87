import numpy as np
import pytest

from pixel.evaluation.labelled import as_probabilities, labelled_turns, read_out
from pixel.evaluation.length import length_scores
from pixel.metrics.operating_point import DECIDED, decided
from pixel.models.labels import FIELDS
from pixel.models.readouts import turn_record
from tests.evaluation.parts import talk


@pytest.mark.parametrize("field", list(FIELDS))
@pytest.mark.parametrize("shifted", [False, True])
def test_a_record_gives_back_what_the_heads_said(field, shifted):
    import torch

    spec = FIELDS[field]
    logits = np.random.default_rng(1).normal(0, 2, (20, spec.logits))
    if spec.kind == "ordinal":
        logits = -np.sort(-logits, -1)  # "at least k" falls with k, as a trained head's does
    offsets = None
    if shifted and (spec.kind == "multilabel" or field in DECIDED):
        offsets = np.linspace(-1, 1, spec.size if spec.kind == "ordinal" else spec.logits).tolist()
    records = [
        turn_record({field: torch.tensor(row)}, [field], None if offsets is None else {field: offsets})
        for row in logits
    ]
    found = as_probabilities(field, np.array([read_out(record, field) for record in records]))
    expected = decided(field, logits, offsets)
    if field in DECIDED:
        expected = decided(field, logits, offsets or [0.0] * spec.size)  # shown as decisions either way
    assert found == pytest.approx(expected, abs=1e-5)


def test_only_turns_with_label_and_read_out_are_taken():
    rows = [talk("a", "one two", "three", "four", risk=[3, None, 0]), talk("b", "five")]
    severity = {"risk": {"severity": [0, 0, 0, 1, 0, 0, 0]}}
    records = [[severity, severity, {}], [severity]]
    found = labelled_turns("risk", "made", rows, records)
    assert found.targets.tolist() == [3] and found.ids == ["made:a#0"] and found.lengths.tolist() == [2]
    assert found.probabilities.tolist() == [[1, 1, 1, 0, 0, 0]] and found.groups.tolist() == ["made:a"]
    assert labelled_turns("vad", "made", rows, records) is None


def test_length_alone_explains_what_is_only_length():
    generator = np.random.default_rng(0)
    lengths = generator.integers(1, 200, 300)
    level = np.digitize(lengths, [30, 90])
    scores = length_scores("interpretations", "epitome", level, lengths, np.arange(300))
    assert scores["macro_f1"] > 0.9 and scores["accuracy"] > 0.9
    score = np.log1p(lengths)[:, None] / 6
    assert length_scores("distress", "esconv", 1 - score, lengths, np.arange(300))["pearson"] == pytest.approx(1.0)


def test_length_alone_explains_nothing_where_it_says_nothing():
    generator = np.random.default_rng(0)
    level = generator.integers(0, 3, 600)
    scores = length_scores("interpretations", "epitome", level, generator.integers(1, 200, 600), np.arange(600))
    assert scores["accuracy"] < 0.42


def test_a_person_is_never_on_both_sides_of_the_length_regression():
    """Each person writes one length and has one level: remembering the person would be right, length alone is not."""
    generator = np.random.default_rng(3)
    groups = np.repeat(np.arange(40), 10)
    lengths = np.repeat(generator.permutation(40) * 5 + 1, 10)
    level = np.repeat(generator.integers(0, 2, 40), 10)
    assert length_scores("persona_mode", "made", level, lengths, groups)["accuracy"] < 0.75


def test_length_of_a_constant_and_rare_labels_does_not_fail():
    targets = np.full((30, 28), 0.0)
    targets[0, 3] = 1.0
    assert "macro_f1" in length_scores("emotion", "goemotions", targets, np.full(30, 7), np.arange(30))
    both = length_scores("risk", "cssrs", np.array([0] * 20 + [5] * 10), np.full(30, 7), np.arange(30))
    assert both["auc_at_least_1"] == 0.5 and not any(name.startswith("ece") for name in both)
