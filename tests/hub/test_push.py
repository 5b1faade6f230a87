import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from pixel.hub import PushError, push_folder, push_or_explain
from tests.hub.test_preflight import closed_port


@pytest.fixture
def folder(tmp_path):
    """A folder as a finished run leaves it: things to push, and leftovers."""
    folder = tmp_path / "a model's folder"
    (folder / "checkpoint-5").mkdir(parents=True)
    for name in ("config.json", "model.safetensors", "training_args.bin", "optimizer.pt", "checkpoint-5/optimizer.pt"):
        (folder / name).write_bytes(name.encode())
    return folder


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_the_folder_arrives_without_the_leftovers_and_stays_private(hub, folder):
    url = push_folder(folder, "tester/tiny")
    assert url == f"{hub.url}/tester/tiny"
    assert hub.files("tester/tiny") == {"config.json": b"config.json", "model.safetensors": b"model.safetensors"}
    assert hub.repos["model", "tester/tiny"]["private"]


def test_a_second_push_replaces_what_changed(hub, folder):
    push_folder(folder, "tester/tiny")
    (folder / "config.json").write_text("new")
    push_folder(folder, "tester/tiny")
    assert hub.files("tester/tiny")["config.json"] == b"new"


@pytest.mark.parametrize("type", ["dataset", "space"])
def test_datasets_and_spaces_go_to_their_own_shelf(hub, folder, type):
    assert push_folder(folder, "tester/tiny", type) == f"{hub.url}/{type}s/tester/tiny"
    assert list(hub.repos) == [(type, "tester/tiny")]


def test_a_name_without_an_owner_is_pushed_to_the_account(hub, folder):
    assert push_folder(folder, "tiny") == f"{hub.url}/tester/tiny"


@pytest.mark.parametrize("place", ["/api/repos/create", "/preupload/", "/commit/"])
def test_a_failing_hub_costs_nothing_local_and_the_command_to_retry_is_given(hub, folder, place, monkeypatch):
    monkeypatch.setattr("time.sleep", lambda seconds: None)  # huggingface_hub itself tries five times
    before, hub.fail = contents(folder), (place, 500)
    with pytest.raises(PushError, match="the Hub answers 500") as caught:
        push_folder(folder, "tester/tiny")
    assert contents(folder) == before
    assert caught.value.retry in str(caught.value)
    assert shlex.split(caught.value.retry)[:5] == ["hf", "upload", "tester/tiny", str(folder), "."]


def test_the_retry_command_pushes_what_the_failed_push_would_have(hub, folder):
    hub.fail = ("/commit/", 500)
    with pytest.raises(PushError) as caught:
        push_folder(folder, "tester/tiny")
    hub.fail = None
    tool = Path(sys.executable).with_name("hf")
    command = caught.value.retry.replace("hf upload", f"{shlex.quote(str(tool))} upload", 1)
    done = subprocess.run(command, shell=True, capture_output=True, text=True, env=os.environ)
    assert done.returncode == 0, done.stderr
    assert set(hub.files("tester/tiny")) == {"config.json", "model.safetensors"}
    assert hub.repos["model", "tester/tiny"]["private"]


def test_a_hub_that_is_gone_is_said_with_the_command_to_retry(folder):
    gone = closed_port()
    with pytest.raises(PushError, match="cannot be reached") as caught:
        push_folder(folder, "tester/tiny", endpoint=gone)
    assert caught.value.retry.startswith(f"HF_ENDPOINT={gone} hf upload ")


def test_a_refused_token_is_told_from_a_failing_hub(hub, folder):
    with pytest.raises(PushError, match="refuses the token"):
        push_folder(folder, "tester/tiny", token="hf_wrong")


def test_a_private_push_into_a_public_repository_is_refused(hub, folder):
    push_folder(folder, "tester/open", private=False)
    (folder / "secret.json").write_text("{}")
    with pytest.raises(PushError, match="is public"):
        push_folder(folder, "tester/open")
    assert "secret.json" not in hub.files("tester/open")


def test_pickled_weights_are_refused_by_name_before_anything_is_sent(hub, folder):
    (folder / "pytorch_model.bin").write_bytes(b"")
    with pytest.raises(PushError, match="pytorch_model.bin"):
        push_folder(folder, "tester/tiny")
    assert hub.log == []


def test_an_empty_or_missing_folder_is_an_error(tmp_path):
    for folder in (tmp_path, tmp_path / "missing"):
        with pytest.raises(FileNotFoundError, match="nothing to push"):
            push_folder(folder, "tester/tiny")


def test_at_the_end_of_a_run_the_failure_is_printed_and_not_raised(hub, folder, capsys):
    hub.fail = ("/commit/", 500)
    assert push_or_explain(folder, "tester/tiny") is None
    said = capsys.readouterr().err
    assert "not pushed" in said and "hf upload tester/tiny" in said
