"""Whether a model is the same as before."""

import os

import huggingface_hub

from pixel.evaluation.subjects import folder_fingerprint


def test_weights_and_configuration_make_a_model_another_and_reports_do_not(tmp_path):
    (tmp_path / "config.json").write_text("{}")
    (tmp_path / "model.safetensors").write_bytes(b"1234")
    before = folder_fingerprint(tmp_path)
    (tmp_path / "report.html").write_text("x")
    assert folder_fingerprint(tmp_path) == before
    (tmp_path / "config.json").write_text("{ }")
    changed = folder_fingerprint(tmp_path)
    os.utime(tmp_path / "model.safetensors", (1, 1))
    assert len({before, changed, folder_fingerprint(tmp_path)}) == 3


def test_another_commit_of_a_hub_model_is_another_model(monkeypatch):
    here = {"commit": "aaa"}

    def cached(repo_id, filename):
        assert (repo_id, filename) == ("org/name", "config.json")
        return f"/hub/models--org--name/snapshots/{here['commit']}/config.json"

    monkeypatch.setattr(huggingface_hub, "try_to_load_from_cache", cached)
    before = folder_fingerprint("org/name")
    assert folder_fingerprint("org/name") == before
    here["commit"] = "bbb"
    assert folder_fingerprint("org/name") != before


def test_what_is_no_hub_id_has_a_fingerprint_too():
    assert folder_fingerprint("tiny:llama") != folder_fingerprint("tiny:other")
