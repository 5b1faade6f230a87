import numpy as np
import pytest

from pixel.data.schema import ROLES
from pixel.monitoring.alerts import Alerts
from pixel.training.callbacks.emotional_consistency import EmotionalConsistency
from pixel.training.callbacks.emotional_steps import breaks, labelled_states, step_limits, steps
from tests.training.callbacks.probes import Told, read, through_json

NAN = float("nan")
USER, ASSISTANT = ROLES.index("user"), ROLES.index("assistant")


def flat(*valences):
    """Valence as given, arousal and dominance in the middle."""
    return [[valence, 0.5, 0.5] for valence in valences]


def judged(conversations, **options):
    return EmotionalConsistency(Told(conversations), Alerts(), **options).judge(1, conversations)


def test_steps_are_from_a_speakers_turn_to_their_next():
    vad = np.array([[0.0, 0.0, 0.0], [0.9, 0.9, 0.9], [0.3, 0.4, 0.0], [0.9, 0.9, NAN]])
    moved = steps(vad, np.array([USER, ASSISTANT, USER, ASSISTANT]))
    assert moved[USER].tolist() == pytest.approx([0.5]) and np.isnan(moved[ASSISTANT]).all()


def test_the_limit_is_the_quantile_of_labelled_steps_and_needs_enough_of_them():
    roles = np.full(201, USER)
    walk = np.zeros((201, 3))
    walk[:, 0] = np.cumsum([0, *np.tile([0.01, -0.01], 95), *np.tile([0.2, -0.2], 5)])
    assert step_limits([(walk, roles)], quantile=0.99)[USER] == pytest.approx(0.2)
    assert step_limits([(walk, roles)], quantile=0.9)[USER] == pytest.approx(0.01)
    assert step_limits([(walk[:50], roles[:50])], quantile=0.99) == {}


def test_labelled_states_come_apart_by_packed_conversation():
    example = {
        "vad": [flat(0.1)[0], None, flat(0.3)[0]],
        "turn_roles": [USER, ASSISTANT, USER],
        "turn_mask": [1, 1, 2],
    }
    parts = list(labelled_states([example, {"vad": None, "turn_roles": [USER], "turn_mask": [1]}]))
    assert [part[1].tolist() for part in parts] == [[USER, ASSISTANT], [USER]]
    assert np.isnan(parts[0][0][1]).all() and parts[1][0][0, 0] == pytest.approx(0.3)


def test_plausibility_is_the_share_of_steps_within_the_limit_of_the_role():
    talk = read("a", "uauau", {"vad": flat(0.2, 0.9, 0.3, 0.1, 0.8)})
    numbers = judged([talk], limits={USER: 0.3})
    assert numbers["plausibility_user"] == pytest.approx(0.5)  # 0.1 is within, 0.5 is not
    assert "plausibility_assistant" not in numbers


def test_movement_compares_read_steps_with_labelled_ones():
    labels = {"vad": [*flat(0.2), [NAN] * 3, *flat(0.6), [NAN] * 3, [NAN] * 3]}
    talk = read("a", "uauau", {"vad": flat(0.4, 0.1, 0.5, 0.9, 0.9)}, labels)
    assert judged([talk])["movement"] == pytest.approx(0.1 / 0.4, rel=1e-3)


def test_the_state_of_each_speaker_is_kept_turn_by_turn():
    watch = EmotionalConsistency(Told([]), Alerts())
    watch.judge(1, [read("a", "uau", {"vad": flat(0.2, 0.9, 0.3)})])
    assert watch.states[0][USER][:, 0] == pytest.approx([0.2, 0.3])
    assert watch.states[0][ASSISTANT][:, 0] == pytest.approx([0.9])


def test_a_break_is_a_fall_to_nothing_after_distress():
    roles = np.array([USER, ASSISTANT] * 4)
    bad = np.array([True, False, True, False, True, False, False, False])
    assert breaks(roles, np.array([0, 2, 0, 0, 0, 0, 0, 0]), bad) == {3: True}  # then it is down already
    assert breaks(roles, np.array([0, 2, 0, 1, 0, 3, 0, 0]), bad) == {3: False, 5: False}  # the last is no distress
    assert breaks(roles, np.array([0, NAN, 0, 0, 0, 0, 0, 0]), bad) == {}


def replies(*levels, people=(2, 1)):
    """Two distressed user turns, each with a reply whose level of explorations is read and labelled."""
    steps = {0: [0.0, 0.0], 1: [1.0, 0.0], 2: [1.0, 1.0]}
    said = [steps[0], steps[levels[0]], steps[0], steps[levels[1]]]
    none = [-100, 0, -100, 0]
    return read(
        "a", "uaua",
        {"distress": [[0.9], [0.1], [0.8], [0.1]], "explorations": said},
        {"distress": [[0.9], [NAN], [0.8], [NAN]], "explorations": [-100, people[0], -100, people[1]],
         "emotional_reactions": none, "interpretations": none},
    )  # fmt: skip


def test_break_rates_read_labelled_and_false():
    numbers = judged([replies(2, 0), replies(1, 2), replies(2, 0, people=(1, 0))])
    assert numbers["break_rate"] == pytest.approx(2 / 3)
    assert numbers["break_rate_labelled"] == pytest.approx(1 / 3)
    assert numbers["false_break_rate"] == pytest.approx(1 / 2)  # of the two that people saw no break in


def test_rising_false_breaks_are_alerted_once():
    shown = {1: [replies(2, 1)] * 10, 2: [replies(2, 0)] * 10, 3: [replies(2, 0)] * 10}
    watch = EmotionalConsistency(Told(shown.get), Alerts())
    for step in (1, 2, 3):
        watch.look(step)
    (alert,) = watch.alerts.sent
    assert alert.kind == "empathy_breaks" and alert.step == 2
    assert alert.values == {"lost": 10, "won": 0, "false_break_rate": 1.0}
    assert through_json(watch, EmotionalConsistency(Told([]), Alerts())).items.best_step == 1


def test_a_head_that_reads_no_empathy_at_first_sets_no_yardstick():
    shown = {1: [replies(0, 0)] * 10, 2: [replies(2, 1)] * 10}
    watch = EmotionalConsistency(Told(shown.get), Alerts())
    watch.look(1)
    watch.look(2)
    assert not watch.alerts.sent and watch.items.best_step == 2


def test_what_no_head_reads_and_nobody_labelled_is_left_out():
    assert judged([]) == {} and judged([read("x", "ua", {"genuine": [[0.2], [0.2]]})]) == {}
