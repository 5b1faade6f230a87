"""Metrics as `evaluate` metrics: offline, from a folder, and by way of a Hub."""

import json
import os
import subprocess
import sys

import pytest

from pixel.metrics.catalogue import SHEETS
from pixel.metrics.huggingface import as_metric, push_metric, save_metric
from pixel.metrics.huggingface.page import answer
from tests.hub_standin import session_hub

evaluate = pytest.importorskip("evaluate")
KAPPA = {"references": [0, 1, 2, 2], "predictions": [0, 1, 2, 0]}


def test_evaluate_is_imported_only_when_a_metric_is_made():
    code = "import sys, pixel.metrics.huggingface as h; h.save_metric; sys.exit('evaluate' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], timeout=120).returncode == 0


@pytest.fixture
def hub():
    hub = session_hub()
    hub.reset()
    return hub


def test_a_metric_made_on_the_spot_is_an_evaluate_metric_and_asks_nobody(hub):
    metric = as_metric("quadratic_kappa")
    assert isinstance(metric, evaluate.Metric)
    assert metric.compute(**KAPPA)["quadratic_kappa"] == pytest.approx(1 - 4 / 6.5)
    assert hub.log == []


def test_batches_added_one_by_one_give_the_same():
    metric = as_metric("quadratic_kappa")
    for half in (slice(0, 2), slice(2, 4)):
        metric.add_batch(references=KAPPA["references"][half], predictions=KAPPA["predictions"][half])
    assert metric.compute()["quadratic_kappa"] == pytest.approx(1 - 4 / 6.5)


def test_a_saved_folder_loads_offline_with_what_it_needs(tmp_path, monkeypatch, hub):
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    folder = save_metric("quadratic_kappa", tmp_path)
    assert sorted(file.name for file in folder.iterdir()) == [
        "README.md", "app.py", "pixel", "quadratic_kappa.py", "requirements.txt",
    ]  # fmt: skip
    metric = evaluate.load(str(folder))
    assert metric.compute(**KAPPA, levels=3)["quadratic_kappa"] == pytest.approx(1 - 4 / 6.5)
    assert hub.log == []


WITHOUT_PIXEL = """
import pathlib, pixel
from pixel.metrics.catalogue import SHEETS, cases
from pixel.metrics.huggingface import demo
assert pathlib.Path(pixel.__file__).parent.parent == pathlib.Path.cwd()
for name, sheet in SHEETS.items():
    for case in cases(name):
        sheet.measure(case.get("references"), case["predictions"], **case.get("options", {}))
"""


def test_a_saved_folder_works_out_every_metric_without_pixel_installed(tmp_path):
    folder = save_metric("accuracy", tmp_path)
    bare = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    done = subprocess.run([sys.executable, "-c", WITHOUT_PIXEL], cwd=folder, env=bare, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-2000:]
    assert "pixel" not in (folder / "requirements.txt").read_text()


@pytest.mark.parametrize("name", SHEETS)
def test_every_card_has_the_header_of_a_space_and_every_case(name, tmp_path):
    import yaml

    from pixel.metrics.catalogue import cases

    folder = save_metric(name, tmp_path)
    _, header, body = (folder / "README.md").read_text(encoding="utf-8").split("---\n", 2)
    assert {key: yaml.safe_load(header)[key] for key in ("sdk", "app_file")} == {"sdk": "gradio", "app_file": "app.py"}
    assert yaml.safe_load(header)["description"].startswith(SHEETS[name].says[:30])
    assert all(case["says"] in body for case in cases(name))
    for script in ("app.py", f"{name}.py"):
        compile((folder / script).read_text(encoding="utf-8"), script, "exec")


def test_a_pushed_metric_is_a_gradio_space_named_as_evaluate_wants_it(hub):
    address = push_metric("accuracy", "someone/share-of-right")
    assert address == f"{hub.url}/spaces/someone/share-of-right"
    files = hub.files("someone/share-of-right", "space")
    assert {"README.md", "app.py", "requirements.txt", "share-of-right.py"} <= set(files)
    card = files["README.md"].decode()
    assert 'evaluate.load("someone/share-of-right")' in card and 'evaluate.load(f"{folder}/share-of-right.py")' in card
    assert "pixel/metrics/accuracy.py" in files and "pixel-eq" not in card
    assert b'metric = "accuracy"' in files["share-of-right.py"]


def test_a_repository_without_an_owner_is_refused_before_anything_is_made(hub):
    with pytest.raises(ValueError, match="give owner/name"):
        push_metric("accuracy", "accuracy")
    assert hub.log == []


def test_an_unknown_metric_names_those_that_there_are():
    with pytest.raises(ValueError, match="no metric is called 'kappa'.*quadratic_kappa"):
        as_metric("kappa")


def test_the_page_answers_numbers_reasons_and_mends():
    assert json.loads(answer("accuracy", "[0, 1]", "[0, 0]", "")) == {"accuracy": 0.5, "reason": None}
    assert json.loads(answer("accuracy", "[0]", "[0]", ""))["reason"] == "1 labelled turn, 2 needed"
    assert "Mend" in json.loads(answer("accuracy", "zero", "[0]", ""))["error"]
    assert "3 references for 1" in json.loads(answer("accuracy", "[0, 1, 2]", "[0]", ""))["error"]
