import json

import pytest

from pixel.evaluation.items import Item
from pixel.evaluation.row import Row
from pixel.evaluation.runner import UnknownTask, chosen_tasks, data_fingerprint, run_tasks
from pixel.evaluation.store import TaskStore
from pixel.evaluation.task import TaskResult, TaskSkipped
from tests.evaluation.parts import MadeModel, context

HERE = __name__


class Good:
    name, group, needs, about = "good", "eq", (), ""
    runs = 0

    def run(self, given):
        Good.runs += 1
        return TaskResult([Row("good", "m", 0.5, "eq", n=2)], [Item("a", "m", 1.0)], ["a remark"])


class Reads(Good):
    needs = ("readouts", "data")


class Missing(Good):
    def run(self, given):
        raise TaskSkipped("the moon is not up")


class Broken(Good):
    def run(self, given):
        raise ZeroDivisionError("by nought\nsecond line")


class Needy(Good):
    def run(self, given):
        raise ModuleNotFoundError("No module named 'lm_eval'", name="lm_eval")


class Misspelt(Good):
    def run(self, given):
        from pixel.evaluation.row import Rwo  # noqa: F401


class Twice(Good):
    def run(self, given):
        return TaskResult([Row("t", "m", 0.5, "eq"), Row("t", "m", 0.6, "eq")])


@pytest.fixture
def run(tmp_path, monkeypatch):
    """Runs tasks of this module by class name; returns the outcome and what was said."""
    import sys
    import types

    module = types.ModuleType("made_tasks")
    module.__dict__.update({kind.__name__: kind for kind in (Good, Reads, Missing, Broken, Needy, Misspelt, Twice)})
    module.__spec__ = types.SimpleNamespace(origin=__file__)
    monkeypatch.setitem(sys.modules, "made_tasks", module)

    def go(*names, model=None, made_from=None):
        lines = []
        tasks = {name.lower(): f"made_tasks:{name}" for name in names}
        outcome = run_tasks(
            list(tasks),
            context(model),
            TaskStore(tmp_path),
            made_from or {"model": "a"},
            tasks=tasks,
            say=lines.append,
        )
        return outcome, lines

    return go


def test_one_failing_task_does_not_stop_the_others(run, capsys):
    outcome, lines = run("Broken", "Missing", "Needy", "Misspelt", "Good")
    assert [task.name for task in outcome.finished] == ["good"] and outcome.failed == ["broken", "misspelt"]
    reasons = {entry["task"]: entry["reason"] for entry in outcome.skipped}
    assert reasons["broken"].startswith("stopped by a bug: ZeroDivisionError at test_runner.py:")
    assert "by nought" not in reasons["broken"]  # a message may quote data, and the report is handed around
    assert "ImportError at test_runner.py" in reasons["misspelt"]
    assert reasons["missing"] == "the moon is not up" and "pip install" in reasons["needy"]
    assert "raise ZeroDivisionError" in capsys.readouterr().err


def test_what_a_task_needs_and_what_is_not_there_is_said(run):
    outcome, _ = run("Reads", model=MadeModel(abilities=["generation"]))
    reason = outcome.skipped[0]["reason"]
    assert "trained to read turns" in reason and "--data_root" in reason and outcome.failed == []


def test_a_finished_task_is_kept_and_runs_anew_when_anything_changed(run):
    Good.runs = 0
    run("Good")
    outcome, lines = run("Good")
    assert Good.runs == 1 and outcome.finished[0].kept and "kept from an earlier run" in lines[0]
    assert outcome.finished[0].rows == [Row("good", "m", 0.5, "eq", n=2)] and outcome.finished[0].notes == ["a remark"]
    _, lines = run("Good", made_from={"model": "b"})
    assert Good.runs == 2 and "starting anew" in lines[0]


def test_a_task_runs_anew_only_where_code_it_rests_on_changed(run, monkeypatch):
    from pixel.evaluation import runner

    asked = []
    monkeypatch.setattr(runner, "code_fingerprint", lambda *modules: asked.append(modules) or versions["now"])
    versions, Good.runs = {"now": "a"}, 0
    run("Good")
    run("Good")
    assert Good.runs == 1 and set(asked) == {("made_tasks", runner.READING)}
    versions["now"] = "b"
    assert "starting anew" in run("Good")[1][0] and Good.runs == 2


def test_a_damaged_file_of_a_task_is_made_again(run, tmp_path):
    Good.runs = 0
    run("Good")
    (tmp_path / "good.json").write_text((tmp_path / "good.json").read_text()[:-20])
    run("Good")
    assert Good.runs == 2 and json.loads((tmp_path / "good.json").read_text())["rows"]


def test_two_rows_of_one_name_are_a_bug(run):
    outcome, _ = run("Twice")
    assert outcome.failed == ["twice"] and "ValueError at store.py" in outcome.skipped[0]["reason"]


def test_a_task_whose_module_is_not_there_is_skipped(tmp_path):
    tasks = {"later": "pixel.evaluation.tasks.not_written:Later"}
    outcome = run_tasks(["later"], context(), TaskStore(tmp_path), {}, tasks=tasks, say=lambda line: None)
    assert outcome.skipped == [{"task": "later", "reason": "not part of this installation"}]


def test_tasks_are_chosen_by_name_or_beginning():
    tasks = dict.fromkeys(["eq", "empathy_a", "bias", "empathy_b"], "m:C")
    assert chosen_tasks(None, tasks) == list(tasks)
    assert chosen_tasks(["empathy_*", "eq"], tasks) == ["eq", "empathy_a", "empathy_b"]
    with pytest.raises(UnknownTask, match="'poetry'.*Mend: use some of: eq, empathy_a"):
        chosen_tasks(["poetry"], tasks)


def test_a_changed_file_changes_the_fingerprint_of_the_data(tmp_path):
    (tmp_path / "esconv").mkdir()
    (tmp_path / "esconv" / "a.jsonl").write_text("1")
    before = data_fingerprint(tmp_path)
    assert before == data_fingerprint(tmp_path)
    (tmp_path / "esconv" / "a.jsonl").write_text("22")
    assert before != data_fingerprint(tmp_path) and data_fingerprint(None) is None
