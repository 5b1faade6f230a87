"""A checkpoint gets its name last; work beside the training is waited for."""

import threading

import pytest

from pixel.checkpoints import Background, finish, verify


def test_a_folder_gets_its_name_when_it_is_sealed(tmp_path):
    partial = tmp_path / ".checkpoint-3.partial"
    partial.mkdir()
    (partial / "weights").write_bytes(b"new")
    final = finish(partial, tmp_path / "checkpoint-3", 3, {"world_size": 1})
    assert verify(final).valid and not partial.exists()
    partial.mkdir()
    (partial / "weights").write_bytes(b"newer")
    finish(partial, final, 3)
    assert (final / "weights").read_bytes() == b"newer" and [path.name for path in tmp_path.iterdir()] == [final.name]


def test_work_is_waited_for_and_its_error_told_once():
    background, gate, done = Background(), threading.Event(), []

    def work():
        gate.wait(5)
        done.append(1)
        raise OSError(28, "No space left on device")

    background.start(work)
    assert background.busy
    with pytest.raises(RuntimeError, match="not waited for"):
        background.start(work)
    gate.set()
    error = background.wait()
    assert done == [1] and isinstance(error, OSError) and not background.busy
    assert background.wait() is None
