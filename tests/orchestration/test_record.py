"""The story of a folder's attempts outlives its supervisors."""

import json

from pixel.orchestration.record import AttemptRecord, Record


def test_another_supervisor_goes_on_with_the_story(tmp_path):
    first = Record(tmp_path, command=["x"])
    first.attempts = [AttemptRecord(1, 5.0, 0, 4, 2.0, 1, "error", "why"), AttemptRecord(2, 8.0, 4)]
    first.write("running")
    again = Record.of(tmp_path)
    assert [(one.number, one.kind) for one in again.attempts] == [(1, "error"), (2, "killed")]  # cut off in the second
    assert again.next_number() == 3
    content = json.loads((tmp_path / "supervisor.json").read_text())
    assert content["state"] == "running" and content["attempts"][0]["to_step"] == 4


def test_where_only_logs_are_left_no_number_is_used_twice(tmp_path):
    (tmp_path / "attempts").mkdir()
    for name in ("7.log", "8-1.log", "notes.txt"):
        (tmp_path / "attempts" / name).touch()
    (tmp_path / "supervisor.json").write_text('{"attempts": [{"num')
    assert Record.of(tmp_path).next_number() == 8


def test_a_disk_that_takes_nothing_is_said_once(tmp_path, capsys):
    (tmp_path / "supervisor.json").mkdir()  # cannot be replaced by a file
    record = Record(tmp_path)
    record.write("running")
    record.write("waiting")
    assert capsys.readouterr().err.count("the run goes on without") == 1
