import json

import numpy as np
import pytest

from pixel.metrics import evaluate_field, field_probabilities, markdown_table, mean_result
from pixel.models.labels import FIELDS

MECHANISMS = ("emotional_reactions", "interpretations", "explorations")


def epitome(seed=0, turns=60):
    generator = np.random.default_rng(seed)
    levels = generator.integers(0, 3, turns)
    clear = np.stack([levels >= 1, levels >= 2], -1) * 0.6 + 0.2
    return np.clip(clear + generator.normal(0, 0.2, clear.shape), 0, 1), levels


@pytest.mark.parametrize("name", FIELDS)
def test_every_field_can_be_measured_on_random_answers(name):
    field, generator = FIELDS[name], np.random.default_rng(0)
    said = field_probabilities(name, generator.normal(size=(80, field.logits)))
    if field.is_vector:
        targets = generator.integers(0, 2, (80, field.size)).astype(float)
        targets[generator.random(targets.shape) < 0.2] = np.nan
    else:
        targets = generator.integers(0, field.size, 80)
        targets[:5] = -100
    for result in evaluate_field(name, "random", said, targets, groups=np.arange(80) // 4, resamples=20):
        assert result.objective == field.objective
        assert result.low <= result.high
        json.dumps(result.as_dict(), allow_nan=False)


def test_goemotions_averages_over_all_28_labels_and_other_corpora_over_the_frequent_ones():
    targets = np.zeros((40, 28))
    targets[:10, 2] = 1  # anger; no other label ever occurs
    said = targets * 0.9
    assert evaluate_field("emotion", "goemotions", said, targets, resamples=0)[0].value == pytest.approx(1 / 28)
    assert evaluate_field("emotion", "elsewhere", said, targets, resamples=0)[0].value == 1.0


def test_a_label_whose_absence_was_never_noted_does_not_count():
    targets = np.full((20, 28), np.nan)
    targets[:10, 2], targets[10:, 3] = 1, 1  # only presences are known: always saying yes would be perfect
    result = evaluate_field("emotion", "elsewhere", np.ones((20, 28)), targets, resamples=0)[0]
    assert (result.value, result.reason) == (None, "no label has 5 positives")


def test_thresholds_decide_what_counts_as_present():
    targets = np.array([[1.0], [1.0], [0.0], [0.0]])
    said = np.array([[0.4], [0.3], [0.1], [0.2]])
    at_half, at_quarter = (
        evaluate_field("distress", "dreaddit", said, targets, thresholds=cut, resamples=0)[0].value
        for cut in (None, [0.25])
    )
    assert (at_half, at_quarter) == (0.0, 1.0)


def test_graded_distress_is_correlated_and_not_cut_in_two():
    targets = np.array([[0.0], [0.25], [1.0]])
    assert [r.metric for r in evaluate_field("distress", "esconv", targets, targets, resamples=0)] == ["pearson"]


def test_interval_holds_the_value_and_groups_are_used():
    said, levels = epitome()
    result = evaluate_field("explorations", "epitome", said, levels, groups=np.arange(60) // 6, resamples=60)[0]
    assert result.low <= result.value <= result.high
    assert result.low != evaluate_field("explorations", "epitome", said, levels, resamples=60)[0].low


def test_mean_over_the_three_mechanisms_stands_beside_the_published_mean():
    results = []
    for seed, name in enumerate(MECHANISMS):
        results += evaluate_field(name, "epitome", *epitome(seed), resamples=0)
    mean = mean_result(results, "epitome_mean", "epitome", "macro_f1")
    assert mean.value == pytest.approx(np.mean([r.value for r in results if r.metric == "macro_f1"]))
    assert (mean.baseline, mean.published) == (0.543, 0.699)


def test_table_shows_figures_reasons_and_where_they_come_from():
    said, levels = epitome()
    table = markdown_table(
        [
            *evaluate_field("explorations", "epitome", said, levels, resamples=20),
            *evaluate_field("explorations", "elsewhere", said[:1], levels[:1]),
        ]
    )
    lines = table.splitlines()
    assert lines[0].count("|") == lines[1].count("|") == lines[2].count("|")
    assert "0.726" in lines[2] and "(1 labelled turn, 2 needed)" in lines[4]
    assert lines[-1].startswith("- explorations (epitome): Published: Sharma et al.")


def test_a_figure_below_the_majority_answer_is_marked():
    said, targets = np.array([[0.1], [0.9], [0.1], [0.1]]), np.array([[1.0], [0.0], [1.0], [1.0]])
    assert "not above majority" in markdown_table(evaluate_field("distress", "dreaddit", said, targets, resamples=0))


def test_logits_passed_for_probabilities_are_refused():
    with pytest.raises(ValueError, match="field_probabilities"):
        evaluate_field("distress", "dreaddit", [[3.0], [-2.0]], [[1.0], [0.0]])


def test_shapes_that_do_not_fit_are_named():
    with pytest.raises(ValueError, match=r"risk: probabilities \(2, 7\)"):
        evaluate_field("risk", "cssrs", np.zeros((2, 7)), [0, 1])
