"""Stages run once for the same content, go on after a kill, and stop only those that need them."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from pixel.monitoring.alerts import Alerts
from pixel.orchestration.content import Hashes
from pixel.orchestration.locks import FolderLock, InUseError
from pixel.orchestration.pipeline import Pipeline, read_state
from pixel.orchestration.pipeline_file import PipelineError, read_pipeline
from tests.orchestration.parts import alive, wait_for

ROOT = Path(__file__).parents[2]
COPY = (
    "import sys; open(sys.argv[2], 'w').write(open(sys.argv[1]).read().upper()); open('ran', 'a').write(sys.argv[3])"
)


def copies(source: str, target: str, letter: str, **more) -> dict:
    """A stage that writes one file's text into another, in capitals, and leaves a letter in `ran`."""
    run = ["python", "-c", COPY, source, target, letter]
    return {"run": run, "inputs": [source], "outputs": [target], "code": [], **more}


@pytest.fixture
def place(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "source.txt").write_text("one")
    return tmp_path


def written(stages: dict, **more) -> Path:
    file = Path("pipeline.yaml")
    file.write_text(yaml.safe_dump({"folder": "out", "stages": stages, **more}, sort_keys=False))
    return file


def chain(**more) -> Path:
    second = copies("a.txt", "b.txt", "b", needs=["a"])
    return written(
        {"a": copies("source.txt", "a.txt", "a"), "b": second, "other": copies("source.txt", "o.txt", "o")} | more
    )


def run(file: Path, **options) -> tuple[int, str]:
    """Exit status, and the letters of the stages that ran."""
    Path("ran").write_text("")
    pipeline = Pipeline(read_pipeline(file), echo=False, **options)
    return pipeline.run(), Path("ran").read_text()


def test_what_is_unchanged_is_skipped_and_touching_is_no_change(place):
    assert run(chain()) == (0, "abo")
    assert run(chain()) == (0, "")
    os.utime("source.txt", (1, 1))
    assert run(chain()) == (0, "")


def test_a_changed_input_wakes_those_after_it_only_as_far_as_outputs_change(place):
    run(chain())
    Path("source.txt").write_text("two")
    assert run(chain()) == (0, "abo")
    Path("source.txt").write_text("TWO")  # in capitals the same: `a` and `o` run, `b` finds its input unchanged
    assert run(chain()) == (0, "ao")


def test_a_lost_or_edited_output_is_made_again(place):
    run(chain())
    Path("b.txt").unlink()
    assert run(chain()) == (0, "b")
    Path("a.txt").write_text("edited")
    assert run(chain()) == (0, "a")  # which gives the same as before: `b` stays


def test_a_changed_command_and_changed_code_wake_a_stage(place):
    Path("code.py").write_text("1")
    first = {"a": copies("source.txt", "a.txt", "a") | {"code": ["code.py"]}}
    run(written(first))
    Path("code.py").write_text("2")
    assert run(written(first)) == (0, "a")
    assert run(written({"a": first["a"] | {"run": [*first["a"]["run"], "more"]}})) == (0, "a")


GROWS = "open('left/log', 'a').write(open('source.txt').read()); open('ran', 'a').write('g')"


def test_what_a_stage_would_go_on_from_is_set_aside_when_it_is_other_work(place):
    def grows(code="1"):
        Path("code.py").write_text(code)
        stage = {"run": ["python", "-c", f"import os; os.makedirs('left', exist_ok=True); {GROWS}"], "anew": ["left"]}
        return written({"g": stage | {"inputs": ["source.txt"], "outputs": ["left/log"], "code": ["code.py"]}})

    run(grows())
    assert run(grows("2")) == (0, "g") and Path("left/log").read_text() == "oneone"  # other code goes on
    Path("source.txt").write_text("two")
    assert run(grows("2")) == (0, "g") and Path("left/log").read_text() == "two"
    assert Path("left.before-1/log").read_text() == "oneone"
    assert run(grows("2"), force={"g"}) == (0, "g") and Path("left/log").read_text() == "two"
    assert Path("left.before-2/log").read_text() == "two"

    state = json.loads(Path("out/pipeline.json").read_text())
    state["stages"]["g"]["state"] = "running"  # cut off: it goes on
    Path("out/pipeline.json").write_text(json.dumps(state))
    assert run(grows("2")) == (0, "g") and Path("left/log").read_text() == "twotwo"
    assert run(grows("2")) == (0, "") and not Path("left.before-3").exists()


def test_from_only_and_force(place):
    plan = read_pipeline(chain())
    run(chain())
    assert run(chain(), force=plan.after("a")) == (0, "ab")
    assert run(chain(), only={"other"}, force={"other"}) == (0, "o")
    assert run(chain(), force={"a", "b", "other"}) == (0, "abo")


def test_a_dry_run_says_why_and_does_nothing(place):
    run(chain())
    Path("source.txt").write_text("two")
    said = dict(Pipeline(read_pipeline(chain())).dry_run())
    assert said == {
        "a": "runs: source.txt changed",
        "b": "runs if a changes its outputs",
        "other": "runs: source.txt changed",
    }
    assert Path("a.txt").read_text() == "ONE"


def test_a_failure_stops_those_that_need_it_and_no_other(place):
    alerts = Alerts()
    broken = written({
        "a": {"run": ["python", "-c", "import nowhere"], "outputs": ["a.txt"], "code": []},
        "b": copies("a.txt", "b.txt", "b", needs=["a"]),
        "other": copies("source.txt", "o.txt", "o"),
    })  # fmt: skip
    assert run(broken, alerts=alerts) == (1, "o")
    state = read_state(Path("out"))
    assert {name: stage["state"] for name, stage in state.items()} == {"a": "failed", "b": "blocked", "other": "done"}
    assert "ModuleNotFoundError (No module named 'nowhere')" in state["a"]["reason"]
    assert [(alert.kind, alert.severity) for alert in alerts.sent] == [
        ("stage_failed", "error"), ("pipeline_failed", "error"),
    ]  # fmt: skip


def test_a_stage_is_tried_again_as_often_as_it_says(place):
    code = "import sys; n = len(open('tries', 'a+').read()); open('tries', 'a').write('x'); "
    code += "k = open('tries').read(); sys.exit(0 if len(k) == 3 and open('o', 'w').write('x') else 1)"
    stage = {"run": ["python", "-c", code], "outputs": ["o"], "code": [], "retries": 2, "backoff": 0.01}
    assert run(written({"a": stage}))[0] == 0
    assert read_state(Path("out"))["a"]["tries"] == 3
    Path("tries").write_text("")
    Path("o").unlink()
    assert run(written({"a": stage | {"retries": 1}}))[0] == 1


def test_a_stage_that_leaves_no_output_or_takes_too_long_has_failed(place):
    empty = written({"a": {"run": ["python", "-c", ""], "outputs": ["o"], "code": []}})
    assert run(empty)[0] == 1
    assert "left no o" in read_state(Path("out"))["a"]["reason"]
    slow = written({"a": {"run": ["sleep", "60"], "code": [], "timeout": 0.3}})
    assert run(slow)[0] == 1
    assert "not done after 0.3 s" in read_state(Path("out"))["a"]["reason"]


def test_a_stage_without_its_variable_is_left_out(place, monkeypatch):
    monkeypatch.delenv("SOME_TOKEN", raising=False)
    assert run(written({"a": copies("source.txt", "a.txt", "a", when="SOME_TOKEN")})) == (0, "")
    monkeypatch.setenv("SOME_TOKEN", "x")
    assert run(written({"a": copies("source.txt", "a.txt", "a", when="SOME_TOKEN")})) == (0, "a")


def launched(file: Path) -> subprocess.Popen:
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    return subprocess.Popen(
        [sys.executable, str(ROOT / "recipes" / "launch.py"), "run", str(file), "--quiet"], env=environment
    )


def slow_chain() -> Path:
    waits = (
        "import time, pathlib; pathlib.Path('begun').touch(); time.sleep(600 * (not pathlib.Path('go').exists())); "
    )
    stage = {"run": ["python", "-c", waits + "open('s', 'w')"], "outputs": ["s"], "needs": ["a"], "code": []}
    return chain(slow=stage)


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_after_a_kill_it_goes_on_with_the_stage_that_was_cut_off(place, number):
    process = launched(slow_chain())
    wait_for(Path("begun").exists)
    process.send_signal(number)
    assert process.wait(30) == (75 if number == signal.SIGTERM else -9)
    wait_for(lambda: not alive(Path("out#pipeline").absolute()), 10)
    Path("go").touch()
    assert run(slow_chain()) == (0, "")
    assert read_state(Path("out"))["slow"]["state"] == "done"


def test_a_pipeline_runs_once_at_a_time(place):
    with FolderLock(Path("out/pipeline.lock"), "pipeline"), pytest.raises(InUseError, match="pipeline .* Mend:"):
        run(chain())


WRONG = {
    "unknown key 'input'. Mend: did you mean inputs?": {"a": {"run": "x", "input": ["y"]}},
    "stages a, b: each waits for another": {"a": {"run": "x", "needs": ["b"]}, "b": {"run": "x", "needs": ["a"]}},
    "stage a: inputs: gone.txt is not there and no stage makes it": {"a": {"run": "x", "inputs": ["gone.txt"]}},
    "stage b: inputs: a.txt comes from a. Mend: needs: [a]": {
        "a": {"run": "x", "outputs": ["a.txt"]}, "b": {"run": "x", "inputs": ["a.txt"]},
    },
    "no stage 'tran'. Mend: did you mean train?": {"train": {"run": "x"}, "b": {"run": "x", "needs": ["tran"]}},
    "stage a: run: no command": {"a": {"outputs": ["y"]}},
    "stage a: retries: 'many' is no number": {"a": {"run": "x", "retries": "many"}},
    "anew: source.txt is an input": {"a": {"run": "x", "inputs": ["source.txt"], "anew": ["source.txt"]}},
    "is its own output": {"a": {"run": "x", "inputs": ["o"], "outputs": ["o"]}},
    "stages: none": {},
}  # fmt: skip


@pytest.mark.parametrize("said", WRONG, ids=lambda said: said.split(".")[0])
def test_what_is_wrong_is_said_in_one_line(place, said):
    with pytest.raises(PipelineError) as error:
        read_pipeline(written(WRONG[said]))
    assert said in str(error.value) and "\n" not in str(error.value) and "Mend: " in str(error.value)


def test_the_shipped_pipelines_are_well_formed(monkeypatch):
    monkeypatch.chdir(ROOT)
    for file in sorted(Path("recipes/pipelines").glob("*.yaml")):
        plan = read_pipeline(file)
        assert plan.name == file.stem
        assert [stage.name for stage in plan.stages][-3:] == ["train", "evaluate", "push"]
        for stage in plan.stages:
            scripts = [word for word in stage.run if word.startswith("recipes/")]
            assert all(Path(word).exists() for word in scripts), stage.name


def test_a_file_that_was_just_written_is_read_again(tmp_path):
    file, hashes = tmp_path / "f", Hashes(tmp_path / "h.json")
    file.write_text("one")
    stat = file.stat()
    first = hashes.of(str(file))
    file.write_text("two")
    os.utime(file, ns=(stat.st_atime_ns, stat.st_mtime_ns))  # as within one tick of a coarse clock
    assert hashes.of(str(file)) != first


def test_an_old_file_is_read_once(tmp_path):
    file, hashes = tmp_path / "f", Hashes(tmp_path / "h.json")
    file.write_text("one")
    os.utime(file, (1, 1))
    hashes.of(str(file))
    hashes.keep()
    assert [entry[:2] for entry in json.loads((tmp_path / "h.json").read_text()).values()] == [[3, 10**9]]
