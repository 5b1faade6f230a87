"""The live page: what is in it, and that it is whole at every moment."""

import json
import math
import re

from transformers import TrainerState

from pixel.monitoring.alerts import Alert, Alerts
from pixel.tracking.panels import series_of
from pixel.training.callbacks.loss_monitor import LossMonitor, page
from tests.training.parts import trainer_for


def test_a_run_leaves_a_page_with_every_curve(tmp_path):
    alerts = Alerts()
    alerts.send(Alert("plateau", "info", 1, "still </script><b>"))
    trainer = trainer_for(tmp_path, max_steps=3)
    trainer.add_callback(LossMonitor(every=2, alerts=alerts))
    trainer.train()
    run = json.loads((tmp_path / "live.json").read_text())
    assert run["finished"] and run["step"] == run["max_steps"] == 3
    groups = run["groups"]
    assert [step for step, _ in groups["Losses"]["all"]] == [1, 2, 3]
    logged = [entry["loss_risk"] for entry in trainer.state.log_history if "loss_risk" in entry]
    assert [value for _, value in groups["Losses"]["risk"]] == logged
    assert "language" in groups["Weights at the fork"] and "language" in groups["Gradient norms"]
    assert "language_eq" in groups["Conflicts"] and "learning_rate" in groups["Learning rate"]
    html = (tmp_path / "live.html").read_text()
    embedded = re.search(r'<script type="application/json" id="data">(.*?)</script>', html, re.S).group(1)
    assert json.loads(embedded) == run
    assert html.count("</script>") == 2 and "http-equiv" not in html
    assert not re.search(r'(src|href)="|https?://(?!www\.w3\.org/2000/svg)', html)  # nothing comes from elsewhere
    assert {"live.html", "live.json"} <= {path.name for path in tmp_path.iterdir()}
    assert not any(path.name.endswith(".partial") for path in tmp_path.iterdir())


def test_the_page_reloads_itself_while_the_run_goes_on(tmp_path):
    monitor = LossMonitor(tmp_path, every=2, refresh=7)
    state = TrainerState(max_steps=10, log_history=[])
    written = []
    for step in range(1, 6):
        state.global_step = step
        state.log_history.append({"loss": 1.0 / step, "step": step})
        monitor.on_log(None, state, None, logs=state.log_history[-1])
        monitor.on_log(None, state, None, logs={"eval_loss": 1.0})
        written.append(json.loads((tmp_path / "live.json").read_text())["step"])
    assert written == [1, 1, 3, 3, 5]
    assert '<meta http-equiv="refresh" content="7">' in (tmp_path / "live.html").read_text()


def test_only_the_main_process_writes(tmp_path):
    state = TrainerState(global_step=1, log_history=[{"loss": 1.0, "step": 1}], is_world_process_zero=False)
    LossMonitor(tmp_path).on_log(None, state, None, logs={"loss": 1.0})
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_written_does_not_end_the_run(tmp_path, capsys):
    (tmp_path / "file").write_text("")
    monitor = LossMonitor(tmp_path / "file" / "below", every=1)
    for step in (1, 2):
        monitor.on_log(None, TrainerState(global_step=step, log_history=[]), None, logs={"loss": 1.0})
    assert capsys.readouterr().out.count("cannot be written") == 1


def test_long_curves_are_thinned_and_keep_their_ends():
    history = [{"loss": float(step), "step": step} for step in range(1, 1002)]
    curve = series_of(history, points=100)["Losses"]["all"]
    assert curve[0] == [1, 1.0] and curve[-1] == [1001, 1001.0] and len(curve) <= 101


def test_what_is_not_finite_is_a_gap():
    weights = {"loss_weight/eq": 0.5, "loss_weight_phase": 2.0}
    groups = series_of([{"loss": math.nan, "eval_loss": 2.0, "epoch": 1.0, "step": 1} | weights])
    assert groups["Losses"] == {"all": [[1, None]]}
    assert groups["Loss weights"] == {"eq": [[1, 0.5]], "phase": [[1, 2.0]]}
    assert groups["Held-out losses"] == {"all": [[1, 2.0]]}
    assert "null" in page({"groups": groups}, "t")
