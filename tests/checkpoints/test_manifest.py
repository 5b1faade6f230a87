"""A manifest names every file, and itself: whatever changes is seen."""

import hashlib
import json
import os

import pytest

from pixel.checkpoints import MANIFEST, CheckpointError, require_valid, seal, step_of, verify


@pytest.fixture
def sealed(tmp_path):
    """`checkpoint-7` with two files, one of them in a folder."""
    folder = tmp_path / "checkpoint-7"
    (folder / "shards").mkdir(parents=True)
    (folder / "weights").write_bytes(bytes(range(256)) * 10)
    (folder / "shards" / "0").write_bytes(b"shard")
    seal(folder, 7, {"world_size": 2, "metric": 0.25})
    return folder


def test_a_sealed_folder_is_valid_and_says_what_it_is(sealed):
    verdict = verify(sealed)
    assert verdict.valid and verdict.step == 7 and verdict.size == 2560 + 5
    assert verdict.facts == {"world_size": 2, "metric": 0.25}
    files = json.loads((sealed / MANIFEST).read_text())["files"]
    assert files == {
        "weights": {"sha256": hashlib.sha256(bytes(range(256)) * 10).hexdigest(), "size": 2560},
        "shards/0": {"sha256": hashlib.sha256(b"shard").hexdigest(), "size": 5},
    }


def test_every_byte_of_the_manifest_counts(sealed):
    whole = (sealed / MANIFEST).read_bytes()
    for place in range(len(whole)):
        changed = bytearray(whole)
        changed[place] ^= 0x01
        (sealed / MANIFEST).write_bytes(changed)
        assert not verify(sealed, hashes=False).valid, place
    for length in range(len(whole)):
        (sealed / MANIFEST).write_bytes(whole[:length])
        assert not verify(sealed, hashes=False).valid, length
    (sealed / MANIFEST).write_bytes(whole + b"\n")
    assert verify(sealed).problems == [f"{MANIFEST}: edited, cut or unreadable"]


def flip(file):
    data = bytearray(file.read_bytes())
    data[1] ^= 0x80
    file.write_bytes(data)


@pytest.mark.parametrize(
    ("spoil", "problem"),
    [
        (lambda f: flip(f / "weights"), "weights: changed"),
        (lambda f: os.truncate(f / "weights", 2559), "weights: 2559 bytes, sealed with 2560"),
        (lambda f: (f / "shards" / "0").unlink(), "shards/0: missing"),
        (lambda f: (f / "optimizer.pt").write_bytes(b""), "optimizer.pt: not in the manifest"),
        (lambda f: (f / "linked").symlink_to(f / "weights"), "linked: not in the manifest"),
        (lambda f: (f / MANIFEST).unlink(), "no manifest.json"),
    ],
)
def test_what_changed_is_named(sealed, spoil, problem):
    spoil(sealed)
    [found] = verify(sealed).problems
    assert found.startswith(problem)


def test_a_file_swapped_for_a_link_to_itself_is_seen(sealed, tmp_path):
    (sealed / "weights").rename(tmp_path / "elsewhere")
    (sealed / "weights").symlink_to(tmp_path / "elsewhere")
    assert not verify(sealed).valid


def test_without_hashes_only_lengths_and_names_are_looked_at(sealed):
    flip(sealed / "weights")
    assert verify(sealed, hashes=False).valid and not verify(sealed).valid


def test_a_folder_under_the_name_of_another_step_is_refused(sealed):
    sealed = sealed.rename(sealed.with_name("checkpoint-70"))
    assert verify(sealed).problems == ["the folder is named for step 70 and holds step 7"]


def test_a_refusal_names_the_file_and_the_mend(sealed, tmp_path):
    (sealed / "shards" / "0").unlink()
    with pytest.raises(CheckpointError, match="shards/0: missing.*Mend: .*auto"):
        require_valid(sealed)
    (sealed / MANIFEST).unlink()
    with pytest.raises(CheckpointError, match="checkpoints.py seal"):
        require_valid(sealed)
    with pytest.raises(CheckpointError, match="no such checkpoint"):
        require_valid(tmp_path / "checkpoint-8")


def test_links_are_not_sealed(tmp_path):
    folder = tmp_path / "checkpoint-1"
    folder.mkdir()
    (folder / "link").symlink_to(tmp_path)
    with pytest.raises(CheckpointError, match="link is not a plain file"):
        seal(folder, 1)
    assert not (folder / MANIFEST).exists()


@pytest.mark.parametrize(
    ("name", "step"), [("checkpoint-12", 12), ("checkpoint-", -1), ("checkpoint-1.2", -1), ("run-3", -1), ("x", -1)]
)
def test_the_step_is_in_the_name(name, step):
    assert step_of(name) == step
