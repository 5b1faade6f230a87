"""Every detector on streams whose right answer is known beforehand."""

import json
import math

import numpy as np
import pytest
from scipy.stats import norm

from pixel.monitoring.anomalies import (
    DETECTORS,
    GradientExplosion,
    LabelNoise,
    LearningRateJump,
    LossSpike,
    NotFinite,
    ObjectiveCollapse,
    Plateau,
    build_detectors,
)

OBJECTIVES = {"eq": ["emotion", "vad"], "clinical": ["risk"], "persona": ["persona_mode"], "language": ["language"]}


def heard(detector, entries) -> list:
    return [alert for step, entry in enumerate(entries, 1) for alert in detector.update(step, entry)]


def clean_log(length: int = 300, seed: int = 0) -> list[dict]:
    """Losses that fall and scatter with heavy tails, components missing now and then, a warm-up and a decay."""
    random = np.random.default_rng(seed)
    entries = []
    for step in range(1, length + 1):
        scatter = np.exp(0.2 * random.standard_t(8, size=6))
        level = 1.0 + 2.0 * math.exp(-step / 60)
        rate = 1e-3 * min(step / 20, 1 - step / (length + 1))
        entry = {"loss": level * 4 * scatter[0], "grad_norm": 2.0 * scatter[1] ** 2, "learning_rate": rate}
        names = [name for components in OBJECTIVES.values() for name in components]
        for name, factor in zip(names, np.exp(0.5 * random.standard_t(4, size=5)), strict=True):
            if name == "language" or random.random() < 0.8:
                entry[f"loss_{name}"] = level * factor
        for name, components in OBJECTIVES.items():
            has_labels = any(f"loss_{c}" in entry for c in components)
            entry[f"balance_gradient_norm/{name}"] = 0.01 * scatter[2] if has_labels else 0.0
        entries.append({key: float(value) for key, value in entry.items()})
    return entries


@pytest.mark.parametrize("name", DETECTORS)
def test_clean_runs_give_no_alert(name):
    for seed in range(10):
        assert heard(build_detectors(OBJECTIVES)[name], clean_log(seed=seed)) == [], seed


@pytest.mark.parametrize("name", DETECTORS)
def test_a_resumed_detector_says_what_an_unbroken_one_says(name):
    entries = clean_log(200)
    for number, entry in enumerate(entries[120:], 120):
        entry["loss"] *= 30
        entry["grad_norm"] = math.nan if number > 150 else entry["grad_norm"] * 1000
        entry["learning_rate"] *= 100
        entry["balance_gradient_norm/eq"] = 0.0
        entry["loss_risk"] = 9.0 + number / 1000
    whole = build_detectors(OBJECTIVES)[name]
    expected = heard(whole, entries)
    first, second = build_detectors(OBJECTIVES)[name], build_detectors(OBJECTIVES)[name]
    got = heard(first, entries[:123])
    second.load_state_dict(json.loads(json.dumps(first.state_dict())))
    got += [alert for step, entry in enumerate(entries[123:], 124) for alert in second.update(step, entry)]
    assert got == expected
    assert expected or name == "plateau"


# ── one by one ──


def test_a_spike_is_told_once_and_again_after_a_calm():
    spike = LossSpike(warm=10)
    quiet = [{"loss": 2.0 + 0.01 * (step % 3)} for step in range(20)]
    alerts = heard(spike, [*quiet, {"loss": 9.0}, {"loss": 9.5}, *quiet, {"loss": 9.0}])
    assert [(alert.kind, alert.step) for alert in alerts] == [("loss_spike", 21), ("loss_spike", 43)]
    assert "4.5 times" in alerts[0].message


def test_a_noisy_loss_may_double_where_a_steady_one_may_not():
    noisy = [{"loss": loss} for loss in [1.0, 2.0, 4.0] * 10]
    assert heard(LossSpike(), [*noisy, {"loss": 5.0}]) == []
    assert len(heard(LossSpike(), [*[{"loss": 2.0}] * 30, {"loss": 5.0}])) == 1


def test_what_is_not_finite_is_named_component_first():
    entry = {"loss": math.inf, "loss_risk": math.nan, "loss_vad": 1.0, "grad_norm": math.nan, "epoch": math.nan}
    (alert,) = heard(NotFinite(), [{"loss": 1.0}, entry, entry])
    assert alert.message.startswith("loss_risk, grad_norm, loss are not finite")
    assert (alert.severity, alert.step) == ("error", 2)


def test_a_gradient_beyond_all_it_was_is_an_explosion_and_a_usual_outlier_is_not():
    usual = [{"grad_norm": 50.0 if step % 10 == 0 else 1.0} for step in range(40)]
    assert heard(GradientExplosion(), [*usual, {"grad_norm": 60.0}]) == []
    (alert,) = heard(GradientExplosion(), [*usual, {"grad_norm": 300.0}])
    assert (alert.kind, alert.severity, alert.step) == ("gradient_explosion", "error", 41)


def test_a_loss_that_falls_is_no_plateau_until_it_stops():
    random = np.random.default_rng(0)
    falling = [{"loss": 5.0 - 0.01 * step + 0.05 * random.normal()} for step in range(300)]
    still = [{"loss": 2.0 + 0.05 * random.normal()} for _ in range(300)]
    alerts = heard(Plateau(), falling + still)
    assert [alert.kind for alert in alerts] == ["plateau"]
    assert 480 <= alerts[0].step <= 500  # both windows of 100 lie on the flat part


def test_noise_that_hides_progress_is_not_called_a_plateau():
    random = np.random.default_rng(1)
    assert heard(Plateau(), [{"loss": 3.0 + random.normal()} for _ in range(200)]) == []


def test_a_rate_above_the_schedules_peak_is_told_at_once():
    rates = LearningRateJump(peaks={"learning_rate": 1e-3, "applied_learning_rate/1": 1e-2})
    fine = [{"learning_rate": 1e-3, "applied_learning_rate/1": 1e-2}] * 3
    (alert,) = heard(rates, [*fine, {"learning_rate": 1e-3, "applied_learning_rate/1": 1.0}])
    assert "applied_learning_rate/1 is 1, 100.0 times" in alert.message


def test_without_a_peak_a_warm_up_and_a_decay_are_no_jump():
    rates = [0.0, *[1e-5 * step for step in range(1, 50)], *[4e-4 * 0.9**step for step in range(50)]]
    assert heard(LearningRateJump(), [{"learning_rate": rate} for rate in rates]) == []
    assert len(heard(LearningRateJump(), [{"learning_rate": rate} for rate in [*rates, 4e-2]])) == 1


# ── dead objectives ──


def alive(**change) -> dict:
    entry = {"loss": 1.0, "loss_risk": 0.5, "loss_emotion": 0.3}
    return entry | {"balance_gradient_norm/clinical": 0.02, "balance_gradient_norm/eq": 0.01} | change


def varied(count: int, **change) -> list[dict]:
    moving = ({"loss_risk": 0.5 + step / 997, "loss_emotion": 0.3 + step / 991} for step in range(count))
    return [alive(**losses | change) for losses in moving]


def test_an_objective_with_labels_and_without_gradient_is_dead():
    dead = varied(10, **{"balance_gradient_norm/clinical": 0.0})
    (alert,) = heard(ObjectiveCollapse(OBJECTIVES), varied(40) + dead)
    assert alert.message.startswith("clinical is dead") and alert.severity == "error"
    q = 1 / 42  # no miss in 40 logs
    assert alert.step == 40 + max(3, math.ceil(math.log(1e-7, q)))


def test_a_gradient_a_thousand_times_smaller_than_before_counts_as_none():
    faint = varied(10, **{"balance_gradient_norm/clinical": 1e-5})
    assert [alert.kind for alert in heard(ObjectiveCollapse(OBJECTIVES), varied(40) + faint)] == ["objective_collapse"]
    smaller = varied(10, **{"balance_gradient_norm/clinical": 1e-3})
    assert heard(ObjectiveCollapse(OBJECTIVES), varied(40) + smaller) == []


def test_a_weight_of_zero_that_a_schedule_gave_is_not_a_death():
    off = varied(40, **{"balance_gradient_norm/clinical": 0.0, "loss_weight/clinical": 0.0})
    assert heard(ObjectiveCollapse(OBJECTIVES), varied(40) + off) == []
    low = varied(40, **{"balance_gradient_norm/clinical": 0.02e-4, "loss_weight/clinical": 1e-4})
    assert heard(ObjectiveCollapse(OBJECTIVES), varied(40) + low) == []


def test_a_rare_objective_may_miss_more_often_in_a_row():
    random = np.random.default_rng(0)
    rare = varied(400)
    for entry in rare:
        if random.random() < 0.7:
            entry["balance_gradient_norm/clinical"] = 0.0
    assert heard(ObjectiveCollapse(OBJECTIVES), rare) == []
    dead = varied(60, **{"balance_gradient_norm/clinical": 0.0})
    (alert,) = heard(ObjectiveCollapse(OBJECTIVES), rare + dead)
    assert alert.step > 420  # 0.7 ** 20 is still 1 in 1250


def test_an_objective_that_never_had_a_gradient_is_told_after_twenty_logs():
    alerts = heard(ObjectiveCollapse(OBJECTIVES), varied(30, **{"balance_gradient_norm/clinical": 0.0}))
    assert [alert.step for alert in alerts] == [20]


def test_labels_that_vanish_are_told():
    gone = [{key: value for key, value in entry.items() if "emotion" not in key} for entry in varied(20)]
    (alert,) = heard(ObjectiveCollapse(OBJECTIVES), varied(40) + gone)
    assert alert.message.startswith("eq has had no label for 5 logs")


def test_a_loss_that_never_changes_is_told_unless_it_is_learned_by_heart():
    stuck = [alive(loss_emotion=0.3 + step / 991, loss_risk=0.25) for step in range(10)]
    (alert,) = heard(ObjectiveCollapse(OBJECTIVES), stuck)
    assert "loss_risk has been exactly 0.25 for 6 logs" in alert.message
    by_heart = [alive(loss_risk=0.5 + step / 997, loss_emotion=0.0, loss_vad=0.1 + step) for step in range(30)]
    assert heard(ObjectiveCollapse(OBJECTIVES), by_heart) == []
    nothing = [alive(loss_risk=0.0, loss_emotion=0.3 + step / 991) for step in range(30)]
    assert len(heard(ObjectiveCollapse(OBJECTIVES), nothing)) == 1


# ── a level that rises ──


def levels(count: int, seed: int, **level: float) -> list[dict]:
    random = np.random.default_rng(seed)
    base = {"emotion": 1.0, "risk": 1.0, "persona_mode": 1.0, "language": 1.0} | level
    return [{f"loss_{k}": v * math.exp(0.2 * random.normal()) for k, v in base.items()} for _ in range(count)]


def test_the_delay_of_a_full_shift_is_that_of_the_scores_added_up():
    score = norm.ppf(40.5 / 41)  # above all 40 reference values
    needed = math.floor(8.0 / (score - 0.75)) + 1
    (alert,) = heard(LabelNoise(OBJECTIVES), levels(100, 0) + levels(30, 1, risk=5.0))
    assert (alert.kind, alert.values["now"] > 3) == ("label_noise", True)
    assert 100 + needed - 1 <= alert.step <= 100 + needed  # the sum may have been above 0 when it began
    assert "loss_risk of clinical" in alert.message


def test_a_shift_of_everything_is_not_blamed_on_labels():
    all_up = levels(30, 1, emotion=5.0, risk=5.0, persona_mode=5.0, language=5.0)
    alerts = heard(LabelNoise(OBJECTIVES), levels(100, 0) + all_up)
    assert [alert.kind for alert in alerts] == ["loss_shift"]


def test_what_a_loss_is_multiplied_by_is_no_loss():
    phases = [entry | {"loss_weight_phase": float(step // 60)} for step, entry in enumerate(levels(120, 0))]
    assert heard(LabelNoise(OBJECTIVES), phases) == []


def test_one_outlier_however_large_is_no_shift():
    assert heard(LabelNoise(OBJECTIVES), levels(100, 0) + [{"loss_risk": 1e9}] + levels(50, 1)) == []


def test_a_rise_far_below_where_the_component_began_does_not_matter():
    learned = levels(40, 0) + levels(60, 1, risk=1e-4) + levels(40, 2, risk=1e-2)
    assert heard(LabelNoise(OBJECTIVES), learned) == []


# ── building them ──


def test_an_unknown_detector_or_option_is_named():
    with pytest.raises(ValueError, match="no detector is called 'spike'"):
        build_detectors(options={"spike": False})
    with pytest.raises(ValueError, match="loss_spike: .*'sigma'"):
        build_detectors(options={"loss_spike": {"sigma": 3}})
