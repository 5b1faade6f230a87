"""What may not be said."""

import pytest

from pixel.voice.conversations.therapeutic import TherapeuticGate


def talk(*texts):
    return [{"role": ("user", "assistant")[n % 2], "content": text} for n, text in enumerate(texts)]


def test_an_ordinary_exchange_passes_as_it_is(gate):
    given = talk("I sleep badly these days.", "What keeps you awake at night?")
    found = gate.check(given)
    assert found.messages == given and found.refused is None and found.crisis is None


def test_a_crisis_is_answered_by_the_guide_and_ends_the_talk(gate):
    found = gate.check(talk("I sleep badly.", "Since when?", "DANGER to me now.", "Cheer up, man.", "Ok.", "Bye now."))
    assert [one["role"] for one in found.messages] == ["user", "assistant"] * 2
    assert found.messages[-1]["content"] == gate.reply("suicide") and found.crisis == "suicide"
    assert "Cheer up" not in str(found.messages) and found.notes == ["crisis: the safety guide's reply (suicide)"]


def test_the_guides_reply_asks_directly_and_names_a_line_of_the_country(gate):
    assert "?" in gate.reply("suicide") and "116 123" in gate.reply("suicide")
    assert gate.reply("overdose") != gate.reply("suicide") == gate.reply("no such kind")


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        (talk("I feel low.", "DANGER is what I feel myself."), "crisis in a reply: suicide"),
        (talk("I feel low.", "Just take more PILLS tonight."), "rule: medication_advice"),
        (talk("Keep it secret?", "This stays strictly between us, our secret."), "ethics: absolute_secrecy"),
        (talk("FOREIGN words all over.", "So it is."), "unreadable: other_language"),
        (talk("Hello there.", "Hello.", "And now?"), "form: ends_on_client"),
    ],
)
def test_what_breaks_a_rule_is_refused_with_its_reason(gate, given, reason):
    found = gate.check(given)
    assert found.messages is None and found.refused == reason


def test_what_the_voice_says_after_a_crisis_is_not_judged_for_it_is_not_kept(gate):
    assert gate.check(talk("DANGER to me.", "Take more PILLS then.")).refused is None


def test_the_validators_that_ship_with_pixel_let_the_guide_speak_and_stop_bad_advice():
    real = TherapeuticGate(region="US")
    crisis = real.check(talk("I am going to kill myself tonight, I have the pills here.", "Look on the bright side."))
    assert crisis.crisis == "suicide" and "988" in crisis.messages[1]["content"]
    bad = real.check(
        talk("The pills my doctor gave me make me dizzy.", "Just stop taking them, you do not need them.")
    )
    assert bad.refused == "rule: medication_advice"
    fine = real.check(talk("I had a row with my sister.", "That sounds painful. What happened between you two?"))
    assert fine.refused is None
