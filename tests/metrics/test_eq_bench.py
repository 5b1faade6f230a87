"""EQ-Bench: the published formula, and answers read as people would read them."""

import re

import numpy as np
import pytest

from pixel.metrics.eq_bench import Passes, difference_penalty, item_score, passes, read_answer, reference_scores, total

EMOTIONS = ["Relieved", "Proud", "Anxious", "Angry"]
REFERENCE = dict(zip(EMOTIONS, (0.0, 6.0, 3.0, 7.0), strict=True))
ANSWER = """First pass scores:
Relieved: 1
Proud: 6
Anxious: 7
Angry: 1

Critique: Angry: 9 would be too much; I had it too low.

Revised scores:
Relieved: 0
Proud: 6
Anxious: 4
Angry: 6

[End of answer]
"""


@pytest.mark.parametrize(
    ("difference", "penalty"),
    [(0, 0), (1, 0.172883), (2, 0.540622), (3, 1.504589), (4, 3.25), (5, 4.995411), (6, 6), (10, 10)],
)
def test_penalties_are_those_of_the_published_curve(difference, penalty):
    assert difference_penalty(difference) == pytest.approx(penalty, abs=1e-5)  # 6.5 / (1 + e^(-1.2 (d - 4))) by hand


def test_random_answers_score_about_nothing_on_middling_references():
    rng = np.random.default_rng(0)
    references = [dict(zip(EMOTIONS, rng.integers(0, 11, 4), strict=True)) for _ in range(4000)]
    given = [dict(zip(EMOTIONS, rng.integers(0, 11, 4), strict=True)) for _ in range(4000)]
    assert abs(np.mean([item_score(r, g) for r, g in zip(references, given, strict=True)])) < 1.5


def test_item_scores_equal_those_of_the_benchmark_as_lm_eval_ships_it():
    shipped = pytest.importorskip("lm_eval.tasks.eq_bench.utils").calculate_score_fullscale
    rng = np.random.default_rng(1)
    for _ in range(200):
        wanted, said = rng.integers(0, 11, (2, 4))
        reference = {f"emotion{n + 1}": name for n, name in enumerate(EMOTIONS)}
        reference |= {f"emotion{n + 1}_score": str(score) for n, score in enumerate(wanted)}
        answer = "\n".join(f"{name}: {score}" for name, score in zip(EMOTIONS, said, strict=True))
        theirs = shipped({"reference_answer_fullscale": str(reference)}, [answer])
        assert theirs["percent_parseable"] == 100
        assert 10 * passes(reference_scores(reference), answer).first == pytest.approx(theirs["eqbench"])


def test_both_passes_are_read_and_the_critique_is_not():
    first, revised = read_answer(ANSWER, EMOTIONS)
    assert list(first.values()) == [1, 6, 7, 1] and list(revised.values()) == [0, 6, 4, 6]


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text.replace("Relieved: ", "**Relieved:** "),
        lambda text: text.upper(),
        lambda text: re.sub(r"^(\w+): (\d)", r"\1 = \2", text, flags=re.MULTILINE),
        lambda text: text.replace("1\n", "1/10\n"),
        lambda text: "Here you are.\n\n## " + text,
    ],
)
def test_spellings_are_forgiven(change):
    assert read_answer(change(ANSWER), EMOTIONS) == read_answer(ANSWER, EMOTIONS)


@pytest.mark.parametrize("line", ["Angry: 11", "Angry: -2", "Angry: much", "Furious: 4"])
def test_what_is_no_score_from_0_to_10_makes_a_pass_unreadable(line):
    assert read_answer(f"First pass scores:\nRelieved: 1\nProud: 6\nAnxious: 7\n{line}", EMOTIONS) == (None, None)


def test_decimals_count():
    assert read_answer("Relieved: 1.5\nProud: 6\nAnxious: 7\nAngry: 1", EMOTIONS)[0]["Relieved"] == 1.5


def test_few_readable_revisions_do_not_decide_the_score():
    items = [Passes(5.0, None)] * 9 + [Passes(5.0, 10.0)]
    value, percent, scores = total(items)  # revised: 100, but only 1 of 10 could be read
    assert (value.value, percent, scores) == (50.0, 100.0, [5.0] * 10)


def test_nearly_all_revisions_are_enough():
    items = [Passes(5.0, 8.0)] * 19 + [Passes(5.0, None)]
    value, percent, _ = total(items)
    assert (value.value, percent) == (80.0, 95.0)
