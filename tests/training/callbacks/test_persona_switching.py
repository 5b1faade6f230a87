import numpy as np
import pytest

from pixel.data.schema import ROLES
from pixel.models.labels import PERSONA_MODES
from pixel.monitoring.alerts import Alerts
from pixel.training.callbacks.persona_switching import PersonaSwitching
from pixel.training.probe_set import ReadConversation
from tests.training.callbacks.probes import Told, logit, through_json

NAN = float("nan")
THERAPY, ASSISTANT, HYBRID = range(3)


def sure(*modes, certainty=0.98):
    rest = (1 - certainty) / 2
    return [[certainty if mode == own else rest for own in range(3)] for mode in modes]


def talk(modes, switch=None, labelled=None, marked=None, fit=None, name="a"):
    """Turns of user and assistant in turn; probabilities of the modes, of a switch, and what people said."""
    roles = np.array([ROLES.index("user"), ROLES.index("assistant")] * len(modes))[: len(modes)]
    logits = {"persona_mode": np.log(np.array(modes))}
    if switch is not None:
        logits["persona_switch"] = logit(switch)[:, None]
    if fit is not None:
        logits["appropriateness"] = logit(fit)[:, None]
    labels = {}
    if labelled is not None:
        labels["persona_mode"] = np.array(labelled)
    if marked is not None:
        labels["persona_switch"] = np.array(marked)[:, None]
    return ReadConversation(name, "made", roles, logits, labels)


def judged(*conversations):
    return PersonaSwitching(Told(conversations), Alerts()).judge(1, list(conversations))


LABELLED = [ASSISTANT, ASSISTANT, THERAPY, THERAPY, THERAPY, THERAPY]
MARKED = [0.0, NAN, 1.0, NAN, 0.0, NAN]


def test_the_mode_on_the_switch_turn_itself_is_what_counts():
    right = talk(sure(ASSISTANT, ASSISTANT, THERAPY, THERAPY, ASSISTANT, THERAPY), None, LABELLED, MARKED)
    late = talk(sure(ASSISTANT, ASSISTANT, ASSISTANT, THERAPY, THERAPY, THERAPY), None, LABELLED, MARKED)
    assert judged(right)["mode_accuracy"] == 1.0 and judged(late)["mode_accuracy"] == 0.0
    assert judged(right, late)["mode_accuracy"] == 0.5


def test_switch_f1_counts_turns_that_people_marked_either_way():
    read = [0.1, 0.9, 0.9, 0.9, 0.8, 0.9]  # the assistant's turns, read as switches, were not marked
    numbers = judged(talk(sure(*LABELLED), read, LABELLED, MARKED))
    assert numbers["switch_f1"] == pytest.approx(2 / 3)  # one found, one false alarm, none missed


def test_a_sure_switch_head_moves_the_state_at_once():
    numbers = judged(talk(sure(*LABELLED), [0, 0, 0.95, 0, 0, 0], LABELLED, MARKED))
    assert (numbers["delay"], numbers["missed"]) == (0.0, 0.0)


def test_hysteresis_delays_a_hesitant_switch_by_a_turn():
    half = [[0.55, 0.4, 0.05]]  # therapy leads by less than the average's margin allows at first
    modes = sure(ASSISTANT, ASSISTANT) + half + half + sure(THERAPY, THERAPY)
    numbers = judged(talk(modes, [0.0] * 6, LABELLED, MARKED))
    assert (numbers["delay"], numbers["missed"]) == (1.0, 0.0)


def test_a_switch_that_is_never_followed_is_missed_and_has_no_delay():
    numbers = judged(talk(sure(*[ASSISTANT] * 6), [0.0] * 6, LABELLED, MARKED))
    assert numbers["missed"] == 1.0 and "delay" not in numbers and numbers["consistency"] == 1.0


def test_a_switch_on_the_first_turn_leaves_nothing():
    assert "missed" not in judged(talk(sure(THERAPY, THERAPY), None, [THERAPY, THERAPY], [1.0, NAN]))


def test_smoothness_is_one_for_a_clean_jump_and_falls_with_the_way_back():
    clean = sure(ASSISTANT, ASSISTANT, THERAPY, THERAPY, THERAPY, THERAPY, certainty=1 - 1e-9)
    back = sure(ASSISTANT, ASSISTANT, THERAPY, ASSISTANT, THERAPY, THERAPY, certainty=1 - 1e-9)
    half = [*clean[:3], [0.5, 0.5, 1e-9], *clean[4:]]
    smoothness = [judged(talk(modes, None, LABELLED, MARKED))["smoothness"] for modes in (clean, back, half)]
    assert smoothness == pytest.approx([1.0, 0.0, 0.5], abs=1e-6)


def test_consistency_is_about_turns_that_people_marked_as_no_switch():
    flicker = sure(ASSISTANT, ASSISTANT, THERAPY, THERAPY, HYBRID, HYBRID, HYBRID)
    numbers = judged(talk(flicker, [0, 0, 0.9, 0, 0.9, 0, 0], [*LABELLED, -100], [*MARKED, 0.0]))
    assert numbers["consistency"] == pytest.approx(1 / 2)  # into hybrid without a mark, and then it holds


def test_appropriateness_is_read_on_replies_by_their_mode():
    labelled = [ASSISTANT, ASSISTANT, THERAPY, -100, THERAPY, HYBRID]
    numbers = judged(talk(sure(*LABELLED), [0, 0, 0.95, 0, 0, 0], labelled, MARKED, [0.1, 0.9, 0.1, 0.6, 0.1, 0.3]))
    fitting = {mode: numbers[f"appropriateness_{mode}"] for mode in PERSONA_MODES}
    assert fitting == pytest.approx({"assistant": 0.9, "therapy": 0.6, "hybrid": 0.3})


def test_losing_the_mode_at_switches_is_alerted_once():
    good = [talk(sure(*LABELLED), None, LABELLED, MARKED, name=str(n)) for n in range(8)]
    bad = [talk(sure(*[ASSISTANT] * 6), None, LABELLED, MARKED, name=str(n)) for n in range(8)]
    watch = PersonaSwitching(Told(lambda step: good if step == 1 else bad), Alerts())
    for step in (1, 2, 3):
        watch.look(step)
    (alert,) = watch.alerts.sent
    assert alert.kind == "persona_switching_regression" and alert.step == 2
    assert alert.values == {"lost": 8, "won": 0, "mode_accuracy": 0.0}
    assert through_json(watch, PersonaSwitching(Told([]), Alerts())).items.worse


def test_without_modes_or_labels_nothing_is_claimed():
    bare = ReadConversation("x", "made", np.array([1, 2]), {}, {})
    assert judged(bare) == {} and judged() == {}
    assert set(judged(talk(sure(ASSISTANT, ASSISTANT), [0, 0]))) == set()
