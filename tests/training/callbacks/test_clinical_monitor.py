"""The clinical monitor: figures that labels define, violations that read-outs show, alerts when either turns worse."""

import json

import numpy as np
import pytest
from sklearn.metrics import cohen_kappa_score, roc_auc_score

from pixel.models.labels_clinical import DSM_CATEGORIES, INTERVENTIONS, SAFETY_CONCERNS
from pixel.monitoring.alerts import Alerts
from pixel.training.arguments import SettingError
from pixel.training.callbacks.clinical_monitor import ClinicalMonitor
from pixel.training.clinical_figures import accuracy_questions, reply_questions, skill
from tests.training.callbacks.probes import Told, read, severity, through_json

NAN = float("nan")
SAFE = [0.01] * len(SAFETY_CONCERNS)
UNSAFE = [0.9, *SAFE[1:]]


def exchange(row_id, *, risk=0, concern=False, fit=0.9, source="made"):
    """A user's turn and its reply, without labels."""
    said = {
        "risk": [severity(risk), severity(0)],
        "safety": [SAFE, UNSAFE if concern else SAFE],
        "appropriateness": [[0.5], [fit]],
    }
    return read(row_id, "ua", said, source=source)


def risky(wrong: int, count: int = 40):
    """One labelled post each, half of them severe, the first `wrong` read the wrong way round."""
    made = []
    for number in range(count):
        level = 5 if number % 2 else 0
        said = level if number >= wrong else 5 - level
        made.append(read(str(number), "u", {"risk": [severity(said)]}, {"risk": [level]}))
    return made


def monitor(shown, **options):
    alerts = Alerts()
    return ClinicalMonitor(Told(shown), alerts, 1, **({"window": 1, "resamples": 20} | options)), alerts


def figures(conversations) -> dict:
    asked = accuracy_questions(conversations)
    return {name: question.at(np.arange(len(question.rows))).value for name, (question, _) in asked.items()}


# ── accuracy ──


def test_risk_figures_are_those_of_scikit_learn():
    rng = np.random.default_rng(0)
    levels, said = rng.integers(0, 7, 60), rng.integers(0, 7, 60)
    made = [
        read(str(n), "uu", {"risk": [severity(s), severity(0)]}, {"risk": [int(t), -100]})
        for n, (t, s) in enumerate(zip(levels, said, strict=True))
    ]
    kappa = cohen_kappa_score(levels, said, weights="quadratic", labels=range(7))
    expected = {"risk_quadratic_kappa": kappa, "risk_auc_at_least_4": roc_auc_score(levels >= 4, said >= 4)}
    assert figures(made) == pytest.approx(expected)


def test_precision_at_1_is_the_share_of_turns_whose_likeliest_category_is_there():
    def post(row_id, top, present):
        said, label = [0.1] * len(DSM_CATEGORIES), [0.0] * len(DSM_CATEGORIES)
        said[top], label[present] = 0.4, 1.0
        return read(row_id, "u", {"dsm": [said]}, {"dsm": [label]})

    made = [post("a", 3, 3), post("b", 3, 4), post("c", 5, 5), post("d", 6, 6)]
    assert figures(made)["dsm_precision_at_1"] == 0.75
    assert figures(made)["dsm_macro_f1"] is None  # no category has five positives


def test_a_turn_whose_absent_categories_nobody_judged_says_nothing_about_precision():
    label = [NAN] * len(DSM_CATEGORIES)
    label[0] = 1.0
    made = [read(str(n), "u", {"dsm": [[0.5] * len(DSM_CATEGORIES)]}, {"dsm": [label]}) for n in range(6)]
    assert figures(made)["dsm_precision_at_1"] is None


def test_interventions_by_macro_f1_and_appropriateness_by_correlation():
    def reply(number):
        label, said = [0.0] * len(INTERVENTIONS), [0.1] * len(INTERVENTIONS)
        label[0], said[0] = float(number < 8), 0.9 if number < 6 else 0.1
        labels = {"intervention": [label], "appropriateness": [[number / 10]]}
        return read(str(number), "a", {"intervention": [said], "appropriateness": [[0.2 + number / 20]]}, labels)

    got = figures([reply(number) for number in range(10)])
    assert got["intervention_macro_f1"] == pytest.approx(12 / 14)  # 6 found, 2 missed; the other 19 have no positive
    assert got["appropriateness_pearson"] == pytest.approx(1.0)


def test_yes_or_no_appropriateness_is_asked_by_auc_and_skill_puts_chance_at_zero():
    made = [
        read(str(n), "a", {"appropriateness": [[0.1 + 0.1 * n]]}, {"appropriateness": [[float(n > 3)]]})
        for n in range(8)
    ]
    assert figures(made) == {"appropriateness_auc": 1.0}
    assert (skill("appropriateness_auc", 0.5), skill("risk_quadratic_kappa", 0.5)) == (0.0, 0.5)


def test_what_labels_do_not_define_is_left_out_and_never_zero():
    watch, _ = monitor([read("a", "u", {"risk": [severity(0)]}, {"risk": [0]})])
    numbers = watch.judge(1, watch.probe.at(1))
    assert numbers == {}
    assert "risk_auc_at_least_4" in watch.report()["not_defined"]


def test_accuracy_is_the_mean_of_the_skills():
    watch, _ = monitor(risky(4))
    numbers = watch.judge(1, watch.probe.at(1))
    expected = (numbers["risk_quadratic_kappa"] + 2 * numbers["risk_auc_at_least_4"] - 1) / 2
    assert numbers["accuracy"] == pytest.approx(expected)
    assert watch.report()["accuracy_of"] == ["risk_auc_at_least_4", "risk_quadratic_kappa"]


# ── violations ──


def rates(conversations, **options):
    asked, counts = reply_questions(conversations, **options)
    return {name: question.at(np.arange(len(question.rows))).value for name, (question, _) in asked.items()}, counts


def test_a_concern_counts_anywhere_and_a_low_reply_only_after_severe_risk():
    made = [
        exchange("calm"),
        exchange("low reply to small talk", fit=0.1),
        exchange("concern", concern=True),
        exchange("low reply to a crisis", risk=4, fit=0.1),
        exchange("good reply to a crisis", risk=6),
    ]
    got, counts = rates(made)
    assert got["violation_rate"] == pytest.approx(2 / 5)
    assert got["after_risk_violation_rate"] == pytest.approx(1 / 2)
    assert got["appropriateness_mean"] == pytest.approx((0.9 * 3 + 0.1 * 2) / 5)
    assert counts == {
        "assistant_turns": 5, "after_severe_risk": 2, "violations": 2, "inappropriate_after_risk": 1,
        "crisis_missed": 1,
    }  # fmt: skip


def test_severity_three_is_not_yet_severe_and_the_last_user_turn_decides():
    assert rates([exchange("a", risk=3, fit=0.1)])[0]["violation_rate"] == 0.0
    said = {
        "risk": [severity(6), severity(0), severity(0), severity(0)],
        "appropriateness": [[0.5], [0.9], [0.5], [0.1]],
    }
    assert rates([read("b", "uaua", said)])[0]["violation_rate"] == 0.0


def test_cuts_and_offsets_move_the_operating_point():
    made = [exchange("a", concern=True)]
    assert rates(made, safety_cuts={SAFETY_CONCERNS[0]: 0.95})[0]["violation_rate"] == 0.0
    offsets = {"safety": [-5.0] * len(SAFETY_CONCERNS)}
    assert rates(made, offsets=offsets)[0]["violation_rate"] == 0.0


def test_untrained_heads_claim_nothing():
    made = [exchange("a", concern=True, risk=6, fit=0.1)]
    assert rates(made, fields=["emotion"])[0] == {}
    assert set(rates(made, fields=["appropriateness"])[0]) == {"appropriateness_mean"}
    assert rates([])[0] == {}


# ── alerts and memory ──


def test_a_regression_beyond_the_interval_is_told_once():
    watch, alerts = monitor(lambda step: risky(0 if step < 3 else 16))
    for step in range(1, 6):
        watch.look(step)
    kinds = [(alert.kind, alert.step) for alert in alerts.sent]
    assert set(kinds) == {("clinical_regression", 3)}
    assert any(alert.message.startswith("accuracy") for alert in alerts.sent)


def test_a_wobble_inside_the_interval_is_not_told():
    watch, alerts = monitor(lambda step: risky(6 + step % 2))
    for step in range(1, 8):
        watch.look(step)
    assert alerts.sent == []


def test_more_violations_are_told():
    def shown(step):
        return [exchange(str(n), concern=n < (1 if step < 3 else 15)) for n in range(30)]

    watch, alerts = monitor(shown)
    for step in range(1, 5):
        watch.look(step)
    assert [(alert.kind, alert.step) for alert in alerts.sent] == [("clinical_violations", 3)]
    assert alerts.sent[0].values["mean"] == pytest.approx(0.5)


def test_windows_of_one_conversation_are_drawn_together():
    one = [exchange("same", concern=n % 2 == 0) for n in range(20)]
    watch, _ = monitor(one)
    assert "low/violation_rate" not in watch.judge(1, one)  # one conversation has no spread
    other = [exchange("same", concern=n % 2 == 0, source=str(n)) for n in range(20)]
    assert "low/violation_rate" in watch.judge(2, other)


def test_it_goes_on_after_a_checkpoint_as_if_never_cut():
    def shown(step):
        return risky(step) + [exchange(f"x{n}", concern=n < step) for n in range(10)]

    whole, _ = monitor(shown, window=3)
    first, _ = monitor(shown, window=3)
    for step in range(1, 6):
        whole.look(step)
    for step in range(1, 3):
        first.look(step)
    second = through_json(first, monitor(shown, window=3)[0])
    for step in range(3, 6):
        second.look(step)
    assert second.history == whole.history and second.memory == whole.memory


def test_the_report_is_json():
    watch, _ = monitor(risky(3) + [exchange("x")])
    watch.look(1)
    report = json.loads(json.dumps(watch.report(), allow_nan=False))
    assert report["figures"]["risk_quadratic_kappa"]["turns"] == 40
    low, high = report["figures"]["accuracy"]["interval"]
    assert low <= report["figures"]["accuracy"]["rolling"] <= high
    assert report["replies"]["assistant_turns"] == 1


def test_a_cut_for_no_known_concern_and_a_window_of_nothing_are_refused():
    with pytest.raises(SettingError, match="safety_cuts.*crisis_missed"):
        monitor([], safety_cuts={"crisis_mised": 0.5})
    with pytest.raises(ValueError, match="window is 0"):
        monitor([], window=0)
