"""The monitor reads each message once, holds on to a crisis, survives failures, and never logs words."""

import json
import logging
from concurrent.futures import ThreadPoolExecutor

import pytest

from pixel.clinical.monitor import ClinicalMonitor
from pixel.clinical.notes import crisis_note
from tests.clinical.made_readings import Table, helper, reading, user

SECRET = "the blue teapot"


def monitor(**more) -> ClinicalMonitor:
    words = {"dying": reading(5, high=True), "tired of life": reading(1), "voices": reading(0, "psychosis"),
             "hola": reading(0, abstain=True)}  # fmt: skip
    return ClinicalMonitor(Table(**words), **more)


def test_ordinary_talk_calls_for_nothing():
    seen = monitor().observe([user("The bus was late."), helper("That is a nuisance.")])
    assert (seen.urgency, seen.escalate, seen.abstain, seen.kind) == ("none", False, False, "none")
    assert seen.resources is None and seen.next_steps == () and seen.flags == () and seen.risk[0] == 1.0


def test_danger_brings_lines_of_the_country_and_steps():
    seen = monitor(region="GB").observe([user("I am dying tonight.")])
    assert (seen.urgency, seen.level, seen.kind, seen.escalate) == ("emergency", 5, "suicide", True)
    assert seen.resources.lines[0].id == "gb_samaritans" and seen.next_steps[0] == "Treat it as an emergency."


def test_another_crisis_has_its_own_urgency_and_steps():
    seen = monitor().observe([user("The voices are back.")])
    assert (seen.kind, seen.urgency, seen.level) == ("psychosis", "urgent", 0)
    assert seen.next_steps[0] == "Be calm, short and concrete."


def test_what_the_detector_does_not_flag_is_watched_at_most():
    watch = ClinicalMonitor(Table(low=reading(5, flag=False, kind="none", high=True), sad=reading(1, high=True)))
    assert (watch.observe([user("low")]).urgency, watch.observe([user("sad")]).urgency) == ("watch", "urgent")
    assert not watch.observe([user("low")]).escalate


def test_a_growing_conversation_is_read_once():
    watch, talk = monitor(), []
    for number in range(5):
        talk += [user(f"Message {number}."), helper("I see.")]
        watch.observe(talk)
    assert watch.detector.texts == [f"Message {number}." for number in range(5)]
    watch.observe(talk)
    assert watch.detector.calls == 5 and watch.summary()["read"] == 5 and watch.summary()["observed"] == 6


def test_a_joke_does_not_end_a_crisis_but_time_does():
    talk = [user("I am dying."), user("Just kidding.")]
    seen = monitor(hold=3).observe(talk)
    assert seen.urgency == "emergency" and seen.fresh == "none" and seen.level == 0 and seen.peak == 5
    seen = monitor(hold=3).observe([*talk, user("Rain."), user("More rain.")])
    assert seen.urgency == "none" and seen.peak == 5


def test_what_cannot_be_read_is_an_abstention():
    assert monitor().observe([user("hola")]).abstain and monitor().observe([user("  ")]).abstain
    assert not monitor().observe([]).abstain
    seen = monitor().observe([user("I am dying."), user("hola")])
    assert seen.abstain and "could not be read" in seen.next_steps[0]


def test_a_failing_detector_or_check_stops_nothing_and_tells_no_words(caplog):
    class Broken:
        def read(self, texts):
            raise RuntimeError(texts[0])

    def check(messages):
        raise KeyError(messages[0]["content"])

    watch = ClinicalMonitor(Broken(), {"mine": check})
    with caplog.at_level(logging.DEBUG):
        seen = watch.observe([user(SECRET)])
    assert seen.abstain and watch.summary()["unread"] == 1 and watch.summary()["failed_checks"] == 1
    assert SECRET not in caplog.text and "RuntimeError" in caplog.text and "mine" in caplog.text


def test_validators_speak_through_flags():
    def check(messages):
        return [{"rule": "dull", "turn": 1, "reason": "says nothing"}]

    seen = monitor(validators={"style": check}).observe([user("Hello."), helper("I guarantee you this will work.")])
    assert [(flag.rule, flag.turn) for flag in seen.flags] == [("guaranteed_outcome", 1), ("dull", 1)]


@pytest.mark.parametrize(
    "text",
    [
        "i have a gun " * 8000,
        "between us " * 9000,
        "\x00\x1b[31m\ud800",
        "\u202e" * 50,
        "\U0001f600" * 400,
        "?" * 100_000,
    ],
)
def test_any_text_can_be_watched(text):
    seen = monitor().observe([user(text), helper(text), user("Hm.")])
    assert seen.seconds < 5 and seen.urgency == "none"


def test_records_and_memory_hold_no_words():
    watch = monitor()
    seen = watch.observe([user(f"{SECRET} dying"), helper(f"{SECRET}: this stays between us")])
    kept = json.dumps(seen.record()) + repr(seen) + repr(watch._readings) + json.dumps(watch.summary())
    assert SECRET not in kept and seen.record()["flags"][0] == {"rule": "absolute_secrecy", "turn": 1}


def test_memory_is_bounded():
    watch = monitor(remembered=3)
    watch.observe([user(f"Message {number}.") for number in range(10)])
    assert len(watch._readings) == 3
    for wrong in ({"hold": 0}, {"remembered": 0}):
        with pytest.raises(ValueError, match="Mend: "):
            monitor(**wrong)


def test_threads_share_a_monitor():
    watch = monitor()
    talks = [[user(f"Talk {number % 7}."), user("dying" if number % 2 else "fine")] for number in range(60)]
    with ThreadPoolExecutor(8) as pool:
        seen = list(pool.map(watch.observe, talks))
    assert [one.escalate for one in seen] == [bool(number % 2) for number in range(60)]
    assert watch.summary()["observed"] == 60 and len(watch.detector.texts) == 9
    assert watch.summary()["p50_ms"] <= watch.summary()["p95_ms"] <= watch.summary()["max_ms"]


def test_the_note_is_shown_for_the_last_message_only():
    talk = [user("I am dying.")]
    assert crisis_note(monitor().observe(talk), "GENERAL") == "GENERAL"
    assert "Samaritans: call 116 123" in crisis_note(monitor(region="GB").observe(talk), "GENERAL")
    assert crisis_note(monitor().observe([*talk, user("Rain.")]), "GENERAL") is None
    later = monitor(region="GB").observe([*talk, user("The voices again.")])
    assert later.kind == "suicide" and "frightening" in crisis_note(later, "GENERAL")  # what was said last
    assert crisis_note(monitor().observe([user("tired of life")]), "GENERAL") == "GENERAL"  # flagged: soon
    assert "findahelpline.com" in crisis_note(monitor().observe([user("voices")]), "GENERAL")
