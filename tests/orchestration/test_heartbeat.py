"""Every rank leaves a file that says where it is."""

import json
import os
import time
from pathlib import Path

import pytest

from pixel.orchestration.heartbeat import Heartbeat, read_beats, spare_folder


def test_a_beat_is_read_as_it_was_written(tmp_path, monkeypatch):
    monkeypatch.setenv("RANK", "3")
    monkeypatch.setenv("PIXEL_ATTEMPT", "2")
    heart = Heartbeat(tmp_path)
    heart.beat("start", 0, 50)
    heart.beat("train", 7)
    (beat,) = read_beats(tmp_path)
    assert (beat.rank, beat.step, beat.max_steps, beat.phase, beat.attempt) == (3, 7, 50, "train", 2)
    assert abs(time.time() - beat.time) < 60
    content = json.loads((tmp_path / "heartbeat" / "rank3.json").read_text())
    assert {"step", "max_steps", "phase", "time", "pid"} <= set(content)


def test_steps_are_written_at_most_once_in_a_while_and_phases_at_once(tmp_path):
    heart = Heartbeat(tmp_path, rank=0, every=60)
    heart.beat("train", 1)
    heart.beat("train", 2)
    assert read_beats(tmp_path)[0].step == 1
    heart.beat("save", 2)
    assert (read_beats(tmp_path)[0].step, read_beats(tmp_path)[0].phase) == (2, "save")
    heart.beat("save", status=75)
    assert read_beats(tmp_path)[0].status == 75


def test_beats_of_another_attempt_and_broken_files_are_left_out(tmp_path, monkeypatch):
    Heartbeat(tmp_path, rank=0).beat("train", 1)
    monkeypatch.setenv("PIXEL_ATTEMPT", "2")
    Heartbeat(tmp_path, rank=1).beat("train", 1)
    (tmp_path / "heartbeat" / "rank2.json").write_text('{"rank": 2, "st')
    assert [beat.rank for beat in read_beats(tmp_path)] == [0, 1]
    assert [beat.rank for beat in read_beats(tmp_path, attempt=2)] == [1]


def test_a_folder_that_cannot_be_written_stops_nobody(tmp_path):
    (tmp_path / "heartbeat").write_text("a file where the folder should be")
    Heartbeat(tmp_path, rank=0).beat("train", 1)
    assert read_beats(tmp_path) == []


def test_what_the_output_folder_does_not_take_goes_to_the_supervisors(tmp_path, monkeypatch):
    with spare_folder() as spare:
        monkeypatch.setenv("PIXEL_HEARTBEAT", spare)
        heart = Heartbeat(tmp_path, rank=1, every=0)
        heart.beat("train", 1)
        assert list(Path(spare).iterdir()) == [] and len(read_beats(tmp_path, spare=spare)) == 1
        monkeypatch.setattr(
            heart, "_places", [tmp_path / "heartbeat" / "rank1.json" / "in a file", *heart._places[1:]]
        )
        heart.beat("save", 2)
        assert [beat.step for beat in read_beats(tmp_path)] == [1]
        assert [(beat.rank, beat.step) for beat in read_beats(tmp_path, spare=spare)] == [(1, 2)]
    assert not Path(spare).exists()


def test_work_without_steps_is_ticked_through(tmp_path):
    heart = Heartbeat(tmp_path, rank=0, every=0)
    with heart.ticking("train", seconds=0.02):
        first = read_beats(tmp_path)[0].time
        time.sleep(0.3)
        assert read_beats(tmp_path)[0].time > first


def test_an_unknown_phase_is_refused(tmp_path):
    with pytest.raises(ValueError, match="no phase 'sleep'"):
        Heartbeat(tmp_path, rank=0).beat("sleep")


def test_on_a_full_disk_a_rank_still_says_that_it_is_alive(tmp_path, monkeypatch):
    heart = Heartbeat(tmp_path, rank=0, every=0)
    heart.beat("train", 1)
    said = read_beats(tmp_path)[0]

    def full(*_, **__):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("pixel.orchestration.heartbeat.write_in_one_step", full)
    os.utime(heart.file, (said.time + 100, said.time + 100))
    before = read_beats(tmp_path)[0]
    heart.beat("train", 2)
    after = read_beats(tmp_path)[0]
    assert before != after and after.step == 1
