"""A run asks people at checkpoints, and goes on, ends or goes back as they say."""

import json
import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
import torch
from transformers import TrainerCallback

from pixel.monitoring.alerts import Alerts
from pixel.review.mailbox import FileReviewStore
from pixel.training.arguments import SettingError
from pixel.training.callbacks.expert_checkpoints import ExpertCheckpoints
from pixel.training.review_request import ReviewText
from tests.training.callbacks.probes import Told, read, severity, through_json
from tests.training.parts import parameters, trainer_for

SECRET = "words of a person"


class Answers:
    """A store that knows its verdicts beforehand: step -> verdict."""

    def __init__(self, verdicts=None):
        self.verdicts, self.requests = verdicts or {}, {}

    def request(self, content):
        self.requests[content["id"]] = content
        return content["id"]

    def verdict(self, id):
        said = self.verdicts.get(int(id.rsplit("-", 1)[1]))
        return None if said is None else {"verdict": said}


class Clock:
    now = 0.0

    def __call__(self):
        return self.now

    def sleep(self, seconds):
        self.now += seconds


def expert(store, every=2, **options):
    clock, alerts = Clock(), Alerts()
    probe = Told([read(str(n), "ua", {"risk": [severity(n), severity(0)]}) for n in range(3)])
    given = {"timeout": 60.0, "poll": 5.0, "clock": clock, "sleep": clock.sleep} | options
    return ExpertCheckpoints(probe, alerts, store, every, **given), alerts


def kinds(alerts):
    return [(alert.kind, alert.severity) for alert in alerts.sent]


def drive(callback, folder, steps, *, first=1):
    """The callback's part in a training loop, without a model; returns the step at which it ended."""
    args = SimpleNamespace(output_dir=str(folder), should_save=True)
    state = SimpleNamespace(global_step=first - 1, max_steps=steps)
    control = SimpleNamespace(should_save=False, should_training_stop=False)
    callback.on_train_begin(args, state, control)
    while state.global_step < steps and not control.should_training_stop:
        state.global_step += 1
        control.should_save = False
        callback.on_step_end(args, state, control)
        if control.should_save:
            checkpoint = folder / f"checkpoint-{state.global_step}"
            checkpoint.mkdir(parents=True, exist_ok=True)
            (checkpoint / "model.safetensors").write_text(str(state.global_step))
            callback.on_save(args, state, control)
    callback.on_train_end(args, state, control)
    return state.global_step


def test_an_approved_checkpoint_is_kept_and_the_run_goes_on(tmp_path):
    store = Answers({2: "approve", 4: "approve", 5: "approve"})
    callback, alerts = expert(store)
    assert drive(callback, tmp_path, 5) == 5
    assert [content["step"] for content in store.requests.values()] == [2, 4, 5]  # and the last step
    assert (tmp_path / "approved" / "model.safetensors").read_text() == "5"
    assert kinds(alerts) == [("expert_approve", "info")] * 3
    assert callback.report()["approved"]["step"] == 5


def test_a_rejected_run_ends_there(tmp_path):
    callback, alerts = expert(Answers({2: "approve", 4: "reject"}))
    assert drive(callback, tmp_path, 9) == 4
    assert callback.outcome == "reject" and kinds(alerts)[-1] == ("expert_reject", "warning")
    assert (tmp_path / "approved" / "model.safetensors").read_text() == "2"


def test_a_rollback_with_nothing_approved_ends_the_run(tmp_path):
    callback, alerts = expert(Answers({2: "rollback"}))
    assert drive(callback, tmp_path, 9) == 2
    assert kinds(alerts) == [("expert_rollback_failed", "error")]
    assert "Mend" in alerts.sent[0].message


@pytest.mark.parametrize(("policy", "end"), [("continue", 6), ("stop", 2)])
def test_without_a_verdict_the_policy_decides(tmp_path, policy, end):
    callback, alerts = expert(Answers(), on_timeout=policy)
    assert drive(callback, tmp_path, 6) == end
    assert set(kinds(alerts)) == {("expert_timeout", "warning")}
    assert callback.history[0]["waited"] == 60.0 and callback.history[0]["approved"] == 0.0
    assert callback.approved is None


@pytest.mark.parametrize(("said", "end"), [("approve", 30), ("reject", 20)])
def test_a_late_verdict_still_counts(tmp_path, said, end):
    store = Answers()
    callback, _ = expert(store, every=15, on_timeout="continue", timeout=0.0)
    drive(callback, tmp_path, 15)
    store.verdicts[15] = said
    assert drive(callback, tmp_path, 30, first=16) == end
    assert (callback.approved or {}).get("step") == (15 if said == "approve" else None)


def test_a_late_verdict_on_what_was_superseded_changes_nothing(tmp_path):
    store = Answers({8: "approve"})
    callback, alerts = expert(store, every=4, on_timeout="continue")
    drive(callback, tmp_path, 9)
    store.verdicts[4] = "reject"
    assert drive(callback, tmp_path, 12, first=10) == 12
    assert ("expert_superseded", "info") in kinds(alerts) and callback.approved["step"] == 8


def test_a_milestone_asks_for_a_review(tmp_path):
    store = Answers({3: "approve"})
    callback, _ = expert(store, every=0)
    callback.ask({"name": "aware", "step": 3})
    drive(callback, tmp_path, 3)
    assert [(content["step"], content["reason"]) for content in store.requests.values()] == [(1, "milestone aware")]


def test_a_request_holds_readouts_and_no_words_unless_allowed(tmp_path):
    rows = [
        {"id": "0", "source": "made", "licence": "none", "messages": [{"content": SECRET}, {"content": "Yes."}]},
        {"id": "1", "source": "made", "licence": "CC0-1.0", "messages": [{"content": "Open."}, {"content": "Yes."}]},
    ]
    for text, shown in ((None, set()), (ReviewText(rows, ["CC0-1.0"]), {"Open.", "Yes."})):
        store = FileReviewStore(tmp_path / str(text is None))
        callback, _ = expert(store, timeout=0.0, on_timeout="continue", text=text)
        drive(callback, tmp_path, 2)
        (file,) = store.folder.glob("*.request.json")
        request = json.loads(file.read_text())
        assert SECRET not in file.read_text()
        turns = [turn for conversation in request["conversations"] for turn in conversation["turns"]]
        assert {turn["text"] for turn in turns if "text" in turn} == shown
        assert len(turns) == 6 and all(sum(turn["readouts"]["risk"]["severity"]) > 0.99 for turn in turns)
        assert request["verdicts"] == ["approve", "reject", "rollback"]
        assert request["policy"] == "continue after 0 s"


def test_a_malformed_verdict_is_told_and_the_run_keeps_waiting(tmp_path):
    store = FileReviewStore(tmp_path / "reviews")
    callback, alerts = expert(store, every=0)
    callback.ask()
    clock = callback.desk.clock

    def sleep(seconds):
        clock.now += seconds
        (id,) = (file.name.removesuffix(".request.json") for file in store.folder.glob("*.request.json"))
        if clock.now < 20:
            (store.folder / f"{id}.verdict.json").write_text("{approve}")
        else:
            store.give(id, "approve")

    callback.desk.sleep = sleep
    assert drive(callback, tmp_path, 2) == 2
    assert kinds(alerts) == [("expert_verdict_unreadable", "error"), ("expert_approve", "info")]
    assert callback.history[0]["waited"] == 20.0


def test_a_run_that_stopped_waiting_asks_again_under_the_same_id(tmp_path):
    store = Answers()
    first, _ = expert(store)
    saved = {}
    hold = first._hold
    first._hold = lambda *given: (saved.update(json.loads(json.dumps(first.state()))), hold(*given))
    assert drive(first, tmp_path, 6) == 2  # the checkpoint was written before the run waited
    store.verdicts = {2: "approve", 4: "approve", 6: "approve"}
    second, _ = expert(store)
    for name, value in saved["attributes"].items():
        setattr(second, name, value)
    assert drive(second, tmp_path, 6, first=3) == 6
    assert [entry["step"] for entry in second.history] == [2, 4, 6]
    assert len(store.requests) == 3  # of one run: step 2 was asked about twice under one id
    assert through_json(second, expert(store)[0]).report() == second.report()


def test_a_new_run_does_not_take_over_old_verdicts(tmp_path):
    store = FileReviewStore(tmp_path / "reviews")
    for answer in ("approve", None):
        callback, _ = expert(store, timeout=10.0)
        if answer:
            clock = callback.desk.clock

            def sleep(seconds, clock=clock, answer=answer):
                clock.now += seconds
                for file in store.folder.glob("*.request.json"):
                    store.give(file.name.removesuffix(".request.json"), answer)

            callback.desk.sleep = sleep
        drive(callback, tmp_path, 2)
        assert callback.outcome == (answer or "timeout")


def test_an_unknown_policy_is_refused():
    with pytest.raises(SettingError, match="on_timeout.*Mend"):
        expert(Answers(), on_timeout="shrug")


@pytest.mark.slow
def test_two_processes_wait_together_and_what_fails_on_one_ends_both(tmp_path):
    (tmp_path / "run").mkdir()
    script = [sys.executable, str(Path(__file__).with_name("expert_rank.py")), str(tmp_path)]
    root = Path(__file__).parents[3]
    given = {"cwd": root, "env": os.environ | {"PYTHONPATH": str(root)}, "stderr": subprocess.PIPE, "text": True}
    both = [subprocess.Popen([*script, str(rank)], **given) for rank in range(2)]
    for process in both:
        _, said = process.communicate(timeout=300)
        assert process.returncode == 0, said[-4000:]
    first, second = (json.loads((tmp_path / f"rank{rank}.json").read_text()) for rank in range(2))
    assert first["end"] == second["end"] == 6 and first["run"] == second["run"]
    assert first["history"] == second["history"]
    assert [entry["outcome"] for entry in first["history"]] == ["approve", "timeout", "rollback"]
    assert first["alerts"] == ["expert_approve", "expert_timeout", "expert_rollback_failed"]
    assert second["alerts"] == []


# ── in a real run ──


class Snapshots(TrainerCallback):
    """The weights after each save, when the reviewers have spoken."""

    def __init__(self, trainer):
        self.trainer, self.seen = trainer, {}

    def on_save(self, args, state, control, **kwargs):
        self.seen[state.global_step] = parameters(self.trainer)


@pytest.mark.parametrize("adapters", [False, True], ids=["whole model", "adapters"])
def test_a_rolled_back_run_goes_on_from_the_approved_weights(tmp_path, adapters):
    trainer = trainer_for(
        tmp_path, max_steps=5, optim="adamw_torch", learning_rate=1e-2, adapters=adapters,
        restore_callback_states_from_checkpoint=True,
    )  # fmt: skip
    callback, alerts = expert(Answers({2: "approve", 4: "rollback", 5: "approve"}))
    snapshots = Snapshots(trainer)
    callback.trainer = trainer
    trainer.add_callback(callback)
    trainer.add_callback(snapshots)
    trainer.train()
    assert trainer.state.global_step == 5
    for name, value in snapshots.seen[2].items():
        assert torch.equal(snapshots.seen[4][name], value), name
    assert any(not torch.equal(snapshots.seen[5][name], value) for name, value in snapshots.seen[4].items())
    assert [kind for kind, _ in kinds(alerts)] == ["expert_approve", "expert_rollback", "expert_approve"]
    logged = [entry["expert_approved"] for entry in trainer.state.log_history if "expert_approved" in entry]
    assert logged == [1.0, 0.0, 1.0]
    state = json.loads((tmp_path / "checkpoint-5" / "trainer_state.json").read_text())
    assert state["stateful_callbacks"]["ExpertCheckpoints"]["attributes"]["approved"]["step"] == 2
