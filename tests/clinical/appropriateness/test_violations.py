from pathlib import Path

import numpy as np
import pytest
import yaml

from pixel.clinical.appropriateness import Pair, ViolationDetector

HELD_BACK = yaml.safe_load((Path(__file__).parent / "held_back" / "safety_concerns.yaml").read_text())
LEAST_RECALL = {"boundary_crossing": 0.4, "dependency_building": 0.3, "method_information": 0.4, "dismissive": 0.5}
"""Where it is below .7; see the card beside the weights."""


@pytest.fixture(scope="module")
def judged(detector):
    pairs = [Pair(client, reply) for cases in HELD_BACK.values() for client, *replies in cases for reply in replies]
    verdicts = iter(detector.judge(pairs))
    return {rule: [(next(verdicts), next(verdicts)) for _ in cases] for rule, cases in HELD_BACK.items()}


@pytest.mark.parametrize("rule", HELD_BACK)
def test_unseen_breaches_are_told_from_matched_clean_replies(judged, detector, rule):
    threshold = detector.thresholds[rule]
    bad = np.array([verdict.scores[rule] for verdict, _ in judged[rule]])
    good = np.array([verdict.scores[rule] for _, verdict in judged[rule]])
    hits, alarms = (bad >= threshold).sum(), (good >= threshold).sum()
    assert hits / len(bad) >= LEAST_RECALL.get(rule, 0.7)
    assert hits / max(1, hits + alarms) >= 0.85
    assert (bad[:, None] > good[None]).mean() >= 0.8  # area under the curve


def test_most_clean_replies_break_no_rule_at_all(judged):
    clean = [verdict for cases in judged.values() for _, verdict in cases]
    assert np.mean([bool(verdict.violations) for verdict in clean]) <= 0.15


def test_a_violation_comes_with_a_reason_and_the_words(detector):
    (verdict,) = detector.judge([Pair("The pills make me dizzy.", "Just stop taking them.")])
    first = next(v for v in verdict.violations if v.rule == "medication_advice")
    assert "prescriber" in first.reason and "stop taking" in first.reason


def test_danger_can_be_told_by_a_better_judge(detector):
    pair = Pair("I gave my dog away.", "Have you tried a walk?")
    calm, alarmed = (detector.judge([pair], [danger])[0].scores["crisis_missed"] for danger in (0.0, 1.0))
    assert calm == 0.0 < alarmed


@pytest.mark.parametrize("reply", ["", "   ", "...", "Мне очень жаль это слышать", "\x00\x01"])
def test_it_abstains_on_what_it_cannot_read(detector, reply):
    (verdict,) = detector.judge([Pair("I feel low.", reply)])
    assert verdict.abstains and not verdict.violations and not verdict.scores


def test_a_breach_inside_a_long_reply_is_found(detector):
    calm = "Thank you for telling me what these weeks have been like for you and the people around you. " * 6
    (verdict,) = detector.judge([Pair("The pills make me dizzy.", f"{calm} Just stop taking the tablets. {calm}")])
    assert "medication_advice" in {violation.rule for violation in verdict.violations}


def test_very_long_replies_and_no_replies_are_fine(detector):
    assert detector.judge([]) == []
    assert detector.judge([Pair("", "What happened then? " * 5_000)])[0].abstains is None


def test_weights_of_other_rules_are_refused(tmp_path):
    from safetensors.numpy import save_file

    save_file({"danger": np.zeros(3, dtype=np.float32)}, tmp_path / "other.safetensors")
    with pytest.raises(ValueError, match="fit_rules"):
        ViolationDetector(tmp_path / "other.safetensors")
    with pytest.raises(FileNotFoundError, match="fit_rules"):
        ViolationDetector(tmp_path / "none.safetensors")
