"""How far a run or a pipeline is, for a person."""

import pytest

from pixel.orchestration.heartbeat import Heartbeat
from pixel.orchestration.pipeline_file import PipelineError
from pixel.orchestration.status import pipeline_table, run_table, show
from tests.orchestration.parts import supervisor


def test_a_run_shows_its_attempts_and_ranks(tmp_path):
    supervisor(tmp_path, "crash", "fine").run()
    Heartbeat(tmp_path, rank=1).beat("save", 3, 4)
    lines = run_table(tmp_path).splitlines()
    assert lines[0].endswith("finished, step 4 of 4 is safe, finished")
    assert [line.split()[:4] for line in lines[3:5]] == [
        ["1", "0", "1", lines[3].split()[3]],
        ["2", "1", "4", lines[4].split()[3]],
    ]
    assert "error" in lines[3] and "RuntimeError" in lines[3]
    assert any(line.split()[:3] == ["1", "3", "save"] for line in lines[6:])


def test_a_pipeline_shows_every_stage():
    state = {"a": {"state": "done", "tries": 1, "seconds": 2.5}, "b": {"state": "failed", "reason": "disk_full: x"}}
    lines = pipeline_table(state, ["a", "b", "c"]).splitlines()
    assert [line.split()[:2] for line in lines[1:]] == [["a", "done"], ["b", "failed"], ["c", "not"]]
    assert lines[2].endswith("disk_full: x")


def test_a_folder_of_something_else_is_refused(tmp_path):
    with pytest.raises(PipelineError, match="no run and no pipeline. Mend:"):
        show(str(tmp_path))
