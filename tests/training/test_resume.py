"""A run that was cut off and goes on is the run that was never cut off."""

import json

import pytest
import torch
from datasets import Dataset

from pixel.data.sampling import KindSampler
from pixel.data.schema import features
from tests.training.parts import parameters, rows, tiny_network, trainer_for

VARIES = {"train_runtime", "train_samples_per_second", "train_steps_per_second", "train_loss", "total_flos"}


def mixed_data() -> Dataset:
    """Sixteen rows, of which half have no word to learn: the order of batches is the KindSampler's."""
    return Dataset.from_list(rows(8) + rows(8, talk=False), features=features())


def run(folder, **options):
    """Six steps of AdamW with dropout: two epochs of four batches, a checkpoint in the middle of each."""
    trainer = trainer_for(
        folder, data=mixed_data(), network=tiny_network(head_dropout=0.2), per_device_train_batch_size=4, max_steps=7,
        train_sampling_strategy="random", optim="adamw_torch", learning_rate=1e-2, lr_scheduler_type="linear",
        gram_ema=0.5, max_grad_norm=1.0, **options,
    )  # fmt: skip
    order = []
    collate = trainer.data_collator

    def watched(examples):
        order.append([example["row_id"] + str(len(example["input_ids"])) for example in examples])
        return collate(examples)

    trainer.data_collator = watched
    return trainer, order


def steps(trainer, after: int) -> list[dict]:
    return [
        {key: value for key, value in entry.items() if key not in VARIES}
        for entry in trainer.state.log_history
        if entry["step"] > after
    ]


@pytest.mark.parametrize("cut", [3, 6], ids=["first epoch", "second epoch"])
@pytest.mark.parametrize("timing", ["immediate", "previous_step"])
def test_resuming_goes_on_to_the_last_bit(tmp_path, timing, cut):
    options = {"gram_timing": timing, "save_strategy": "steps", "save_steps": 3}
    unbroken, order = run(tmp_path / "run", **options)
    assert isinstance(unbroken._get_train_sampler(), KindSampler)
    unbroken.train()
    resumed, later = run(tmp_path / "again", **options)
    resumed.train(resume_from_checkpoint=str(tmp_path / "run" / f"checkpoint-{cut}"))
    assert later[: 7 - cut] == order[cut:7]  # a loader fetches one batch ahead
    expected = steps(unbroken, cut)
    assert [entry["step"] for entry in expected][: 7 - cut] == list(range(cut + 1, 8))
    assert steps(resumed, cut) == expected
    for name, value in parameters(unbroken).items():
        assert torch.equal(parameters(resumed)[name], value), name
    assert torch.equal(resumed.balancer.weights, unbroken.balancer.weights)
    assert resumed.balancer.last == unbroken.balancer.last


def test_a_checkpoint_holds_the_balancer_as_text(tmp_path):
    trainer, _ = run(tmp_path, save_strategy="steps", save_steps=7)
    trainer.train()
    state = json.loads((tmp_path / "checkpoint-7" / "objectives.json").read_text())["balancer"]
    assert state["weights"] == trainer.balancer.weights.tolist()


def test_the_order_changes_from_epoch_to_epoch(tmp_path):
    trainer, order = run(tmp_path)
    trainer.train()
    assert order[:3] != order[4:7]
