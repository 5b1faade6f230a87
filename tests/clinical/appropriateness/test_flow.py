import pytest

from pixel.clinical.appropriateness.danger import is_idiom
from pixel.clinical.appropriateness.flow import check_flow

COMPLETE = "Please call a crisis line, tell your doctor, and ask a friend to stay with you tonight."


def talk(*texts):
    return [{"role": ("user", "assistant")[i % 2], "content": text} for i, text in enumerate(texts)]


def rules(messages, danger):
    return {finding.rule for finding in check_flow(messages, danger)}


def test_complete_support_passes():
    assert rules(talk("I want to die.", COMPLETE), [0.9, 0]) == set()


def test_missing_parts_are_named():
    (finding,) = check_flow(talk("I want to die.", "Please see a doctor."), [0.9, 0])
    assert finding.rule == "incomplete_support" and finding.turn == 1
    assert "crisis line" in finding.reason and "trust" in finding.reason and "professional" not in finding.reason


def test_parts_may_come_over_several_replies():
    messages = talk(
        "I want to die.", "Does your doctor know?", "No.", "Who could be with you, and may I name a helpline?"
    )
    assert rules(messages, [0.9, 0, 0, 0]) == set()


def test_what_cannot_wait_needs_an_emergency_step():
    messages = talk("I have the pills next to me.", "A counsellor, a friend or a helpline can be good.")
    assert "no_emergency_step" in rules(messages, [0.9, 0])
    assert rules(talk("I have the pills next to me.", f"Call an ambulance. {COMPLETE}"), [0.9, 0]) == set()


def test_no_danger_no_demands():
    assert rules(talk("I failed the exam.", "What happened?"), [0.1, 0]) == set()


def test_an_unanswered_disclosure_is_no_fault():
    assert rules(talk("I want to die."), [0.9]) == set()


def test_a_crisis_script_on_an_idiom_is_a_fault():
    messages = talk("This homework is killing me.", "Please call the suicide lifeline.")
    assert rules(messages, [0.0, 0]) == {"crisis_script_on_idiom"}


@pytest.mark.parametrize("text", ["I'm dead tired.", "I died laughing.", "I'm not suicidal, just fed up."])
def test_figures_of_speech_are_known(text):
    assert is_idiom(text)


@pytest.mark.parametrize("text", ["I want to die.", "My commute is killing me and I want to kill myself.", "Hello."])
def test_danger_is_no_figure_of_speech(text):
    assert not is_idiom(text)
