"""A mixture of experts goes on, or ends, with the experts of its checkpoint, not with those it had in memory."""

import torch

from tests.training.parts import parameters, tiny_data, trainer_for

STEPS = {"save_strategy": "steps", "optim": "adamw_torch", "per_device_train_batch_size": 4}


def test_experts_resume_where_they_were(tmp_path):
    options = STEPS | {"max_steps": 3, "save_steps": 2, "learning_rate": 1e-3}
    whole = trainer_for(tmp_path / "whole", "qwen3_moe", **options)
    whole.train()
    resumed = trainer_for(tmp_path / "again", "qwen3_moe", **options)
    resumed.train(resume_from_checkpoint=str(tmp_path / "whole" / "checkpoint-2"))
    expected = parameters(whole)
    assert any("experts" in name for name in expected)
    for name, value in parameters(resumed).items():
        assert torch.equal(value, expected[name]), name


def test_the_best_model_has_its_own_experts(tmp_path):
    trainer = trainer_for(tmp_path, "qwen3_moe", eval_dataset=tiny_data(2), **STEPS | {
        "max_steps": 2, "save_steps": 1, "learning_rate": 1e-2, "eval_strategy": "steps", "eval_steps": 1,
        "metric_for_best_model": "loss", "load_best_model_at_end": True,
    })  # fmt: skip
    evaluate, losses, weights = trainer.evaluation_loop, iter([1.0, 2.0]), []

    def evaluated(*args, **kwargs):
        output = evaluate(*args, **kwargs)
        output.metrics["eval_loss"] = next(losses)
        weights.append(parameters(trainer))
        return output

    trainer.evaluation_loop = evaluated
    trainer.train()
    best, last = weights
    for name, value in parameters(trainer).items():
        assert torch.equal(value, best[name]), name
        if "experts" in name:
            assert not torch.equal(value, last[name]), name
