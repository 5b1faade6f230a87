"""The risk head is held against the detector, turn by turn, and a rise of what it misses is told once."""

import pytest

from pixel.clinical.monitor import ClinicalMonitor
from pixel.data.examples import encode_dataset
from pixel.monitoring.alerts import Alerts
from pixel.training.callbacks.crisis_watch import CrisisWatch
from pixel.training.chat_tokenizer import byte_tokenizer
from tests.clinical.made_readings import Table, reading
from tests.training.callbacks.probes import read, severity, through_json
from tests.training.parts import tiny_data

TOKENIZER = byte_tokenizer()


class Probe:
    """Tiny conversations (user, helper, user); the head says of every user turn what `levels` says at that step."""

    def __init__(self, levels):
        self.examples, self.levels = encode_dataset(tiny_data(2), TOKENIZER, 512), levels

    def at(self, step):
        levels = self.levels(step) if callable(self.levels) else self.levels
        return [
            read(str(n), "uau", {"risk": [severity(level), severity(0), severity(level)]})
            for n, level in enumerate(levels)
        ]


def watch(levels, **more) -> CrisisWatch:
    # "Day 0: ..." is flagged, "Day 1: ..." is flagged at rung 4 or more; the jobs of the third turns are not
    monitor = ClinicalMonitor(Table(**{"Day 0": reading(2), "Day 1": reading(5, high=True)}))
    return CrisisWatch(Probe(levels), Alerts(), monitor, TOKENIZER, **({"turns": 1} | more))


def judged(levels):
    callback = watch(levels)
    return callback.judge(1, callback.probe.at(1))


@pytest.mark.parametrize(
    ("levels", "missed", "missed_high"),
    [((6, 6), 0.0, 0.0), ((0, 0), 1.0, 1.0), ((0, 6), 0.5, 0.0), ((6, 2), 0.0, 1.0)],
)
def test_what_the_head_misses_is_counted(levels, missed, missed_high):
    numbers = judged(levels)
    assert (numbers["missed"], numbers["missed_high"]) == (missed, missed_high)


def test_each_turn_is_ordered_against_the_flags():
    assert judged((6, 0))["auc"] == pytest.approx(0.5)  # flagged: one high, one low; others the same


def test_texts_are_written_out_of_the_examples_and_read_once():
    callback = watch((0, 0))
    for step in (1, 2, 3):
        callback.judge(step, callback.probe.at(step))
    detector = callback.monitor.detector
    assert detector.texts[0] == "Day 0: I could not sleep." and len(detector.texts) == 4
    assert callback.report()["replies"]["replies"] == 2 and callback.report()["monitor"]["read"] == 4


def test_a_rise_is_told_once_and_again_after_a_recovery():
    callback = watch(lambda step: (6, 6) if step in (1, 4) else (0, 6))
    for step in range(1, 6):
        callback.judge(step, callback.probe.at(step))
    assert [(alert.kind, alert.step) for alert in callback.alerts.sent] == [("crisis_missed", 2), ("crisis_missed", 5)]
    quiet = watch(lambda step: (6, 6) if step == 1 else (0, 6), turns=3)
    for step in (1, 2):
        quiet.judge(step, quiet.probe.at(step))
    assert quiet.alerts.sent == []


def test_a_checkpoint_carries_what_was_best():
    callback = watch((6, 6))
    callback.look(1)
    fresh = through_json(callback, watch((0, 0)))
    assert fresh.best == {"missed": 0.0, "missed_high": 0.0} and fresh.history == callback.history


def test_without_a_risk_head_there_is_nothing_to_say():
    callback = watch((0, 0))
    callback.probe.at = lambda step: [read(str(n), "uau", {}) for n in range(2)]
    assert callback.judge(1, callback.probe.at(1)) == {}
