"""Every strategy of an ablation is one that a trainer can be built with."""

import pytest

from pixel.balancing import SCHEDULES, WEIGHTINGS, Balancer, LossWeights
from pixel.benchmarks.strategies import BASELINE, strategies
from pixel.models.labels import OBJECTIVES
from pixel.training import PixelTrainingArguments


def test_every_schedule_and_weighting_is_there():
    names = set(strategies())
    assert BASELINE in names
    assert {f"schedule:{name}" for name in SCHEDULES if name != "fixed"} <= names
    assert {f"gradient:{name}" for name in WEIGHTINGS if name not in ("sum", "mean")} <= names
    assert {f"single:{name}" for name in OBJECTIVES[1:]} <= names


@pytest.mark.parametrize("name", strategies())
def test_its_settings_make_sense(name, tmp_path):
    args = PixelTrainingArguments(output_dir=str(tmp_path), **strategies()[name])
    weights = LossWeights(
        OBJECTIVES, 10, schedule=args.loss_schedule, options=args.loss_schedule_options, base=args.objective_weights
    )
    try:
        Balancer(OBJECTIVES, weighting=args.weighting)
    except ImportError as error:
        pytest.skip(str(error))
    if name.startswith("single:"):
        only = name.removeprefix("single:")
        assert [o for o, w in zip(OBJECTIVES, weights.current.tolist(), strict=True) if w > 0] == [only]


def test_what_is_not_installed_is_named_before_hours_are_spent(monkeypatch):
    from pixel.benchmarks import strategies as module

    def refuse(name, k):
        if name == "cagrad":
            raise ImportError("pip install cvxpy")

    monkeypatch.setattr(module, "GramWeighting", refuse)
    assert module.missing(strategies()) == {"gradient:cagrad": "pip install cvxpy"}
