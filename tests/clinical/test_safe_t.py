"""The five steps: what a conversation has, what it lacks, and what may not be talked away."""

import pytest

from pixel.clinical.safe_t import formulate
from tests.clinical.made_readings import helper, reading, user

DANGER = [user("I have a gun at home and I've decided. There's no way out."), helper("I am sorry. Try to relax.")]
WHOLE = [
    user("I tried before, and I can't stop thinking of it. My kids keep me going, though."),
    helper("Thank you. Are you thinking about suicide? Have you thought about how, and is it within reach?"),
    user("Yes, and the pills are here."),
    helper("How close do you feel to acting on it? Has it happened before? Who could keep it away from you?"),
    user("Close."),
    helper("Who could you tell tonight? Please call 988 or go to the emergency room; could someone stay with you?"),
]  # fmt: skip


def test_a_careless_reply_leaves_steps_open():
    found = formulate(DANGER, [reading(4), None])
    assert found.acute == "high" and {"means_near", "hopeless"} <= set(found.risk_factors)
    assert found.missing == ("protective_factors", "inquiry", "documentation")
    told = ("thoughts", "plan", "means", "intent")
    assert found.inquiry == {**{name: "told" for name in told}, "past": "missing"}
    assert found.next_questions[0] == "Has there been a time when you tried, or began to prepare?"


def test_a_whole_assessment_leaves_none_open():
    readings = [reading(2), None, reading(4), None, reading(4), None]
    found = formulate(WHOLE, readings)
    assert found.missing == () and set(found.inquiry.values()) == {"asked"}
    assert {"professionals", "people_to_tell", "company"} <= set(found.plan)
    assert found.risk_factors["past_attempt"] == "turn 0" and found.protective_factors["people"] == "turn 0"


def test_protective_factors_never_lower_a_high_risk():
    with_children = [user(DANGER[0]["content"] + " But my children keep me going."), DANGER[1]]
    assert formulate(with_children, [reading(5), None]).acute == formulate(DANGER, [reading(5), None]).acute == "high"


def test_two_strong_factors_raise_a_level_and_none_raise_nothing():
    said = [user("I wish I would not wake up.")]
    assert formulate(said, [reading(1)]).acute == "low"
    assert formulate(said, [reading(1)], ["suicide_attempt", "hopelessness"]).acute == "moderate"
    assert formulate(said, [reading(0)], ["suicide_attempt", "hopelessness"]).acute == "none"


def test_a_helper_who_speaks_of_risk_is_not_a_person_at_risk():
    found = formulate([helper("Some people have a gun at home and no way out.")], [None])
    assert found.level == 0 and not found.risk_factors


def test_the_record_holds_none_of_the_words():
    record = formulate(WHOLE, [reading(2), None, reading(4), None, reading(4), None]).record()
    assert "pills" not in str(record) and record["done"][0] == "risk_factors"


def test_readings_have_to_match_messages():
    with pytest.raises(ValueError, match="1 readings for 2"):
        formulate(DANGER, [None])
