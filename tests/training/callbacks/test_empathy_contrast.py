import numpy as np
import pytest
from scipy.stats import spearmanr

from pixel.monitoring.alerts import Alerts
from pixel.training.callbacks.empathy_contrast import EmpathyContrast
from tests.training.callbacks.probes import Told, read, through_json

NAN = float("nan")
ZERO, ONE, TWO = [0.0, 0.0], [1.0, 0.0], [1.0, 1.0]


def rated(said, people, name="r"):
    """A conversation of one user turn and one reply, whose genuineness is read and rated."""
    return read(name, "ua", {"genuine": [[0.5], [said]]}, {"genuine": [[NAN], [people]]})


def answered(name, need, level):
    """A user turn that sounds as bad as `need`, and a reply of this level of emotional reactions."""
    steps = [[0.0, 0.0], [min(level, 1.0), max(level - 1.0, 0.0)]]
    said = {"distress": [[need], [0.0]], "emotional_reactions": steps, "interpretations": [ZERO, ONE]}
    return read(name, "ua", said)


def judged(conversations, **options):
    return EmpathyContrast(Told(conversations), Alerts(), **options).judge(1, conversations)


def test_genuine_and_simulated_are_told_apart_by_order_and_mean():
    numbers = judged([rated(0.9, 1.0), rated(0.6, 0.5), rated(0.7, 0.2), rated(0.1, 0.0)])
    assert numbers["auc"] == pytest.approx(3 / 4)  # of four pairs, 0.6 below 0.7 is wrong
    assert numbers["authenticity"] == pytest.approx(0.75) and numbers["authenticity_simulated"] == pytest.approx(0.4)


def test_depth_is_the_expected_level_of_reactions_plus_interpretations_on_replies():
    numbers = judged([answered("a", 0.5, 0.5), answered("b", 0.5, 2.0)])
    assert numbers["depth"] == pytest.approx((0.5 + 1 + 2 + 1) / 2, abs=1e-4)


def test_contextual_fit_is_one_where_the_worse_off_get_the_deeper_replies():
    fitting = [answered(str(n), need, level) for n, (need, level) in enumerate([(0.1, 0.2), (0.5, 1.0), (0.9, 1.7)])]
    against = [answered(str(n), need, level) for n, (need, level) in enumerate([(0.9, 0.2), (0.5, 1.0), (0.1, 1.7)])]
    assert judged(fitting)["contextual_fit"] == pytest.approx(1.0)
    assert judged(against)["contextual_fit"] == pytest.approx(-1.0)


def test_without_a_distress_head_need_is_read_from_valence():
    levels = [(0.9, 0.2), (0.5, 1.0), (0.1, 1.7)]  # valence high, middling, low
    turns = [
        read(
            str(n), "ua",
            {"vad": [[v, 0.5, 0.5]] * 2, "emotional_reactions": [ZERO, [min(d, 1), max(d - 1, 0)]],
             "interpretations": [ZERO, ZERO]},
        )
        for n, (v, d) in enumerate(levels)
    ]  # fmt: skip
    assert judged(turns)["contextual_fit"] == pytest.approx(1.0)


def test_what_nobody_rated_or_no_head_reads_is_left_out():
    assert judged([]) == {} and judged([read("x", "ua", {"distress": [[0.2], [0.2]]})]) == {}


def test_pairs_are_judged_context_by_context():
    def side(name, said):
        return read(name, "ua", {"genuine": [[0.0], [said]]})

    pairs = Told([
        side("a#1:genuine", 0.3), side("a#1:simulated", 0.2),
        side("b#1:genuine", 0.9), side("b#1:simulated", 0.8),
        side("c#1:genuine", 0.1), side("c#1:simulated", 0.7),
        side("d#1:genuine", 0.5),
    ])  # fmt: skip
    numbers = judged([], pairs=pairs)
    assert numbers["pair_accuracy"] == pytest.approx(2 / 3)
    assert numbers["pair_auc"] == pytest.approx(4 / 9)  # 0.3 beats one, 0.9 beats three, 0.1 beats none


def test_a_gap_between_groups_is_measured_beside_its_chance():
    people = [rated(0.9, 1.0, f"a{n}") for n in range(20)] + [rated(0.3, 1.0, f"b{n}") for n in range(20)]
    groups = {one.row_id: one.row_id[0] for one in people}
    watch = EmpathyContrast(Told(people), Alerts(), groups=groups)
    numbers = watch.judge(1, people)
    assert numbers["gap_authenticity"] == pytest.approx(0.6) and numbers["chance_authenticity"] < 0.15
    watch.judge(2, people)
    assert [alert.kind for alert in watch.alerts.sent] == ["cultural_gap"]  # once


def test_groups_that_differ_by_chance_only_raise_no_alert():
    draw = np.random.default_rng(0)
    people = [rated(value, 1.0, str(n)) for n, value in enumerate(draw.uniform(0.2, 0.8, 40))]
    watch = EmpathyContrast(Told(people), Alerts(), groups={one.row_id: str(int(one.row_id) % 2) for one in people})
    numbers = watch.judge(1, people)
    assert numbers["gap_authenticity"] < 3 * numbers["chance_authenticity"] and not watch.alerts.sent


def test_losing_the_contrast_is_alerted_once_without_any_text():
    apart = [rated(0.9, 1.0, f"g{n}") for n in range(8)] + [rated(0.1, 0.0, f"s{n}") for n in range(8)]
    mixed = [rated(0.5, float(n < 8), f"{'gs'[n >= 8]}{n % 8}") for n in range(16)]
    watch = EmpathyContrast(Told(lambda step: apart if step == 1 else mixed), Alerts())
    for step in (1, 2, 3):
        watch.look(step)
    (alert,) = watch.alerts.sent
    assert alert.kind == "empathy_contrast_lost" and alert.step == 2 and alert.values == {"lost": 16, "won": 0}
    assert through_json(watch, EmpathyContrast(Told([]), Alerts())).history == watch.history


def test_contextual_fit_is_spearmans_correlation_with_ties():
    needs, levels = [0.1, 0.1, 0.5, 0.9, 0.7], [0.4, 0.2, 1.0, 0.7, 0.7]
    turns = [answered(str(n), need, level) for n, (need, level) in enumerate(zip(needs, levels, strict=True))]
    assert judged(turns)["contextual_fit"] == pytest.approx(spearmanr(needs, levels).statistic)
