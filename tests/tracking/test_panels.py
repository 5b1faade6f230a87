"""Names that trackers and pages get."""

import math
import subprocess
import sys

import pytest

from pixel.models.labels import FIELDS, OBJECTIVES
from pixel.tracking.panels import grouped, place, sections, series_of


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        ("loss", ("loss", "all")),
        ("loss_emotion", ("loss", "emotion")),
        ("loss_weight/clinical", ("loss_weight", "clinical")),
        ("loss_weight_phase", ("loss_weight", "phase")),
        ("eval_loss_risk", ("eval_loss", "risk")),
        ("eval_relative_loss", ("eval_loss", "relative")),
        ("eval_metric/risk_auc_at_least_1", ("eval_metric", "risk_auc_at_least_1")),
        ("balance_weight/eq", ("fork_weight", "eq")),
        ("balance_gradient_norm/eq", ("norm", "eq")),
        ("grad_norm", ("norm", "all")),
        ("balance_cosine/language_eq", ("conflict", "language_eq")),
        ("clinical_rolling/accuracy", ("clinical", "rolling_accuracy")),
        ("crisis_missed", ("clinical", "crisis_missed")),
        ("eq_total", ("eq", "total")),
        ("persona_switches", ("eq", "persona_switches")),
        ("resources/gpu0/memory_gib", ("resources", "gpu0_memory_gib")),
        ("throughput/tokens_per_second", ("throughput", "tokens_per_second")),
        ("train_runtime", None),
    ],
)
def test_each_key_of_the_log_has_its_section(key, expected):
    assert place(key) == expected


def test_every_loss_and_weight_of_every_objective_keeps_a_name_of_its_own():
    keys = [f"loss_{name}" for name in FIELDS] + [f"loss_weight/{name}" for name in OBJECTIVES]
    keys += [f"balance_weight/{name}" for name in OBJECTIVES] + [f"eval_loss_{name}" for name in FIELDS]
    assert len(grouped(dict.fromkeys(keys, 1.0))) == len(keys)
    assert all(name.count("/") == 1 and not name.startswith("other/") for name in grouped(dict.fromkeys(keys, 1.0)))


def test_only_numbers_pass():
    entry = {"loss": 1.5, "note": "I could not sleep", "list": ["words"], "flag": True, "none": None, "epoch": 0.5}
    assert grouped(entry) == {"loss/all": 1.5}
    assert grouped({"train_runtime": 3}) == {"other/train_runtime": 3.0}
    assert math.isnan(grouped({"loss": math.nan})["loss/all"])


def test_sections_have_names_and_titles_of_their_own():
    assert len({section.name for section in sections()}) == len({s.title for s in sections()}) == len(sections())


def test_curves_stand_under_the_titles_of_their_sections():
    history = [{"loss": 2.0, "clinical_accuracy": 0.5, "step": 5}, {"loss": 1.0, "step": 10}]
    found = series_of(history)
    assert found["Losses"] == {"all": [[5, 2.0], [10, 1.0]]}
    assert found["Clinical accuracy and safety"] == {"accuracy": [[5, 0.5]]}


def test_importing_tracking_loads_nothing_heavy():
    code = (
        "import sys; from pixel.tracking import guard, lineage, panels, registry, settings; "
        "print([n for n in ('torch', 'transformers', 'datasets', 'wandb', 'trackio') if n in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
