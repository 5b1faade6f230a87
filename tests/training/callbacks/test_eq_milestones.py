"""EQ milestones are reached when they hold, lost when they do not, and never claimed without labels."""

import json

import numpy as np
import pytest

from pixel.models.labels import EQ_DOMAINS
from pixel.monitoring.alerts import Alerts
from pixel.training.arguments import SettingError
from pixel.training.callbacks.eq_milestones import EQMilestones
from pixel.training.eq_marks import DEFAULT_MILESTONES, DOMAINS
from tests.training.callbacks.probes import Told, read, through_json

NAN = float("nan")
RATED = np.linspace(0.1, 0.9, 9)
FIRST = EQ_DOMAINS[0]
MARK = {"name": "aware", "domain": FIRST, "at_least": 0.5, "hold": 2}


def noise() -> np.ndarray:
    """As spread as `RATED` and uncorrelated with it."""
    even = (RATED - RATED.mean()) ** 2
    even -= even.mean()
    return even / even.std() * RATED.std()


def at_correlation(value: float) -> list:
    """One rated turn each, whose read-outs of the first domain correlate with the ratings at `value`."""
    centred = RATED - RATED.mean()
    said = 0.5 + 0.5 * (value * centred + np.sqrt(1 - value**2) * noise())
    return [
        read(str(number), "a", {"eq": [[p, 0.5, 0.5, 0.5, 0.5]]}, {"eq": [[rating, NAN, NAN, NAN, NAN]]})
        for number, (p, rating) in enumerate(zip(said, RATED, strict=True))
    ]


def watch(values, milestones=(MARK,), **options):
    alerts = Alerts()
    made = EQMilestones(
        Told(lambda step: at_correlation(values[step - 1])), alerts, 1, milestones=milestones, **options
    )
    return made, alerts


def looked(values, **options):
    made, alerts = watch(values, **options)
    for step in range(1, len(values) + 1):
        made.look(step)
    return made, alerts


def kinds(alerts):
    return [(alert.kind, alert.step) for alert in alerts.sent]


def test_the_correlation_is_pearsons_over_the_rated_turns():
    made, _ = looked([0.6])
    assert made.history[0][f"correlation_{FIRST}"] == pytest.approx(0.6, abs=1e-6)


def test_a_domain_that_nobody_rated_is_not_claimed():
    made, alerts = looked([0.9] * 4, milestones=DEFAULT_MILESTONES)
    assert {key for entry in made.history for key in entry if key.startswith("correlation")} == {
        f"correlation_{FIRST}"
    }
    progress = made.progress()
    assert progress["domains"][FIRST]["claimed"] and progress["domains"][FIRST]["labelled_turns"] == 9
    for domain in DOMAINS[1:]:
        assert progress["domains"][domain]["latest"] is None and not progress["domains"][domain]["claimed"]
    assert [m["state"] for m in progress["milestones"]] == ["reached"] + ["pending"] * 5
    assert made.history[0][f"level_{EQ_DOMAINS[1]}"] == pytest.approx(0.5)  # a level, shown without a claim
    assert "level_total" not in made.history[0]


def test_the_total_has_a_field_of_its_own():
    made = EQMilestones(
        Told([read(str(n), "a", {"eq_total": [[0.3 + 0.05 * n]]}, {"eq_total": [[0.1 * n]]}) for n in range(5)]),
        Alerts(),
    )
    assert made.judge(1, made.probe.at(1))["correlation_total"] == pytest.approx(1.0, abs=1e-2)


def test_a_milestone_is_reached_only_when_it_holds():
    made, alerts = looked([0.6, 0.4, 0.6, 0.4])
    assert kinds(alerts) == [] and made.progress()["milestones"][0]["state"] == "pending"
    made, alerts = looked([0.4, 0.6, 0.6])
    assert kinds(alerts) == [("eq_milestone", 3)]
    milestone = made.progress()["milestones"][0]
    assert (milestone["state"], milestone["reached_at"], milestone["lost_at"]) == ("reached", 3, None)


def test_a_milestone_is_lost_when_it_stays_below_and_may_be_reached_again():
    made, alerts = looked([0.6, 0.6, 0.48, 0.6, 0.48, 0.48, 0.6, 0.6], delta=0.5)
    assert kinds(alerts) == [("eq_milestone", 2), ("eq_milestone_lost", 6), ("eq_milestone", 8)]
    milestone = made.progress()["milestones"][0]
    assert (milestone["state"], milestone["reached_at"], milestone["lost_at"]) == ("reached", 2, 6)


def test_achievement_callbacks_are_called_once():
    called = []
    looked([0.6, 0.6, 0.3, 0.3, 0.6, 0.6], on_reached=[called.append])
    assert [(each["name"], each["step"], each["domain"]) for each in called] == [("aware", 2, FIRST)]
    assert called[0]["value"] == pytest.approx(0.6, abs=1e-6)


def test_a_callback_that_fails_is_reported_and_the_others_are_called():
    def fails(milestone):
        raise RuntimeError("no band today")

    called = []
    _, alerts = looked([0.6, 0.6], on_reached=[fails, called.append])
    assert len(called) == 1
    assert kinds(alerts) == [("eq_milestone", 2), ("eq_callback_failed", 2)]


def test_a_regression_is_told_after_some_looks_and_once():
    made, alerts = looked([0.8, 0.8, 0.7, 0.7, 0.7, 0.8, 0.6, 0.6], milestones=(), delta=0.05, looks=2)
    assert kinds(alerts) == [("eq_regression", 4), ("eq_regression", 8)]
    assert made.progress()["domains"][FIRST]["regressed"]


def test_one_lucky_look_sets_no_mark_to_fall_from():
    _, alerts = looked([0.5, 0.9, 0.5, 0.5, 0.5], milestones=(), delta=0.05, looks=2)
    assert kinds(alerts) == []


def test_a_look_that_defines_nothing_changes_nothing():
    made, _ = watch([0.6, 0.6, 0.6])
    made.look(1)
    made.probe = Told([read("a", "a", {"eq": [[0.5] * 5]})])
    made.look(2)
    assert f"correlation_{FIRST}" not in made.history[-1]
    made.probe = Told(at_correlation(0.6))
    made.look(3)
    assert made.progress()["milestones"][0]["reached_at"] == 3


def test_it_goes_on_after_a_checkpoint_as_if_never_cut():
    values, called = [0.8, 0.8, 0.6, 0.6, 0.4, 0.4, 0.9, 0.9], []
    whole, whole_alerts = looked(values)
    for cut in range(1, len(values)):
        first, before = watch(values, on_reached=[called.append])
        for step in range(1, cut + 1):
            first.look(step)
        fresh, after = watch(values, on_reached=[called.append])
        second = through_json(first, fresh)
        for step in range(cut + 1, len(values) + 1):
            second.look(step)
        assert second.history == whole.history and second.progress() == whole.progress()
        assert kinds(before) + kinds(after) == kinds(whole_alerts)
    assert len(called) == len(values) - 1  # once a run, not again after the cut


def test_a_milestone_that_is_new_after_a_resume_is_pending():
    first, _ = looked([0.6, 0.6])
    fresh, _ = watch([0.6] * 3, milestones=(MARK, MARK | {"name": "more", "at_least": 0.9}))
    states = {m["name"]: m["state"] for m in through_json(first, fresh).progress()["milestones"]}
    assert states == {"aware": "reached", "more": "pending"}


def test_progress_is_json():
    made, _ = looked([0.6, 0.6])
    assert json.loads(json.dumps(made.progress(), allow_nan=False))["looks"] == 2


@pytest.mark.parametrize(
    "wrong",
    [{"domain": "wit"}, {"metric": "mean"}, {"at_least": 2}, {"hold": 0}, {"colour": "red"}],
    ids=["domain", "metric", "mark", "hold", "unknown attribute"],
)
def test_a_milestone_that_cannot_be_is_named(wrong):
    with pytest.raises(SettingError, match="aware.*Mend"):
        watch([0.5], milestones=[MARK | wrong])


def test_two_milestones_of_one_name_are_refused():
    with pytest.raises(SettingError, match="stands twice"):
        watch([0.5], milestones=[MARK, MARK])
