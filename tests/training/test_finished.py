"""A run that has finished is known again, and no other is taken for it."""

import json
from dataclasses import replace

import pytest

from pixel.checkpoints import progress
from pixel.training import DataArguments, ModelArguments
from pixel.training.finished import arguments_hash, finished_before, write_finished
from tests.training.parts import arguments


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "model.safetensors").write_bytes(b"weights")
    (tmp_path / "config.json").write_text("{}")
    return tmp_path


def test_the_same_run_is_known_again(folder):
    assert not finished_before(folder, "asked")
    write_finished(folder, 7, 8, "asked")
    assert finished_before(folder, "asked") and not finished_before(folder, "something else")
    assert progress(folder).finished and progress(folder).step == 7 and progress(folder).max_steps == 8


@pytest.mark.parametrize("harm", ["lost", "cut", "no list", "no model"])
def test_a_model_that_is_no_longer_whole_has_not_finished(folder, harm):
    file = write_finished(folder, 8, 8, "asked")
    if harm == "lost":
        (folder / "model.safetensors").unlink()
    elif harm == "cut":
        (folder / "model.safetensors").write_bytes(b"w")
    elif harm == "no list":
        file.write_text(json.dumps({"global_step": 8, "max_steps": 8}))
    else:
        for path in (folder / "model.safetensors", folder / "config.json"):
            path.unlink()
        write_finished(folder, 8, 8, "asked")
    assert not finished_before(folder, "asked")


def test_what_changes_the_result_changes_the_hash_and_nothing_else_does(tmp_path):
    data, model, training = DataArguments(), ModelArguments(), arguments(tmp_path / "a", max_steps=5)
    whole = arguments_hash(data, model, training)
    elsewhere = arguments(tmp_path / "b", max_steps=5, resume_from_checkpoint="auto", disable_tqdm=False)
    assert arguments_hash(data, model, elsewhere) == whole
    for other in (
        (replace(data, validation=0.3), model, training),
        (data, replace(model, lora_r=3), training),
        (data, model, arguments(tmp_path / "a", max_steps=6)),
        (data, model, arguments(tmp_path / "a", max_steps=5, seed=1)),
        (data, model, arguments(tmp_path / "a", max_steps=5, objective_weights={"eq": 2.0})),
    ):
        assert arguments_hash(*other) != whole
