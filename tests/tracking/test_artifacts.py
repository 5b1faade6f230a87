"""What a run leaves in a tracker besides numbers."""

import json

from pixel.tracking.artifacts import artifacts_of
from pixel.tracking.lineage import lineage


def test_data_report_and_model_say_where_they_come_from_and_weights_go_along_on_request(tmp_path):
    for name in ("model.safetensors", "config.json", "report.html"):
        (tmp_path / name).write_text("x")
    said = lineage(config={"hub_token": "hf_hush"}, data={"/data/my talks.jsonl": {"hash": "aa", "rows": 3}}, run="r1")
    said["checkpoints"] = {"checkpoint-2": "cc"}
    report = tmp_path / "report.html"
    data, page, model = artifacts_of(said, [report], tmp_path)
    assert (data.name, data.kind, data.metadata) == ("data-my-talks.jsonl", "dataset", {"hash": "aa", "rows": 3})
    assert page.files == [report] and page.metadata["config_hash"] == said["config_hash"]
    assert model.files == [] and model.metadata["checkpoints"] == {"checkpoint-2": "cc"}
    assert "hush" not in json.dumps([one.metadata for one in (data, page, model)])
    kept = artifacts_of(said, [], tmp_path, weights=True)[-1].files
    assert [file.name for file in kept] == ["config.json", "model.safetensors"]


def test_a_run_without_data_or_model_leaves_its_report_alone():
    assert [one.kind for one in artifacts_of({}, [])] == ["report"]
