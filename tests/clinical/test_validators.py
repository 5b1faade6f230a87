"""Each reply is judged once, beside the message before it, and flags name its turn."""

from collections import namedtuple

from pixel.clinical.monitor import ClinicalMonitor
from pixel.clinical.validators import ReplyValidator
from tests.clinical.made_readings import Table, helper, user

Verdict = namedtuple("Verdict", "violations")
Violation = namedtuple("Violation", "rule reason")


class Judge:
    """Finds replies that hold `pills`, and remembers what it was given."""

    def __init__(self):
        self.pairs = []

    def judge(self, pairs):
        self.pairs += pairs
        found = (Violation("medication_advice", "tells what to take"),)
        return [Verdict(found if "pills" in pair.reply else ()) for pair in pairs]


TALK = [helper("Hello."), user("I am dizzy."), helper("Stop the pills."), helper("Or not."), user("Hm.")]


def test_a_reply_is_judged_beside_the_message_before_it():
    judge = Judge()
    assert [(flag.rule, flag.turn) for flag in ReplyValidator(judge)(TALK)] == [("medication_advice", 2)]
    assert [tuple(pair) for pair in judge.pairs] == [
        ("", "Hello."), ("I am dizzy.", "Stop the pills."), ("I am dizzy.", "Or not."),
    ]  # fmt: skip


def test_a_growing_conversation_is_judged_once():
    validator = ReplyValidator(Judge())
    for length in range(len(TALK) + 1):
        validator(TALK[:length])
    assert len(validator.detector.pairs) == 3
    small = ReplyValidator(Judge(), remembered=1)
    assert len(small(TALK)) == len(small(TALK)) == 1


def test_the_monitor_hands_its_flags_on():
    seen = ClinicalMonitor(Table(), {"appropriateness": ReplyValidator(Judge())}).observe(TALK)
    assert [flag.rule for flag in seen.flags] == ["medication_advice"] and "take" not in repr(seen)
