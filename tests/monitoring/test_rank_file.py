"""Lines of a rank: whole, in order, and never the end of a run."""

import json

from pixel.monitoring.rank_file import RankFile


def test_lines_are_appended_by_a_run_and_by_the_one_that_resumes_it(tmp_path):
    RankFile(tmp_path / "resources", 3).write({"step": 1, "seconds": {"data": 0.5, "bad": float("nan")}})
    RankFile(tmp_path / "resources", 3).write({"step": 2, "loss": float("inf")})
    lines = (tmp_path / "resources" / "rank3.jsonl").read_text().splitlines()
    assert [json.loads(line) for line in lines] == [{"step": 1, "seconds": {"data": 0.5}}, {"step": 2}]


def test_a_disk_that_refuses_is_said_once(tmp_path, capsys):
    (tmp_path / "file").write_text("in the way of a folder")
    file = RankFile(tmp_path / "file", 0)
    file.write({"step": 1})
    file.write({"step": 2})
    assert capsys.readouterr().out.count("cannot be written and the run goes on without") == 1


def test_off_is_off(tmp_path):
    RankFile(tmp_path / "resources", 0, on=False).write({"step": 1})
    assert not (tmp_path / "resources").exists()
