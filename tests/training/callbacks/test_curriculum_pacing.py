"""A run under a curriculum: what it draws, what it tells, and that a resumed run is the unbroken one."""

import json

import pytest
import torch
from transformers import TrainerControl, TrainerState

from pixel.data.competence_sampler import CompetenceSampler
from pixel.monitoring.alerts import Alerts
from pixel.training import PixelTrainer
from pixel.training.arguments import SettingError
from pixel.training.callbacks.curriculum_pacing import CurriculumPacing, mean_losses
from pixel.training.curriculum import Curriculum
from pixel.training.curriculum_rows import curriculum_over, row_groups
from tests.training.parts import arguments, parameters, tiny_data, tiny_network

GROUPS = {"depressive": [True, False, False, False], "eq": [True] * 4}
VARIES = {"train_runtime", "train_samples_per_second", "train_steps_per_second", "train_loss", "total_flos"}
VARIES |= {"eval_runtime", "eval_samples_per_second", "eval_steps_per_second", "eval_model_preparation_time"}


class Logger:
    def __init__(self):
        self.logs = []

    def log_aside(self, numbers):
        self.logs.append(numbers)


def pacing(**options):
    """A callback over four rows, with a trainer that only logs."""
    given = {"stages": [{"max_difficulty": 0.5, "milestones": {"accuracy": {"at_least": 0.8}}}, {}], "total": 100}
    callback = CurriculumPacing(Curriculum([0.25, 0.5, 0.75, 1.0], groups=GROUPS, **given), Alerts(), **options)
    callback.trainer = Logger()
    return callback


def evaluate(callback, step=1, **metrics):
    control = TrainerControl()
    callback.on_evaluate(None, TrainerState(global_step=step), control, metrics)
    return control


# ── on its own ──


def test_a_milestone_moves_it_logs_and_tells():
    callback = pacing()
    evaluate(callback, eval_loss=1.0, eval_loss_emotion=0.5, eval_accuracy=0.7)
    assert callback.alerts.sent == []
    assert callback.trainer.logs[-1] == {
        "curriculum/stage": 0, "curriculum/competence": 0.5, "curriculum/admitted": 0.5,
        "curriculum/seen/depressive": 0.0, "curriculum/seen/eq": 0.0, "curriculum/milestone/accuracy": 0.0,
    }  # fmt: skip
    evaluate(callback, step=9, eval_loss=1.0, eval_loss_emotion=0.5, eval_accuracy=0.9)
    [alert] = callback.alerts.sent
    assert (alert.kind, alert.severity, alert.step) == ("curriculum_advance", "info", 9)
    assert "'stage 2'" in alert.message and "accuracy" in alert.message
    assert callback.trainer.logs[-1]["curriculum/stage"] == 1


def test_a_fall_back_is_a_warning():
    callback = pacing()
    evaluate(callback, eval_loss=1.0, eval_accuracy=0.9)
    evaluate(callback, step=2, eval_loss=1.5, eval_accuracy=0.9)
    assert [(a.kind, a.severity) for a in callback.alerts.sent][1:] == [("curriculum_fall_back", "warning")]


def test_only_the_main_process_tells():
    callback = pacing()
    state = TrainerState(is_world_process_zero=False)
    callback.on_evaluate(None, state, TrainerControl(), {"eval_loss": 1.0, "eval_accuracy": 0.9})
    assert callback.alerts.sent == [] and callback.curriculum.last["curriculum/stage"] == 1


def test_evaluation_sets_of_domains_are_followed_and_do_not_move_it():
    callback = pacing()
    evaluate(callback, eval_depressive_loss=2.5, eval_accuracy=0.9, eval_loss_emotion=1.0)
    assert callback.history == [] and callback.curriculum.history == [[0, 0]]
    evaluate(callback, eval_whole_loss=1.0, eval_loss_emotion=1.0)
    assert callback.trainer.logs[-1]["curriculum/loss/depressive"] == 2.5
    assert evaluate(callback, test_loss=1.0, accuracy=0.9) and len(callback.history) == 1


def test_the_main_evaluation_set_is_the_one_that_is_named():
    callback = pacing(main="held_out")
    evaluate(callback, eval_other_loss=1.0, eval_other_accuracy=0.9)
    assert callback.history == []
    evaluate(callback, eval_held_out_loss=1.0, eval_held_out_accuracy=0.9)
    assert callback.curriculum.last["curriculum/stage"] == 1


def test_a_move_can_ask_for_a_checkpoint():
    assert not evaluate(pacing(), eval_loss=1.0, eval_accuracy=0.9).should_save
    callback = pacing(save_on_move=True)
    assert not evaluate(callback, eval_loss=1.0).should_save
    assert evaluate(callback, eval_loss=1.0, eval_accuracy=0.9).should_save


def test_objectives_are_the_means_of_their_fields():
    metrics = {"loss": 9.0, "loss_emotion": 1.0, "loss_vad": 3.0, "loss_language": 2.0, "loss_risk": float("nan")}
    assert mean_losses(metrics) == {"language": 2.0, "eq": 2.0}
    assert mean_losses({"loss": 9.0}) == {"loss": 9.0}


def test_its_memory_is_text():
    callback, other = pacing(), pacing()
    evaluate(callback, eval_loss=1.0, eval_accuracy=0.9)
    other.memory = json.loads(json.dumps(callback.state()))["attributes"]["memory"]
    assert other.memory == callback.memory and other.curriculum.last == callback.curriculum.last


# ── in a run ──


class PacedTrainer(PixelTrainer):
    """Draws by a curriculum, and gives callbacks their memory back in place."""

    curriculum = None

    def training_step(self, model, inputs, *rest):
        known = {tuple(ids): row for row, ids in enumerate(self.train_dataset["input_ids"])}
        pad = self.processing_class.pad_token_id
        batch = [tuple(token for token in ids if token != pad) for ids in inputs["input_ids"].tolist()]
        self.drawn.append([known[ids] for ids in batch])
        return super().training_step(model, inputs, *rest)

    def _get_train_sampler(self, train_dataset=None):
        return CompetenceSampler(self.curriculum, self._train_batch_size, self.args.seed)

    def _load_callback_state(self):
        stored = self.state.stateful_callbacks
        ours = {type(c).__name__: c for c in self.callback_handler.callbacks if hasattr(type(c), "memory")}
        self.state.stateful_callbacks = {name: data for name, data in stored.items() if name not in ours}
        super()._load_callback_state()
        self.state.stateful_callbacks = stored
        for name, callback in ours.items():
            callback.memory = stored[name]["attributes"]["memory"]


def run(folder, **options):
    """Nine steps of four rows out of sixteen, an evaluation after each, a checkpoint after every third."""
    tokenizer, network = tiny_network(head_dropout=0.2)
    args = arguments(
        folder, max_steps=9, per_device_train_batch_size=4, learning_rate=1e-2, optim="adamw_torch",
        eval_strategy="steps", eval_steps=1, save_strategy="steps", save_steps=3,
        restore_callback_states_from_checkpoint=True, **options,
    )  # fmt: skip
    torch.manual_seed(1)
    trainer = PacedTrainer(network, args, tiny_data(), tiny_data(), processing_class=tokenizer)
    trainer.curriculum = curriculum_over(
        trainer.train_dataset, {"levels": 3, "start": 0.25, "wait": True, "patience": 1, "delta": 0.1}
    )
    callback = CurriculumPacing(trainer.curriculum, Alerts())
    callback.trainer = trainer
    trainer.add_callback(callback)
    trainer.drawn = []
    return trainer, callback


def logged(trainer, after: int) -> list[dict]:
    return [
        {key: value for key, value in entry.items() if key not in VARIES}
        for entry in trainer.state.log_history
        if entry["step"] > after
    ]


@pytest.fixture(scope="module")
def unbroken(tmp_path_factory):
    folder = tmp_path_factory.mktemp("paced")
    trainer, callback = run(folder)
    trainer.train()
    return folder, trainer, callback


def test_a_run_starts_with_easy_rows_and_moves_on(unbroken):
    _, trainer, callback = unbroken
    drawn = trainer.drawn
    hard = trainer.curriculum.difficulty
    assert (hard[drawn[0]] <= 0.25).all()
    assert {alert.kind for alert in callback.alerts.sent} >= {"curriculum_advance"}
    admitted = [trainer.curriculum.admitted(trainer.curriculum.at(4 * n), 4) for n in range(9)]
    assert all(mask[batch].all() for mask, batch in zip(admitted, drawn, strict=True))
    assert admitted[0].sum() == 4 and admitted[-1].sum() == 16
    assert trainer.curriculum.total == 36
    assert [entry["curriculum/stage"] for entry in trainer.state.log_history if "curriculum/stage" in entry]


@pytest.mark.parametrize("cut", [3, 6])
def test_a_resumed_run_goes_on_to_the_last_bit(unbroken, tmp_path, cut):
    folder, whole, callback = unbroken
    resumed, again = run(tmp_path)
    resumed.train(resume_from_checkpoint=str(folder / f"checkpoint-{cut}"))
    assert resumed.drawn == whole.drawn[cut:] and len(whole.drawn) == 9
    assert logged(resumed, cut) == logged(whole, cut)
    assert again.memory == callback.memory
    for name, value in parameters(whole).items():
        assert torch.equal(parameters(resumed)[name], value), name


# ── what YAML says ──


def test_groups_are_domains_and_stages_of_empathy(unbroken):
    groups = row_groups(unbroken[1].train_dataset)
    assert groups["eq"].tolist() == [index < 8 or index % 3 == 0 for index in range(16)]
    assert groups["resonance"].tolist() == [index % 3 > 0 for index in range(16)]
    assert not groups["collaboration"].any()


def test_an_option_that_cannot_be_is_named(unbroken):
    data = unbroken[1].train_dataset
    for options, word in (({"pase": "sqrt"}, "pase"), ({"start": 7}, "start is 7"), ({"order": ["sea"]}, "'sea'")):
        with pytest.raises(SettingError, match=word):
            curriculum_over(data, options)
