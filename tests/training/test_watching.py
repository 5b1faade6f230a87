"""From the `watch` of a YAML file to callbacks."""

import json

import pytest
from datasets import Dataset

from pixel.data.examples import encode_dataset
from pixel.data.schema import features
from pixel.data.seed import load_seed
from pixel.training.arguments import SettingError
from pixel.training.probe_set import ProbeSet, probe_examples
from pixel.training.watching import ON_THE_LOG, ON_THE_PROBE, watch_run
from tests.clinical.made_readings import Table, reading
from tests.training.parts import rows, tiny_network, trainer_for

EVERYTHING = {
    "anomalies": {}, "live": {"every": 1}, "early_stopping": {"patience": 5}, "adjust": {"patience": 2},
    "clinical": {"every": 2, "resamples": 5}, "crisis": {"every": 2}, "eq_milestones": {"every": 2},
    "empathy": {"every": 2}, "emotions": {"every": 2}, "persona": {"every": 2},
    "experts": {"every": 2, "timeout": 0.0, "on_timeout": "continue"}, "resources": {}, "memory": {},
}  # fmt: skip


def examples(tokenizer, count: int = 6) -> Dataset:
    return encode_dataset(load_seed(0.0)["train"].select(range(count)), tokenizer, 256)


def test_every_watcher_watches_a_run_and_leaves_something_to_say(tmp_path, monkeypatch):
    monkeypatch.setattr("pixel.clinical.monitor.default_detector", lambda: Table(I=reading(5, high=True)))
    monkeypatch.setattr("pixel.clinical.monitor.default_validators", dict)
    tokenizer, network = tiny_network(fields=[])
    held_out = examples(tokenizer)
    trainer = trainer_for(
        tmp_path, network=(tokenizer, network), data=examples(tokenizer, 8), watch=EVERYTHING, max_steps=4,
        per_device_train_batch_size=2, save_strategy="steps", save_steps=2, alerts={"console": False},
        eval_strategy="steps", eval_steps=2, eval_dataset=held_out,
    )  # fmt: skip
    made = watch_run(trainer, held_out, held_out, tokenizer.pad_token_id)
    assert set(made) == set(EVERYTHING) == set(ON_THE_LOG) | set(ON_THE_PROBE)
    trainer.train()
    assert trainer.state.global_step == 4
    for name in ("clinical", "persona", "eq_milestones"):
        assert [look["step"] for look in made[name].history] == [2, 4], name
    assert (tmp_path / "live.html").exists()
    kinds = [json.loads(line)["kind"] for line in (tmp_path / "alerts.jsonl").read_text().splitlines()]
    assert kinds.count("expert_timeout") == 2
    assert [alert.kind for alert in trainer.alerts.sent] == kinds
    logged = {key for entry in trainer.state.log_history for key in entry}
    assert any(key.startswith("clinical_") for key in logged) and any(key.startswith("persona_") for key in logged)


def test_resources_and_memory_are_watched_unless_somebody_says_no(tmp_path):
    assert set(watch_run(trainer_for(tmp_path / "a"), None, None, 0)) == {"resources", "memory"}
    off = trainer_for(tmp_path / "b", watch={"resources": False, "memory": False})
    assert watch_run(off, None, None, 0) == {}


def test_watching_does_not_change_what_is_learned(tmp_path):
    def parameters(**options):
        tokenizer, network = tiny_network(fields=[], head_dropout=0.2)
        trainer = trainer_for(
            tmp_path, network=(tokenizer, network), data=examples(tokenizer, 8), max_steps=4,
            per_device_train_batch_size=2, alerts={"console": False}, **options,
        )  # fmt: skip
        watch_run(trainer, examples(tokenizer), None, tokenizer.pad_token_id)
        trainer.train()
        return {name: value.clone() for name, value in network.state_dict().items()}

    names = ("clinical", "empathy", "emotions", "persona", "eq_milestones", "resources", "memory")
    watched = {name: EVERYTHING[name] for name in names}
    alone, seen = parameters(watch={"resources": False, "memory": False}), parameters(watch=watched)
    for name, value in alone.items():
        assert value.equal(seen[name]), name


@pytest.mark.parametrize(
    ("watch", "alerts", "says"),
    [
        ({"anomalie": {}}, {}, "did you mean anomalies"),
        ({"clinical": {"evry": 2}}, {}, "watch: clinical: .*evry"),
        ({"live": {"every": 0}}, {}, "watch: live: every is 0"),
        ({"experts": {"show": "seed"}}, {}, "watch: experts: show: give a list"),
        ({}, {"pager": "x"}, "alerts: .*pager"),
        ({}, {"webhook": "ftp://x"}, "alerts: .*http"),
    ],
)
def test_a_mistake_is_named(tmp_path, watch, alerts, says):
    tokenizer, network = tiny_network()
    with pytest.raises(SettingError, match=says):
        trainer = trainer_for(tmp_path, network=(tokenizer, network), watch=watch, alerts=alerts)
        watch_run(trainer, examples(tokenizer, 2), None, tokenizer.pad_token_id)


@pytest.mark.parametrize(("show", "read"), [(["seed"], True), (["another"], False)])
def test_experts_are_asked_beside_their_database_and_read_words_of_named_corpora_only(tmp_path, show, read):
    tokenizer, network = tiny_network(fields=[])
    given = {"every": 1, "timeout": 0.0, "on_timeout": "continue", "store": str(tmp_path / "r" / "review.db")}
    trainer = trainer_for(
        tmp_path / "out", network=(tokenizer, network), data=examples(tokenizer, 4), per_device_train_batch_size=2,
        watch={"experts": given | {"show": show}}, save_strategy="steps", save_steps=1, alerts={"console": False},
    )  # fmt: skip
    watch_run(trainer, examples(tokenizer, 2), None, tokenizer.pad_token_id)
    trainer.train()
    (request,) = (tmp_path / "r" / "review.gate").glob("*.request.json")
    turns = [turn for one in json.loads(request.read_text())["conversations"] for turn in one["turns"]]
    said = {message["content"] for row in load_seed(0.0)["train"].select(range(2)) for message in row["messages"]}
    assert len(turns) > 2 and all(turn["readouts"] is not None for turn in turns)
    assert [turn.get("text") in said for turn in turns] == [read] * len(turns)
    assert not (tmp_path / "r" / "review.db").exists()


def test_held_out_conversations_are_needed_to_watch_them(tmp_path):
    trainer = trainer_for(tmp_path, watch={"persona": {}})
    with pytest.raises(SettingError, match="persona needs held-out conversations"):
        watch_run(trainer, None, None, 0)


def test_probe_examples_come_from_every_corpus(tmp_path):
    tokenizer, _ = tiny_network()
    data = Dataset.from_list(rows(16), features=features())
    many, few = encode_dataset(data, tokenizer, 256), encode_dataset(data.select(range(2)), tokenizer, 256)
    chosen = probe_examples({"many": many, "few": few}, 8)
    assert len(chosen) == 8 and set(few["row_id"]) <= set(chosen["row_id"])
    assert len(probe_examples({"many": many, "few": few}, 0)) == 18
    assert probe_examples({}, 8) is None


def test_a_probe_set_reads_once_a_step_and_keeps_the_order(tmp_path):
    tokenizer, network = tiny_network()
    calls = []

    def read(batch):
        calls.append(1)
        return network.read(**batch)

    data = examples(tokenizer, 5)
    probe = ProbeSet(data, read, tokenizer.pad_token_id)
    first = probe.at(3)
    assert probe.at(3) is first and len(calls) == len(calls[:])
    before = len(calls)
    probe.at(4)
    assert len(calls) == 2 * before
    assert [conversation.row_id for conversation in first] == data["row_id"][:]
    for conversation, spans in zip(first, data["turn_spans"], strict=True):
        assert len(conversation.roles) == len(spans)
        assert all(len(value) == len(spans) for value in conversation.logits.values())


def test_the_crisis_rule_is_asked_at_every_evaluation(tmp_path):
    tokenizer, network = tiny_network(fields=[])
    held_out = examples(tokenizer)
    trainer = trainer_for(
        tmp_path, network=(tokenizer, network), data=examples(tokenizer, 8), max_steps=4, eval_dataset=held_out,
        per_device_train_batch_size=2, eval_strategy="steps", eval_steps=2, objective_crisis={"threshold": 0.5},
    )  # fmt: skip
    asked = []
    watch_run(trainer, held_out, None, tokenizer.pad_token_id)
    trainer.validate = lambda losses: asked.append(set(losses)) or []
    trainer.train()
    assert len(asked) == 2 and "clinical" in asked[0]


@pytest.mark.parametrize("options", [{"objective_crisis": {"threshold": 0.5}}, {"watch": {"early_stopping": {}}}])
def test_what_needs_evaluations_says_so(tmp_path, options):
    trainer = trainer_for(tmp_path, **options)
    with pytest.raises(SettingError, match="needs evaluations"):
        watch_run(trainer, None, None, 0)
