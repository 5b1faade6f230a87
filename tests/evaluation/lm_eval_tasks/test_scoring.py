"""Scores of answers, against the metrics they stand for."""

import pytest

from pixel.evaluation.lm_eval import scoring
from pixel.evaluation.lm_eval.choices import Question, documents_of, taken
from pixel.metrics import emobench_ea, emobench_eu

RIGHT = {"emotion": 1, "cause": 0}
OPTIONS = {"emotion": ("joy", "grief", "pride"), "cause": ("a loss", "a prize")}


def likely(chosen, count):
    return [(0.0 if place == chosen else -1.0, False) for place in range(count)]


def answers(policy):
    """What a rule (document -> place) takes, once as the tasks score it and once as options for the metric."""
    scored, options = [], {part: [] for part in RIGHT}
    for part, right in RIGHT.items():
        for document in documents_of([Question("q", "?", OPTIONS[part], right, part)]):
            place = policy(document)
            scored.append(scoring.eu_choice(document, likely(place, len(document["options"])))["joint_acc"])
            options[part].append(taken(place, document["order"], len(document["options"])))
    return scored, options


@pytest.mark.parametrize(
    ("policy", "expected"),
    [
        (lambda document: 0, 1 / 3 * 1 / 2),
        (lambda document: document["gold"], 1.0),
        (lambda document: document["gold"] if document["order"] else 0, 2 / 3 * 1.0),
        (lambda document: document["gold"] if document["part"] == "emotion" else 1 - document["gold"], 0.0),
    ],
)
def test_joint_accuracy_is_the_metrics(policy, expected):
    scored, options = answers(policy)
    assert scoring.joint(scored) == pytest.approx(expected)
    assert emobench_eu([RIGHT], [options]).value == pytest.approx(expected)


def test_letters_are_scored_as_the_metric_scores_options():
    documents = list(documents_of([Question("q", "?", ("a", "b", "c", "d"), 2)]))
    scores = [scoring.choice(document, likely(0, 4))["acc"] for document in documents]
    assert sum(scores) / 4 == emobench_ea([2], [[taken(0, d["order"], 4) for d in documents]]).value == 0.25


def test_a_liking_for_one_letter_cancels_out_when_orders_are_averaged():
    documents = list(documents_of([Question("q", "?", ("a", "b", "c", "d"), 2)]))
    liking = [9.0, 0.0, 0.0, 0.0]  # for the first letter, whatever stands there; a little for the right option
    results = [[(liking[p] + 0.1 * (p == d["gold"]), False) for p in range(4)] for d in documents]
    scores = [scoring.choice(document, result) for document, result in zip(documents, results, strict=True)]
    assert sum(score["acc"] for score in scores) / 4 == 0.25
    assert scoring.averaged([score["acc_averaged"] for score in scores]) == 1.0


def test_averaged_joint_accuracy_needs_both_parts():
    def items(parts):
        for part, chosen in parts.items():
            for d in documents_of([Question("q", "?", OPTIONS[part], RIGHT[part], part)]):
                places = [float(taken(p, d["order"], len(d["options"])) == chosen) for p in range(len(d["options"]))]
                yield scoring.eu_choice(d, [(value, False) for value in places])["joint_averaged"]

    assert scoring.joint_averaged(list(items(RIGHT))) == 1.0
    assert scoring.joint_averaged(list(items(RIGHT | {"cause": 1}))) == 0.0


def test_of_equal_likelihoods_the_first_letter_is_taken():
    assert scoring.place([(-1.0, False), (-1.0, True)]) == 0


def test_a_rare_mode_weighs_as_much_as_a_common_one():
    assert scoring.balanced([(0, 1.0)] * 8 + [(1, 0.0), (1, 1.0)]) == pytest.approx((1.0 + 0.5) / 2)


def test_an_unread_eq_bench_answer_is_left_out_of_the_score_and_not_of_the_percentage():
    items = [[10.0, None], [None, None]]
    assert (scoring.eqbench_total(items), scoring.eqbench_percent(items)) == (100.0, 50.0)
    assert scoring.eqbench_total([[None, None]]) == 0.0


def test_seceu_answers_become_eq_percent_and_similarity():
    document = {"standard": [2.0, 3.0, 4.0, 1.0], "options": ["Joy", "Fear", "Anger", "Shame"], "human_distance": 2.5}
    read = scoring.seceu_answer(document, ["Joy: 1\nFear: 4\nAnger: 4\nShame: 1"])
    unread = scoring.seceu_answer(document, ["I cannot say."])
    assert scoring.seceu_eq([read["seceu_eq"], unread["seceu_eq"]]) == pytest.approx(125.1056, abs=1e-3)
    assert scoring.seceu_percent([read["percent_parseable"], unread["percent_parseable"]]) == 50.0
    assert read["pattern_r"] == [2.5, pytest.approx(2**0.5)]
