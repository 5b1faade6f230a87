"""Evaluations while a model trains: one loss over all objectives, figures of the read-outs, and the best model."""

import json
import math

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from pixel.data.examples import encode_dataset
from pixel.metrics.pearson import pearson
from pixel.tracking.panels import series_of
from pixel.training import PixelTrainingArguments
from pixel.training.arguments import SettingError
from pixel.training.callbacks.brief_log import brief
from pixel.training.callbacks.held_out import held_out_losses
from pixel.training.probe_set import ReadConversation
from pixel.training.turn_trainer import TurnTrainer
from pixel.training.validation import HeldOut, figures
from tests.training.parts import arguments, parameters, tiny_data, tiny_network, trainer_for

EVALUATED = {"eval_strategy": "steps", "eval_steps": 2, "save_strategy": "steps", "save_steps": 2}


class Stand:
    """A trainer as far as `HeldOut` asks."""

    def __init__(self, **options):
        self.args = PixelTrainingArguments(output_dir="unused", eval_strategy="steps", eval_steps=1, **options)


def test_no_objective_counts_for_the_scale_of_its_loss():
    held_out = HeldOut(Stand())
    first = {"eval_loss_risk": 100.0, "eval_loss_safety": 100.0, "eval_loss_language": 4.0, "eval_runtime": 1.0}
    held_out.add(first, 1)
    assert first["eval_relative_loss"] == 1.0
    later = {"eval_loss_risk": 100.0, "eval_loss_safety": 50.0, "eval_loss_language": 1.0, "eval_runtime": 1.0}
    held_out.add(later, 2)
    assert later["eval_relative_loss"] == pytest.approx((0.75 + 0.25) / 2)
    again = HeldOut(Stand())
    again.load_state_dict(json.loads(json.dumps(held_out.state_dict())))
    resumed = {key: value for key, value in later.items() if key != "eval_relative_loss"}
    again.add(resumed, 2)
    assert resumed["eval_relative_loss"] == later["eval_relative_loss"]


def test_several_evaluation_sets_count_alike_each_beside_its_own_first(tmp_path):
    sets = {"a": tiny_data(8), "b": tiny_data(16).select(range(8, 16))}
    trainer = trainer_for(tmp_path, max_steps=4, eval_dataset=sets, eval_strategy="steps", eval_steps=2)
    trainer.train()
    logged = [entry for entry in trainer.state.log_history if "eval_relative_loss" in entry]
    assert [entry["step"] for entry in logged] == [2, 2, 4, 4]
    assert logged[0]["eval_a_relative_loss"] == logged[1]["eval_b_relative_loss"] == 1.0
    for first, last, name in ((logged[0], logged[2], "a"), (logged[1], logged[3], "b")):
        before, after = held_out_losses(first), held_out_losses(last)
        assert last[f"eval_{name}_relative_loss"] == pytest.approx(np.mean([after[o] / before[o] for o in before]))
    mean = (logged[2]["eval_a_relative_loss"] + logged[3]["eval_b_relative_loss"]) / 2
    assert logged[3]["eval_relative_loss"] == pytest.approx(mean)
    assert trainer.state.best_metric == pytest.approx(min(1.0, mean))


def test_a_figure_that_is_undefined_does_not_end_the_run_it_would_choose_for():
    held_out, logs = HeldOut(Stand(metric_for_best_model="metric/risk_quadratic_kappa")), {"eval_runtime": 1.0}
    held_out.add(logs, 1)
    assert math.isnan(logs["eval_metric/risk_quadratic_kappa"]) and math.isnan(logs["eval_relative_loss"])


def test_figures_are_those_of_the_labelled_turns_of_all_conversations():
    draw = np.random.default_rng(0)
    read, said, meant = [], [], []
    for number in range(30):
        logits, labels = draw.normal(size=(3, 3)), draw.uniform(size=(3, 3)).round(2)
        labels[1] = np.nan
        said.append(1 / (1 + np.exp(-logits[[0, 2], 0])))
        meant.append(labels[[0, 2], 0])
        read.append(ReadConversation(str(number), "tiny", np.zeros(3), {"vad": logits}, {"vad": labels}))
    found = figures(read)
    expected = np.corrcoef(np.concatenate(said), np.concatenate(meant))[0, 1]
    assert found["vad_pearson_valence"] == pytest.approx(expected)
    assert pearson(np.concatenate(meant), np.concatenate(said)).value == pytest.approx(expected)
    assert not any(name.startswith("risk") for name in found)


def test_an_evaluation_logs_the_figures_of_a_drawn_part_of_the_held_out_rows(tmp_path):
    trainer = trainer_for(tmp_path, max_steps=4, eval_dataset=tiny_data(8), eval_strategy="steps", eval_steps=2)
    examples = encode_dataset(tiny_data(16), trainer.processing_class, 256)
    pad = trainer.processing_class.pad_token_id
    trainer.held_out.measure(examples, 12, pad)
    drawn = [row["row_id"] for row in trainer.held_out.probe.examples]
    assert len(drawn) == 12
    trainer.held_out.measure(examples, 12, pad)
    assert [row["row_id"] for row in trainer.held_out.probe.examples] == drawn  # the same seed
    trainer.train()
    evaluated = [entry for entry in trainer.state.log_history if "eval_loss" in entry]
    assert [entry["step"] for entry in evaluated] == [2, 4]
    assert all(0 <= entry["eval_metric/risk_auc_at_least_1"] <= 1 for entry in evaluated)
    drawn = series_of(trainer.state.log_history)["Held-out metrics"]  # what report.html and live.html draw
    assert [step for step, _ in drawn["persona_mode_accuracy"]] == [2, 4]
    assert brief(evaluated[-1]).keys() >= {"eval_loss", "eval_relative_loss"}
    assert not any(key.startswith("eval_metric/") for key in brief(evaluated[-1]))
    now = figures(trainer.held_out.probe.at(99))  # the network has not moved since
    assert now["persona_mode_accuracy"] == evaluated[-1]["eval_metric/persona_mode_accuracy"]


@pytest.mark.parametrize(
    ("change", "word"),
    [({"eval_strategy": "no"}, "eval_strategy"), ({"rows": 0}, "no held-out"), ({"sharded": True}, "sharded")],
)
def test_figures_that_cannot_be_measured_are_refused_at_once(tmp_path, change, word):
    trainer = trainer_for(
        tmp_path, eval_dataset=tiny_data(4), **{"eval_strategy": change.get("eval_strategy", "epoch")}
    )
    trainer.is_deepspeed_enabled = change.get("sharded", False)
    examples = None if "rows" in change else encode_dataset(tiny_data(4), trainer.processing_class, 256)
    with pytest.raises(SettingError, match=word):
        trainer.held_out.measure(examples, 4, 0)


def test_trainers_measure_what_they_evaluate_on_packed_or_frozen(tmp_path):
    options = {"eval_strategy": "steps", "eval_steps": 1, "validation_metrics": 6, "max_steps": 1}
    raw = trainer_for(tmp_path / "raw", eval_dataset=tiny_data(8), packing=True, **options)
    tokenizer, network = tiny_network(shared_size=8)
    args = arguments(tmp_path / "turns", **options)
    frozen = TurnTrainer(network, args, tiny_data(talk=False), tiny_data(8, talk=False), tokenizer)
    for trainer in (raw, frozen):
        trainer.train()
        assert len(trainer.held_out.probe.examples) == 6
        assert any("eval_metric/risk_auc_at_least_1" in entry for entry in trainer.state.log_history)
    with pytest.raises(SettingError, match="validation: 0.1"):
        trainer_for(tmp_path, **options | {"eval_strategy": "no"})
    with pytest.raises(SettingError, match="before packing"):
        trainer_for(tmp_path, eval_dataset=raw.eval_dataset, **options)


def worse_later(trainer):
    """Make every evaluation after step 4 come out worse than the ones before."""
    add = trainer.held_out.add

    def spoiled(logs, step):
        add(logs, step)
        logs["eval_relative_loss"] = {2: 0.9, 4: 0.5, 6: 0.7}[step]

    trainer.held_out.add = spoiled


def steps_of(trainer, at=4):
    """Keep a copy of the weights as they stand after a step."""
    kept = {}

    def on_step_end(args, state, control, **kwargs):
        if state.global_step == at:
            kept.update(parameters(trainer))

    trainer.tracking.on_step_end = on_step_end
    return kept


@pytest.mark.parametrize("adapters", [False, True], ids=["full", "lora"])
def test_the_best_model_is_loaded_at_the_end_heads_and_all(tmp_path, adapters):
    options = EVALUATED | {"load_best_model_at_end": True, "max_steps": 6, "eval_dataset": tiny_data(8)}
    trainer = trainer_for(tmp_path, adapters=adapters, **options)
    assert trainer.args.metric_for_best_model == "relative_loss" and trainer.args.greater_is_better is False
    worse_later(trainer)
    kept = steps_of(trainer)
    trainer.train()
    assert trainer.state.best_global_step == 4 and trainer.state.best_metric == 0.5
    assert any("heads" in name for name in kept) and (not adapters or any("lora" in name for name in kept))
    for name, value in parameters(trainer).items():
        assert torch.equal(value, kept[name]), name
    state = json.loads((tmp_path / "checkpoint-6" / "objectives.json").read_text())
    assert state["held_out"]["first"]["eval_"]["language"] > 0


def test_the_best_heads_of_a_frozen_trunk_are_loaded_at_the_end(tmp_path):
    tokenizer, network = tiny_network(shared_size=8)
    options = EVALUATED | {"load_best_model_at_end": True, "max_steps": 6, "optim": "adamw_torch"}
    trainer = TurnTrainer(
        network, arguments(tmp_path, **options), tiny_data(talk=False), tiny_data(8, talk=False), tokenizer
    )
    worse_later(trainer)
    kept = steps_of(trainer)
    trainer.train()
    assert trainer.state.best_global_step == 4
    found = parameters(trainer)
    assert kept and all(torch.equal(found[name], value) for name, value in kept.items())
    saved = load_file(tmp_path / "checkpoint-4" / "model.safetensors")
    assert all(torch.equal(saved[name], value) for name, value in kept.items())


def test_only_the_best_is_saved_where_that_is_asked(tmp_path):
    options = EVALUATED | {"save_strategy": "best", "load_best_model_at_end": True, "max_steps": 6}
    trainer = trainer_for(tmp_path, eval_dataset=tiny_data(8), **options)
    worse_later(trainer)
    trainer.train()
    assert sorted(path.name for path in tmp_path.glob("checkpoint-*")) == ["checkpoint-2", "checkpoint-4"]


def test_evaluations_follow_the_tokens_and_a_resumed_run_goes_on_counting(tmp_path):
    options = {
        "eval_tokens": 1500,
        "eval_dataset": tiny_data(4),
        "save_strategy": "steps",
        "save_steps": 3,
        "max_steps": 6,
    }
    trainer = trainer_for(tmp_path / "whole", **options)
    trainer.train()
    seen = {entry["step"]: entry["num_tokens"] for entry in trainer.state.log_history if "loss" in entry}
    marks = [step for step in seen if seen[step] // 1500 > (seen.get(step - 1, 0) // 1500)]
    evaluated = [entry["step"] for entry in trainer.state.log_history if "eval_loss" in entry]
    assert evaluated == [*marks, 6] and len(marks) >= 2  # the end is always evaluated
    again = trainer_for(tmp_path / "again", **options)
    again.train(resume_from_checkpoint=str(tmp_path / "whole" / "checkpoint-3"))
    assert [entry["step"] for entry in again.state.log_history if "eval_loss" in entry] == [*marks, 6]


def test_a_frozen_trunk_cannot_evaluate_by_tokens(tmp_path):
    tokenizer, network = tiny_network(shared_size=8)
    with pytest.raises(SettingError, match="eval_steps"):
        TurnTrainer(network, arguments(tmp_path, eval_tokens=100), tiny_data(4), tiny_data(4), tokenizer)


def test_held_out_rows_are_packed_and_encoded_as_training_is(tmp_path):
    trainer = trainer_for(tmp_path, eval_dataset=tiny_data(8), packing=True, max_length=256, eval_strategy="epoch")
    assert len(trainer.eval_dataset) < 8 and len(trainer.train_dataset) < 16
    assert set(trainer.eval_dataset.column_names) == set(trainer.train_dataset.column_names)
    whole = encode_dataset(tiny_data(8), trainer.processing_class, 256)
    assert sum(map(len, trainer.eval_dataset["input_ids"])) == sum(map(len, whole["input_ids"]))
