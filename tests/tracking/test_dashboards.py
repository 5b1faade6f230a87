"""Dashboards as code."""

import json
import re

import pytest

from pixel.tracking.dashboards import dashboard, wandb_workspace
from pixel.tracking.panels import grouped, sections
from pixel.tracking.settings import installed

LOGGED = grouped({"loss": 1.0, "loss_risk": 1.0, "eval_metric/risk_auc": 1.0, "resources/gpu0/power": 1.0})


def test_every_section_stands_in_order_and_every_name_has_a_panel():
    said = json.loads(json.dumps(dashboard("pixel", LOGGED)))
    assert [section["title"] for section in said["sections"]] == [section.title for section in sections()]
    drawn = {name for section in said["sections"] for panel in section["panels"] for name in panel.get("y", [])}
    assert drawn == set(LOGGED)
    for name in LOGGED:  # and the one of all of a section takes it in
        fits = [p for s in said["sections"] for p in s["panels"] if "regex" in p and re.match(p["regex"], name)]
        assert len(fits) == 1, name
    assert said["trackio"]["TRACKIO_PLOT_ORDER"].startswith("loss/*,eval_loss/*")


@pytest.mark.skipif(not installed("trackio"), reason="trackio is not installed")
def test_trackio_draws_the_sections_in_this_order(monkeypatch):
    from trackio.utils import order_metrics_by_plot_preference

    monkeypatch.setenv("TRACKIO_PLOT_ORDER", dashboard("pixel")["trackio"]["TRACKIO_PLOT_ORDER"])
    order, _ = order_metrics_by_plot_preference(sorted(LOGGED))
    assert order == ["loss", "eval_metric", "resources"]


@pytest.mark.skipif(not installed("wandb_workspaces"), reason="wandb-workspaces is not installed")
def test_the_workspace_of_wandb_holds_the_same_sections_and_panels():
    said = dashboard("pixel", LOGGED)
    workspace = wandb_workspace(said, "someone")
    assert (workspace.entity, workspace.project) == ("someone", "pixel")
    for section, made in zip(said["sections"], workspace.sections, strict=True):
        assert made.name == section["title"] and made.is_open == section["open"]
        assert [panel.title for panel in made.panels] == [panel["title"] for panel in section["panels"]]
    lines = workspace.sections[0].panels
    assert lines[0].metric_regex == "^loss/.*" and str(lines[0].x) == "step" and len(lines) == 3
    sent = workspace._to_model().model_dump_json(by_alias=True)  # what `save` would send
    assert "loss/risk" in sent and "^eval_metric/.*" in sent
