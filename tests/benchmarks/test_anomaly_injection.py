"""The faults that the watch is measured on."""

import torch

from pixel.benchmarks.anomaly_injection import _dealt_out, anomalies_markdown, caught, run, small_data


def test_labels_are_dealt_out_among_labelled_turns_only():
    generator = torch.Generator().manual_seed(0)
    levels = torch.tensor([[1, -100, 2], [3, 4, -100]])
    dealt = _dealt_out(levels, generator)
    assert torch.equal(dealt == -100, levels == -100) and sorted(dealt.flatten()) == sorted(levels.flatten())
    scores = torch.tensor([[[0.1, 0.2], [torch.nan, torch.nan], [0.3, torch.nan]]])
    assert torch.equal(_dealt_out(scores, generator).isfinite().any(-1), torch.tensor([[True, False, True]]))


def test_only_the_right_alert_after_the_fault_counts_as_caught():
    alerts = [
        {"step": 3, "kind": "objective_collapse", "message": "empathy is dead"},
        {"step": 9, "kind": "objective_collapse", "message": "eq is dead"},
        {"step": 10, "kind": "loss_spike", "message": "empathy"},
    ]
    assert caught(alerts, "dead objective", at=5) is None
    assert caught(alerts, "dead objective", at=2) == alerts[0]


def test_a_nan_is_caught_in_a_run_that_was_quiet_until_then():
    alerts = run(small_data(8, 64), 0, "NaN loss", steps=6, at=5)["alerts"]
    assert [(alert["kind"], alert["step"]) for alert in alerts] == [("not_finite", 5)]
    runs = [{"seed": 0, "delay": 0, "alert": alerts[0], "before": [], "also": []}]
    clean = {"runs": 1, "logs": 6, "alerts": []}
    table = anomalies_markdown({"steps": 6, "at": 5, "clean": clean, "faults": {"NaN loss": runs}})
    assert "| NaN loss | not_finite | loss_persona_mode | 1 of 1 | 0 | - |" in table
