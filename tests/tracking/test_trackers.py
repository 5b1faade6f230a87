"""The real trackers, without a network: what goes in is read back from their files."""

import pytest

from pixel.monitoring.alerts import Alert
from pixel.tracking.settings import TrackingSettings, installed
from pixel.tracking.trackers import RunInfo, tracker_for
from tests.tracking.event_files import (
    tensorboard_points,
    trackio_points,
    wandb_is_through,
    wandb_points,
    wandb_records,
)

REAL = [
    pytest.param(name, marks=pytest.mark.skipif(not installed(name), reason=f"{name} is not installed"))
    for name in ("trackio", "wandb", "tensorboard")
]


def run_of(folder, project, **options):
    settings = TrackingSettings(project=project, group="seeds", tags=["tiny"])
    given = {"id": "abcd1234", "name": "tiny-abcd1234", "folder": folder, "settings": settings}
    return RunInfo(**given | {"config": {"training": {"learning_rate": 0.1}}} | options)


def points(name, folder, project):
    if name == "trackio":
        return trackio_points(project)
    return wandb_points(folder / "wandb") if name == "wandb" else tensorboard_points(folder / "tensorboard")


@pytest.fixture
def offline(monkeypatch):
    monkeypatch.setenv("WANDB_MODE", "offline")
    monkeypatch.setenv("WANDB_SILENT", "true")


@pytest.mark.parametrize("name", REAL)
def test_a_run_goes_on_after_a_resume_in_the_same_run(name, tmp_path, offline):
    project = f"resume-{name}"
    first = tracker_for(name, None)
    assert first.start(run_of(tmp_path, project)) is None
    for step in (1, 2, 3, 4):
        first.log(step, {"loss/all": 1.0 / step, "eq/total": 0.5})
    first.alert(Alert("plateau", "warning", 3, "still"))
    first.finish()
    again = tracker_for(name, None)
    held = again.start(run_of(tmp_path, project, resumed=True, step=2))
    assert held == {"trackio": 4, "wandb": None, "tensorboard": 2}[name]
    for step in range((4 if held is None else held) + 1, 7):
        again.log(step, {"loss/all": 1.0 / step, "eq/total": 0.5})
    again.summary({"seed_risk_auc": 0.75})
    again.finish()
    assert name != "wandb" or wandb_is_through(tmp_path / "wandb", runs=2)
    found = points(name, tmp_path, project)
    expected = [(step, label) for step in range(1, 7) for label in ("eq/total", "loss/all")]
    assert sorted(point for point in found if "final/" not in point[1]) == expected
    if name == "trackio":
        from trackio.sqlite_storage import SQLiteStorage

        assert SQLiteStorage.get_runs(project) == ["tiny-abcd1234"]


@pytest.mark.skipif(not installed("wandb"), reason="wandb is not installed")
def test_wandb_gets_configuration_artifacts_and_no_word_of_what_is_printed(tmp_path, offline, capsys):
    tracker = tracker_for("wandb", None)
    tracker.start(run_of(tmp_path, "files"))
    print("I could not sleep")
    report = tmp_path / "report.json"
    report.write_text("{}")
    tracker.artifact("report-abcd1234", "report", [report], {"config_hash": "c0ffee"})
    tracker.artifact("data-seed", "dataset", [], {"hash": "d00d"})
    tracker.finish()
    assert wandb_is_through(tmp_path / "wandb")
    records = wandb_records(tmp_path / "wandb")
    kinds = [record.WhichOneof("record_type") for record in records]
    run = next(record.run for record in records if record.WhichOneof("record_type") == "run")
    assert (run.run_id, run.project, run.run_group, list(run.tags)) == ("abcd1234", "files", "seeds", ["tiny"])
    assert any(item.key == "training" and "0.1" in item.value_json for item in run.config.update)
    text = str(records)
    assert "c0ffee" in text and "d00d" in text and "report.json" in text
    assert "could not sleep" not in text and "output_raw" not in kinds and "output" not in kinds


@pytest.mark.skipif(not installed("trackio"), reason="trackio is not installed")
def test_trackio_keeps_configuration_and_report(tmp_path):
    from trackio.sqlite_storage import SQLiteStorage

    tracker = tracker_for("trackio", None)
    tracker.start(run_of(tmp_path, "kept"))
    tracker.log(1, {"loss/all": float("nan")})
    report = tmp_path / "report.json"
    report.write_text("{}")
    tracker.artifact("report-abcd1234", "report", [report], {"config_hash": "c0ffee"})
    tracker.finish()
    config = SQLiteStorage.get_run_config("kept", "tiny-abcd1234")
    assert config["training"]["learning_rate"] == 0.1 and config["tags"] == ["tiny"]
    assert trackio_points("kept") == [(1, "loss/all")]


def test_without_a_key_wandb_stays_offline_and_does_not_ask(monkeypatch, tmp_path):
    from pixel.tracking.trackers.wandb_run import mode

    for name in ("WANDB_MODE", "WANDB_API_KEY", "WANDB_BASE_URL"):
        monkeypatch.delenv(name, raising=False)
    keys = tmp_path / "netrc"
    keys.write_text("machine other.example login a password b\n")
    monkeypatch.setenv("NETRC", str(keys))
    assert mode() == "offline"
    keys.write_text("machine api.wandb.ai login user password k\n")
    assert mode() is None
    monkeypatch.setenv("WANDB_MODE", "disabled")
    assert mode() == "disabled"


def test_another_tracker_of_transformers_is_wrapped():
    made = tracker_for("mlflow", lambda name: f"wrapped {name}")
    assert made == "wrapped mlflow"
