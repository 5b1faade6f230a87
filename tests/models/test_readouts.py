import pytest
import torch
from torch.testing import assert_close

from pixel.models.labels import FIELDS
from pixel.models.readouts import probabilities, turn_record

ORDINAL = [name for name, field in FIELDS.items() if field.kind == "ordinal"]
CATEGORICAL = [name for name, field in FIELDS.items() if field.kind == "categorical"]


def random_readouts(seed=0):
    random = torch.Generator().manual_seed(seed)
    return {name: torch.randn(field.logits, generator=random) for name, field in FIELDS.items()}


@pytest.mark.parametrize("name", CATEGORICAL + ORDINAL)
def test_classes_and_levels_are_distributions(name):
    said = probabilities(name, 3 * torch.randn(50, FIELDS[name].logits))
    assert said.shape == (50, FIELDS[name].size)
    assert (said >= 0).all()
    assert_close(said.sum(-1), torch.ones(50))


def test_levels_are_differences_of_cumulative_probabilities():
    at_least = torch.tensor([0.9, 0.6, 0.5, 0.3, 0.2, 0.05])
    expected = torch.tensor([0.1, 0.3, 0.1, 0.2, 0.1, 0.15, 0.05])
    assert_close(probabilities("risk", at_least.logit()), expected, atol=1e-6, rtol=1e-5)


def test_a_level_is_never_likelier_than_the_one_below_it_allows():
    said = probabilities("emotional_reactions", torch.tensor([-1.0, 2.0]))  # at least 2 likelier than at least 1
    assert_close(said, torch.tensor([1 - 0.268941, 0.0, 0.268941]), atol=1e-5, rtol=0)


@pytest.mark.parametrize("name", ["emotion", "vad", "eq_total", "safety"])
def test_labels_and_scores_are_independent_probabilities(name):
    logits = torch.randn(4, FIELDS[name].logits)
    assert_close(probabilities(name, logits), 1 / (1 + torch.exp(-logits)))


def test_an_offset_moves_where_a_label_counts_as_present():
    threshold = torch.tensor([0.2, 0.7, 0.5])  # found on held-out turns
    offsets = (-threshold.logit()).tolist()
    said = probabilities("vad", (threshold + torch.tensor([0.01, -0.01, 0.0])).logit(), offsets)
    assert said[0] > 0.5 > said[1] and said[2].item() == pytest.approx(0.5)


def test_offsets_of_levels_weigh_each_level_and_keep_a_distribution():
    logits = torch.tensor([2.0, 0.0, -1.0, -2.0, -3.0, -4.0])
    plain, weight = probabilities("risk", logits), torch.tensor([1.0, 1.0, 4.0, 1.0, 1.0, 1.0, 0.5])
    said = probabilities("risk", logits, weight.log().tolist())
    assert_close(said, plain * weight / (plain * weight).sum())
    assert said.sum().item() == pytest.approx(1.0)


def test_a_record_of_everything_has_the_agreed_keys():
    record = turn_record(random_readouts(), list(FIELDS))
    assert {key: set(value) for key, value in record.items()} == {
        "emotion": {"labels", "vad", "distress"},
        "eq": {
            "emotional_awareness", "empathy_recognition", "emotional_regulation", "social_cognition",
            "interpersonal_skills", "total",
        },
        "persona": {"mode", "context", "trigger", "switch"},
        "clinical": {"dsm", "pdm", "appropriateness", "intervention", "safety"},
        "risk": {"severity"},
        "empathy": {"emotional_reactions", "interpretations", "explorations", "dimensions", "genuine", "stage"},
    }  # fmt: skip
    assert set(record["clinical"]["pdm"]) == {"syndrome", "organisation", "capacities", "attachment", "defence"}
    assert list(record["persona"]["mode"]) == ["therapy", "assistant", "hybrid"]
    assert len(record["risk"]["severity"]) == 7 and len(record["emotion"]["labels"]) == 28
    assert isinstance(record["persona"]["switch"], float) and isinstance(record["emotion"]["distress"], float)


def test_a_record_leaves_out_what_was_not_trained_and_what_has_no_head():
    readouts = random_readouts()
    assert turn_record(readouts, []) == {}
    record = turn_record(readouts, ["risk", "attachment"])
    assert set(record) == {"risk", "clinical"} and set(record["clinical"]) == {"pdm"}
    del readouts["risk"]
    assert set(turn_record(readouts, ["risk", "vad"])) == {"emotion"}


def test_a_record_uses_the_offsets():
    record = turn_record({"distress": torch.tensor([0.0])}, ["distress"], {"distress": [2.0]})
    assert record["emotion"]["distress"] == pytest.approx(0.880797, abs=1e-6)
