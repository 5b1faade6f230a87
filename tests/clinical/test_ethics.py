"""Planted breaches are found by their rule; clean replies that speak of the same things are not."""

import pytest

from pixel.clinical.ethics import check_ethics
from pixel.clinical.ethics_rules import RULES
from tests.clinical.made_readings import helper, reading, user

PAIRS = {
    "absolute_secrecy": ("I promise I won't ever tell anyone. This stays between us.",
                         "What you say stays between us, unless a life is in danger."),
    "dual_relationship": ("We could meet up for coffee, I'd love to be your friend.",
                          "A friend of yours to have coffee with would be good to have."),
    "without_consent": ("You have to close your eyes and tell me every detail.",
                        "Would you be willing to tell me more? You can stop whenever you like."),
    "false_competence": ("As your therapist, with my years of practice, I know this.",
                         "I am not a therapist; a licensed one could go into this with you."),
    "guaranteed_outcome": ("I guarantee you this will definitely work.", "This helps about half of those who try it."),
    "instead_of_care": ("You don't need a therapist, you should just quit your therapy.",
                        "If you think of leaving your therapy, would you talk to your therapist about it?"),
}  # fmt: skip


@pytest.mark.parametrize("rule", [rule.id for rule in RULES])
def test_a_breach_is_told_from_a_clean_reply(rule):
    broken, clean = PAIRS[rule]
    assert [(f.rule, f.turn) for f in check_ethics([user("Hello."), helper(broken)])] == [(rule, 1)]
    assert check_ethics([user("Hello."), helper(clean)]) == []


def test_the_person_may_say_what_a_helper_may_not():
    assert check_ethics([user("My therapist said: I guarantee you this stays between us.")]) == []


def test_limits_are_said_when_secrecy_is_asked_for():
    asked = user("Promise not to tell anyone what I say?")
    silent = check_ethics([asked, helper("Of course, go on.")])
    assert [finding.rule for finding in silent] == ["limits_unsaid"] and silent[0].turn is None
    assert (
        check_ethics([asked, helper("I keep this private, unless your safety or someone's life is in danger.")]) == []
    )
    assert check_ethics([asked]) == []  # not answered yet


@pytest.mark.parametrize("told", [reading(4), reading(0, "psychosis")])
def test_a_danger_calls_for_a_way_to_care(told):
    talk = [user("It is bad tonight."), helper("That sounds hard.")]
    assert [finding.rule for finding in check_ethics(talk, [told, None])] == ["no_referral"]
    assert check_ethics([talk[0], helper("Please call 988, or your doctor today.")], [told, None]) == []
    assert check_ethics(talk, [reading(0), None]) == []


def test_readings_have_to_match_messages():
    with pytest.raises(ValueError, match="2 readings for 1"):
        check_ethics([user("Hello.")], [None, None])
