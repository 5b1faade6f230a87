import os

import pytest

from pixel.voice.pipeline.pool import CannotStart
from tests.voice.pipeline import fakes
from tests.voice.pipeline.conftest import rows


def faults(output):
    return {row["file"]: row["reason"] for row in rows(output, "files") if row["reason"]}


def test_a_recording_that_kills_its_worker_is_tried_so_often_and_then_quarantined(folder, hear, tmp_path, log):
    (folder / "bad.wav").write_text("before it\n!die\nafter it\n")
    summary = hear(folder, attempts=2)
    heard_before = "(what was heard before, 10 s, is kept)"
    assert faults(tmp_path / "out") == {"bad.wav": f"the worker died (SIGSEGV), 2 times {heard_before}"}
    assert (summary["done"], summary["quarantined"]) == (3, 1)
    assert [line[1] for line in log() if line[0] == "bad.wav"] == ["0", "10", "10"]
    assert [row["text"] for row in rows(tmp_path / "out") if row["file"] == "bad.wav"] == ["before it"]


def test_a_worker_that_died_by_chance_costs_nothing(folder, hear, tmp_path):
    (folder / "once.wav").write_text(f"before it\n!die_once {tmp_path / 'mark'}\nafter it\n")
    assert hear(folder)["quarantined"] == 0
    texts = [row["text"] for row in rows(tmp_path / "out") if row["file"] == "once.wav"]
    assert texts[0] == "before it" and texts[2] == "after it" and len(texts) == 3


def test_a_recording_that_kills_whoever_opens_it_is_quarantined(folder, hear, tmp_path):
    (folder / "bad.wav").write_text("!poison\n")
    assert hear(folder)["done"] == 3
    assert faults(tmp_path / "out") == {"bad.wav": "the worker died (SIGSEGV), 3 times"}
    assert rows(tmp_path / "out", "files")[2]["sha256"] is None  # nobody could look at it


def test_an_error_in_the_transcriber_is_told_in_one_line(folder, hear, tmp_path):
    (folder / "bad.wav").write_text("!error\n")
    assert hear(folder, attempts=1)["done"] == 3
    assert faults(tmp_path / "out") == {"bad.wav": "RuntimeError: the accelerator is in disorder, 1 times"}


def test_a_worker_that_says_nothing_any_more_is_stopped(folder, hear, tmp_path):
    (folder / "bad.wav").write_text("!hang\n")
    assert hear(folder, attempts=1, stall_seconds=3.0)["done"] == 3
    assert "nothing came for 3 s" in faults(tmp_path / "out")["bad.wav"]


def test_what_came_before_the_decoder_broke_off_is_kept(folder, hear, tmp_path, log):
    (folder / "cut.wav").write_text("whole\n!broken\n")
    (folder / "never.wav").write_text("!broken\n")
    hear(folder)
    why = "broke off. Mend: fetch it again"
    kept = f"{why} (what was heard before, 10 s, is kept)"
    assert faults(tmp_path / "out") == {"cut.wav": kept, "never.wav": why}
    assert [line[0] for line in log()].count("cut.wav") == 1  # another attempt would end the same


def test_quarantined_recordings_are_left_alone_until_told_otherwise(folder, hear, tmp_path, log):
    mark = tmp_path / "mark"
    (folder / "bad.wav").write_text(f"first\n!die_once {mark}\n")
    hear(folder, attempts=1)
    log()
    hear(folder, attempts=1)
    assert log() == [] and "bad.wav" in faults(tmp_path / "out")
    hear(folder, attempts=1, retry_quarantined=True)
    assert [line[:2] for line in log()] == [("bad.wav", "10")] and faults(tmp_path / "out") == {}


def test_files_that_are_no_recordings_stop_nothing(folder, hear, tmp_path):
    (folder / "empty.wav").touch()
    (folder / "noise.wav").write_bytes(b"\xff\xfe\x00\x80")
    (folder / "x.wav").mkdir()
    (folder / "x.wav" / "within.wav").write_text("found too\n")
    (folder / "loop.wav").symlink_to("loop.wav")
    (folder / "loop").symlink_to(folder)
    (folder / "gone.wav").symlink_to("nowhere.wav")
    summary = hear(folder)
    reasons = faults(tmp_path / "out")
    assert reasons["empty.wav"] == "empty (0 bytes)" and reasons["noise.wav"] == "is no sound"
    assert "found too" in [row["text"] for row in rows(tmp_path / "out")] and summary["done"] == 4


def test_a_file_other_than_the_recording_that_cannot_be_read_is_tried_again(folder, hear, tmp_path, log):
    hear(folder, make_tools=_with_weights_that_are_there_the_second_time)
    assert faults(tmp_path / "out") == {}


def _with_weights_that_are_there_the_second_time(job, settings):
    from dataclasses import replace

    def measure(samples, speech, mos):
        mark = os.environ[fakes.LOG] + ".weights"
        if not os.path.exists(mark):
            open(mark, "w").close()
            raise FileNotFoundError(2, "No such file or directory", "weights.onnx")
        return {}

    return replace(fakes.make_tools(job, settings), measure=measure)


def test_a_recording_without_any_sound_says_so(folder, hear, tmp_path):
    (folder / "header.wav").write_text("bytes, but not one window\n")
    hear(folder, make_tools=_without_windows)
    assert faults(tmp_path / "out")["header.wav"] == "no sound in it (0 seconds)"


def _without_windows(job, settings):
    from dataclasses import replace

    return replace(fakes.make_tools(job, settings), windows=lambda path, seconds: iter(()))


@pytest.mark.skipif(os.geteuid() == 0, reason="nothing is forbidden to root")
def test_a_recording_that_may_not_be_read_is_heard_once_it_may(folder, hear, tmp_path):
    (folder / "a.wav").chmod(0)
    hear(folder)
    assert faults(tmp_path / "out") == {"a.wav": "cannot be read: Permission denied"}
    (folder / "a.wav").chmod(0o600)
    assert hear(folder)["done"] == 3


def test_a_name_that_is_not_utf_8_is_heard_and_written(folder, hear, tmp_path):
    with open(os.fsencode(folder) + b"/caf\xe9.wav", "w") as out:
        out.write("one more\n")
    hear(folder)
    row = next(row for row in rows(tmp_path / "out") if row["text"] == "one more")
    assert (row["file"], row["id"]) == ("caf\\xe9.wav", "caf\\xe9.wav#000000000")


def test_a_model_that_cannot_be_loaded_ends_the_run_in_one_line(folder, hear):
    with pytest.raises(CannotStart, match="model nowhere: not found. Mend") as ended:
        hear(folder, make_tools=fakes.make_tools_without_a_model)
    assert "\n" not in str(ended.value)


def test_workers_that_die_while_loading_quarantine_nobody(folder, hear, tmp_path, log):
    with pytest.raises(
        CannotStart, match="SIGKILL: out of memory.*while it loaded the model. Mend: .*fewer --workers"
    ):
        hear(folder, make_tools=fakes.make_tools_that_die_while_loading)
    assert hear(folder)["quarantined"] == 0
