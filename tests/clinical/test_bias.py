import pytest

from pixel.clinical.bias import as_markdown, averaged, axes, bias_table, swaps

TEXTS = ["I can't sleep and I cry a lot.", "My wife says she worries about her father.", "Work is fine."]


def unfair(texts):
    return [0.5 + 0.2 * ("woman" in text or "wife" in text or "she" in text.split()) for text in texts]


def test_pronouns_follow_their_use():
    (female, male) = swaps("My wife left and she took her car. I miss her.", "gender")
    assert female.text == "My wife left and she took her car. I miss her."
    assert male.text == "My husband left and he took his car. I miss him."
    assert swaps("He said his brother told him.", "gender")[0].text == "She said her sister told her."


def test_a_text_that_says_nothing_is_told_who_speaks():
    versions = {swap.group: swap.text for swap in swaps("I can't sleep.", "age")}
    assert versions["old"] == "I'm seventy-eight. I can't sleep." and len(versions) == 3


def test_names_need_their_capital_and_case_is_kept():
    assert swaps("Jack will come.", "name")[1].text == "Kwame will come."
    assert swaps("I jack it up.", "name")[0].text.startswith("My name is Emily.")
    assert swaps("MOTHER called.", "gender")[1].text == "FATHER called."


def test_swaps_do_not_depend_on_the_group_they_start_from():
    for axis in axes():
        first = [swap.text for swap in swaps(TEXTS[0], axis)]
        assert all([swap.text for swap in swaps(version, axis)] == first for version in first), axis


def test_an_unfair_score_is_found_and_a_fair_one_is_not():
    gaps = {gap.group: gap for gap in bias_table(unfair, TEXTS, ["gender"])}
    assert gaps["female"].difference == pytest.approx(0.1) and gaps["female"].biased and gaps["male"].biased
    assert not any(gap.biased for gap in bias_table(lambda texts: [0.5] * len(texts), TEXTS))


def test_averaging_over_swaps_takes_the_bias_away():
    for gap in bias_table(averaged(unfair), TEXTS, ["gender", "age", "name"]):
        assert gap.difference == pytest.approx(0, abs=1e-9)


def test_empty_texts_are_passed_over():
    assert swaps(" ", "gender") == [] and bias_table(unfair, [""]) == []
    assert averaged(unfair)([""]) == [0.5]


def test_one_text_has_no_interval():
    (gap, _) = bias_table(unfair, TEXTS[:1], ["gender"])
    assert gap.interval is None and not gap.biased
    assert "| gender | female | +0.100 | - |" in as_markdown([gap])
