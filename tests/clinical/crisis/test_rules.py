import pytest

from pixel.clinical.crisis.rules import find, load_rules, strongest
from pixel.clinical.crisis.text import prepare


def found(text):
    return find(prepare(text).sentences)


def rung(text):
    return max((one.level for one in found(text)), default=0)


@pytest.mark.parametrize(
    ("text", "least"),
    [
        ("I wish I was dead.", 1),
        ("I keep thinking about killing myself.", 2),
        ("I think about jumping in front of a train.", 3),
        ("I'm going to kill myself tonight.", 4),
        ("I have a plan to end my life on Friday.", 5),
        ("I tried to kill myself last night.", 6),
        ("I want to d\u200bie, kms tonight", 4),
    ],
)
def test_each_rung_of_the_ladder_is_reached_by_a_plain_statement_of_it(text, least):
    assert rung(text) >= least


@pytest.mark.parametrize(
    "text",
    [
        "I don't want to die.",
        "I would never kill myself.",
        "I have never attempted suicide.",
        "I'm going to diet.",
        "This traffic is killing me.",
        "He told me to kill myself.",
        "She tried to kill herself.",
        "My sister attempted suicide.",
        "I have a plan for the garden.",
    ],
)
def test_what_is_denied_idiom_or_of_another_person_reaches_no_rung(text):
    assert rung(text) == 0


def test_a_negation_that_is_none_leaves_the_statement_standing():
    assert rung("I can't stop thinking about killing myself.") >= 2


def test_behaviour_of_a_distant_past_counts_as_thoughts_at_most():
    assert rung("Ten years ago I tried to kill myself.") == 2


def test_a_plan_reaches_its_rung_only_beside_another_signal():
    assert rung("I have a plan.") == 0
    assert rung("I have a plan. I want to die.") >= 5


def test_strongest_names_signals_with_their_highest_rung():
    ranks = strongest(found("I want to die. I tried to kill myself yesterday."))
    assert ranks["wish_dead"] == 1 and ranks["attempt"] == 6


def test_every_signal_that_flags_by_itself_gives_a_reason_for_the_rule():
    assert all(signal.because for signal in load_rules().signals if signal.flag)


def test_a_signal_whose_pattern_does_not_compile_is_named(tmp_path):
    for name, empty in (("blocks", "{}"), ("other_kinds", "[]"), ("context", "[]"), ("scope", "{}")):
        (tmp_path / f"{name}.yaml").write_text(empty)
    (tmp_path / "suicide.yaml").write_text("- {id: broken, patterns: ['(']}")
    with pytest.raises(ValueError, match="'broken'.*Mend"):
        load_rules.__wrapped__(tmp_path)
