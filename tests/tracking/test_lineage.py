"""Where a run came from."""

import hashlib
import json
import subprocess

from pixel.tracking.lineage import (
    files_hash,
    git_revision,
    hash_of,
    lineage,
    manifests,
    parent_model,
    read_lineage,
    without_secrets,
    write_lineage,
)


def test_secrets_and_addresses_are_hidden_wherever_they_stand():
    said = without_secrets(
        {
            "hub_token": "hf_abc",
            "alerts": {"webhook": "https://hooks.example/T1/B2/xyz", "file": "a.jsonl"},
            "list": ["https://user:pass@host.example/path?key=1", "plain"],
            "max_tokens": 5,
        }
    )
    text = json.dumps(said)
    assert all(word not in text for word in ("hf_abc", "xyz", "pass", "key=1"))
    assert said["alerts"]["file"] == "a.jsonl" and said["max_tokens"] == 5 and said["list"][1] == "plain"


def test_the_same_settings_in_another_order_hash_alike_and_other_settings_do_not():
    one = lineage(config={"a": 1, "b": {"c": 2}})
    two = lineage(config={"b": {"c": 2}, "a": 1})
    assert one["config_hash"] == two["config_hash"] != lineage(config={"a": 1, "b": {"c": 3}})["config_hash"]
    assert hash_of({"a": 1}) == hashlib.sha256(b'{"a": 1}').hexdigest()


def test_everything_a_person_asks_is_there_and_comes_back(tmp_path):
    said = lineage(config={"lr": 0.1}, data={"seed": {"hash": "ab", "rows": 3}}, seeds={"seed": 7}, run="r1")
    write_lineage(tmp_path, said)
    back = read_lineage(tmp_path)
    assert back == json.loads(json.dumps(said))
    assert back["packages"]["torch"] and back["machine"]["cores"] and back["seeds"] == {"seed": 7}
    assert back["data_hash"] and back["run"] == "r1"
    assert read_lineage(tmp_path / "none") is None


def test_the_revision_is_gits_and_a_change_makes_it_dirty(tmp_path):
    def git(*words):
        done = subprocess.run(
            ["git", "-c", "user.name=x", "-c", "user.email=x@x", *words],
            cwd=tmp_path,
            check=True,
            capture_output=True,
            text=True,
        )
        return done.stdout.strip()

    assert git_revision(tmp_path) == {"revision": None, "dirty": None}
    git("init")
    (tmp_path / "a").write_text("1")
    git("add", "a")
    git("commit", "-m", "a")
    assert git_revision(tmp_path) == {"revision": git("rev-parse", "HEAD"), "dirty": False}
    (tmp_path / "a").write_text("2")
    assert git_revision(tmp_path)["dirty"]


def test_a_parent_is_known_by_its_weights_and_its_own_lineage(tmp_path):
    folder = tmp_path / "parent"
    folder.mkdir()
    (folder / "model.safetensors").write_bytes(b"weights")
    write_lineage(folder, {"run": "before", "config_hash": "c"})
    said = parent_model(str(folder))
    assert said["name"] == "parent" and said["run"] == "before" and said["hash_of"] == "contents"
    expected = hashlib.sha256(b"model.safetensors\0" + hashlib.sha256(b"weights").digest()).hexdigest()
    assert said["hash"] == expected == files_hash([folder / "model.safetensors"])
    (folder / "model.safetensors").write_bytes(b"Weights")
    assert parent_model(str(folder))["hash"] != expected
    assert parent_model("Qwen/Qwen3-0.6B") == {"name": "Qwen/Qwen3-0.6B"}


def test_sealed_checkpoints_are_known_by_their_manifests(tmp_path):
    for step in (2, 4):
        (tmp_path / f"checkpoint-{step}").mkdir()
    (tmp_path / "checkpoint-4" / "manifest.json").write_text("{}")
    assert list(manifests(tmp_path)) == ["checkpoint-4"]
