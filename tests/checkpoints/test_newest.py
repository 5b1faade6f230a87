"""The newest whole checkpoint is found, and the broken ones on the way are put aside and named."""

import os
import subprocess
import sys

import pytest

from pixel.checkpoints import FINISHED, newest_valid, partial_of, progress, put_aside, remove, sweep
from tests.checkpoints.parts import checkpoint, spoil


def test_steps_are_compared_as_numbers(tmp_path):
    for step in (9, 100, 20):
        checkpoint(tmp_path, step)
    newest, broken = newest_valid(tmp_path)
    assert newest == tmp_path / "checkpoint-100" and broken == []


def test_the_broken_are_put_aside_with_the_reason(tmp_path):
    for step in (1, 2, 3):
        checkpoint(tmp_path, step)
    spoil(tmp_path / "checkpoint-3")
    (tmp_path / "checkpoint-2" / "manifest.json").unlink()
    newest, broken = newest_valid(tmp_path)
    assert newest.name == "checkpoint-1"
    assert [verdict.folder.name for verdict in broken] == ["checkpoint-3", "checkpoint-2"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["checkpoint-1", "quarantine"]
    assert "model.safetensors: changed" in (tmp_path / "quarantine" / "checkpoint-3" / "reason.txt").read_text()
    assert "no manifest.json" in (tmp_path / "quarantine" / "checkpoint-2" / "reason.txt").read_text()


def test_an_older_broken_one_is_left_where_it_is(tmp_path):
    for step in (1, 2):
        checkpoint(tmp_path, step)
    spoil(tmp_path / "checkpoint-1")
    assert newest_valid(tmp_path)[0].name == "checkpoint-2"
    assert (tmp_path / "checkpoint-1").exists()


def test_looking_alone_moves_nothing(tmp_path):
    spoil(checkpoint(tmp_path, 1))
    newest, broken = newest_valid(tmp_path, quarantine=False)
    assert newest is None and len(broken) == 1 and (tmp_path / "checkpoint-1").exists()


def test_nothing_there_is_no_error(tmp_path):
    assert newest_valid(tmp_path / "nowhere") == (None, [])
    assert sweep(tmp_path / "nowhere") == []


def test_where_nothing_can_be_moved_it_is_passed_by_and_said(tmp_path, monkeypatch):
    checkpoint(tmp_path, 1)
    spoil(checkpoint(tmp_path, 2))

    def refuse(*args):
        raise OSError(30, "Read-only file system")

    monkeypatch.setattr(os, "replace", refuse)
    newest, [verdict] = newest_valid(tmp_path)
    assert newest.name == "checkpoint-1"
    assert verdict.problems[-1] == "could not be moved to quarantine (Read-only file system)"


def test_nothing_put_aside_is_overwritten(tmp_path):
    for _ in range(3):
        put_aside(checkpoint(tmp_path, 4), tmp_path / "quarantine", ["again"])
    assert sorted(path.name for path in (tmp_path / "quarantine").iterdir()) == [
        "checkpoint-4", "checkpoint-4.2", "checkpoint-4.3",
    ]  # fmt: skip


def test_a_removal_cut_short_leaves_nothing_that_looks_like_a_checkpoint(tmp_path, monkeypatch):
    folder = checkpoint(tmp_path, 5)
    monkeypatch.setattr("pixel.checkpoints.newest.shutil.rmtree", lambda *args, **kwargs: None)
    remove(folder)
    monkeypatch.undo()
    partial_of(tmp_path, 6).mkdir()
    assert not folder.exists() and newest_valid(tmp_path) == (None, [])
    assert sweep(tmp_path) == [".checkpoint-5.removing", ".checkpoint-6.partial"]
    assert list(tmp_path.iterdir()) == []


def test_progress_is_the_newest_checkpoint_in_full_length_or_the_end(tmp_path):
    assert (progress(tmp_path).step, progress(tmp_path).finished) == (0, False)
    checkpoint(tmp_path, 10)
    cut = checkpoint(tmp_path, 20)
    os.truncate(cut / "model.safetensors", 50)
    found = progress(tmp_path)
    assert (found.step, found.max_steps, found.finished) == (10, 50, False)
    (tmp_path / FINISHED).write_text('{"global_step": 50, "max_steps": 50}')
    found = progress(tmp_path)
    assert (found.step, found.max_steps, found.finished) == (50, 50, True)
    (tmp_path / FINISHED).write_text('{"global_step"')
    assert not progress(tmp_path).finished


@pytest.mark.parametrize("module", ["pixel.checkpoints", "pixel.checkpoints.progress"])
def test_it_takes_no_torch_to_look(module):
    code = f"import sys, {module}; sys.exit(any(name in sys.modules for name in ('torch', 'numpy', 'transformers')))"
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0
