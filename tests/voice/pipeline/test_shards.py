import shutil

import pytest

from pixel.voice.pipeline.inputs import parse_shard, shard_of
from pixel.voice.pipeline.merging import ShardError, merge
from tests.voice.pipeline.conftest import dataset, rows


def test_shards_part_the_recordings_and_a_recording_stays_in_its_shard():
    files = [f"talk{number}.wav" for number in range(400)]
    shards = [shard_of(file, 8) for file in files]
    assert set(shards) == set(range(1, 9))
    assert all(20 <= shards.count(shard) <= 80 for shard in set(shards))  # 50 each but for chance
    assert [shard_of(file, 8) for file in files[::-1]] == shards[::-1]


@pytest.mark.parametrize("text", ["0/4", "5/4", "1", "a/b", "1/0", "-1/2"])
def test_what_is_no_shard_is_refused(text):
    with pytest.raises(ValueError, match="Mend: I/N"):
        parse_shard(text)


@pytest.fixture
def whole(folder, hear, tmp_path):
    """The dataset without shards, of a folder with copies in it."""
    for number in range(5):
        (folder / f"{number}.wav").write_text(f"number {number}\n")
        (folder / f"{number}_copy.wav").write_text(f"number {number}\n")
    (folder / "bad.wav").write_text("start\n!broken\n")
    hear(folder, output=tmp_path / "whole")
    return dataset(tmp_path / "whole")


def test_the_last_shard_merges_them_into_what_one_run_gives(folder, whole, hear, tmp_path):
    output = tmp_path / "out"
    assert hear(folder, shard=(2, 3)) is None
    assert hear.said[-1] == "1 of 3 shards are done; the last one merges them."
    assert hear(folder, shard=(1, 3)) is None and not (output / "segments.jsonl").exists()
    summary = hear(folder, shard=(3, 3))
    assert dataset(output) == whole and summary["files"] == 14 and summary["copies"] == 5


def test_shards_of_several_machines_are_brought_together(folder, whole, hear, tmp_path):
    for shard, machine in ((1, "a"), (2, "b")):
        hear(folder, shard=(shard, 2), output=tmp_path / machine)
    summary = merge(tmp_path / "out", [tmp_path / "a", tmp_path / "b"])
    assert dataset(tmp_path / "out") == whole and summary["settings"]["model"] == "embedded:tiny.en"


def test_a_run_without_shards_goes_on_from_merged_ones(folder, whole, hear, tmp_path, log):
    for shard in (1, 2):
        hear(folder, shard=(shard, 2))
    log()
    hear(folder)
    assert log() == [] and dataset(tmp_path / "out") == whole


def test_a_shard_that_is_started_again_is_merged_again(folder, whole, hear, tmp_path):
    for shard in (1, 2):
        hear(folder, shard=(shard, 2))
    (folder / "new.wav").write_text("something new\n")
    hear(folder, shard=(shard_of("new.wav", 2), 2))
    assert "something new" in [row["text"] for row in rows(tmp_path / "out")]


def test_missing_shards_are_named(folder, hear, tmp_path):
    hear(folder, shard=(2, 3))
    with pytest.raises(ShardError, match="shards 1, 3 of 3 are missing. Mend: run them first"):
        merge(tmp_path / "out", [])
    with pytest.raises(ShardError, match="no shards here"):
        merge(tmp_path / "elsewhere", [])


def test_shards_with_different_settings_are_not_merged(folder, hear, tmp_path):
    hear(folder, shard=(1, 2), output=tmp_path / "a")
    hear(folder, shard=(2, 2), output=tmp_path / "b", beam_size=1)
    with pytest.raises(ShardError, match="other settings"):
        merge(tmp_path / "out", [tmp_path / "a", tmp_path / "b"])


def test_shards_of_different_runs_are_not_merged(folder, hear, tmp_path):
    hear(folder, shard=(1, 2))
    hear(folder, shard=(1, 3))
    with pytest.raises(ShardError, match="shards of different runs"):
        merge(tmp_path / "out", [])


def test_a_run_without_shards_is_not_overwritten_by_merged_ones(folder, hear, tmp_path):
    hear(folder)
    for shard in (1, 2):
        hear(folder, shard=(shard, 2), output=tmp_path / "shards_of_it")
    shutil.copytree(tmp_path / "shards_of_it" / "shards", tmp_path / "out" / "shards")
    with pytest.raises(ShardError, match="holds a run without shards"):
        merge(tmp_path / "out", [])
