import math

import pytest
import torch

from pixel.benchmarks.aggregator_time import aggregator_markdown
from pixel.benchmarks.gram_fidelity import clear_agreement, fidelity_markdown, fidelity_report


def gram(*cosines: float) -> torch.Tensor:
    """Three unit gradients with these cosines (0-1, 0-2, 1-2)."""
    a, b, c = cosines
    return torch.tensor([[1.0, a, b], [a, 1.0, c], [b, c, 1.0]])


def test_a_sign_that_is_missed_near_zero_counts_in_full_agreement_but_is_not_a_clear_one():
    exact, found = [gram(0.5, -0.4, 0.02)], [gram(0.3, -0.1, -0.02)]
    assert clear_agreement(found, exact) == 1.0
    assert clear_agreement([gram(-0.3, -0.1, 0.9)], exact) == 0.5
    assert math.isnan(clear_agreement(found, [gram(0.01, 0.02, 0.03)]))


def test_extra_seconds_are_taken_batch_by_batch_and_a_probe_is_spread_over_its_period():
    grams = {name: [gram(0.5, -0.4, 0.2)] * 3 for name in ("step", "exact", "representation", "fork_2", "sweep")}
    seconds = {
        "step": [2.0, 4.0, 3.0], "exact": [9.0] * 3, "representation": [2.1, 4.1, 3.1], "fork_2": [3.0, 5.0, 4.0],
        "sweep": [6.0, 6.0, 6.0],
    }  # fmt: skip
    report = fidelity_report(grams, seconds)
    sources = report["sources"]
    assert list(sources) == ["representation", "fork_2", "sweep"]
    assert sources["fork_2"]["seconds"] == 1.0 and sources["fork_2"]["ratio"] == pytest.approx(1 + 1 / 3)
    assert sources["fork_2"]["amortised"] == pytest.approx(1 + 1 / 60)
    assert sources["representation"]["amortised"] == sources["representation"]["ratio"] == pytest.approx(1 + 0.1 / 3)
    assert sources["sweep"]["seconds"] == 6.0
    assert report["conflicts"] == pytest.approx(1 / 3) and report["clear"] == 1.0
    assert "fork_2" in fidelity_markdown(report)


def test_weightings_are_listed_by_what_they_spend_in_the_balancer():
    entry = {"median": 1.0, "low": 0.9, "high": 1.1}
    ratio = {"mgda": entry | {"milliseconds": 5.0}, "upgrad": entry | {"milliseconds": 1.0}, "noise": entry}
    table = aggregator_markdown({"ratio": ratio, "step_seconds": 2.0}).splitlines()
    assert [line.split("|")[1].strip() for line in table[2:]] == ["upgrad", "mgda", "the plain sum over itself"]
    assert table[2].split("|")[6].strip() == "1.000" and table[3].split("|")[6].strip() == "1.002"
