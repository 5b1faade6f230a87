"""A resumed mixture of experts goes on with the experts that it had, not with those of the start."""

import torch

from tests.training.parts import parameters, trainer_for


def test_experts_resume_where_they_were(tmp_path):
    options = {
        "max_steps": 3,
        "save_strategy": "steps",
        "save_steps": 2,
        "optim": "adamw_torch",
        "learning_rate": 1e-3,
    }
    whole = trainer_for(tmp_path / "whole", "qwen3_moe", **options)
    whole.train()
    resumed = trainer_for(tmp_path / "again", "qwen3_moe", **options)
    resumed.train(resume_from_checkpoint=str(tmp_path / "whole" / "checkpoint-2"))
    expected = parameters(whole)
    assert any("experts" in name for name in expected)
    for name, value in parameters(resumed).items():
        assert torch.equal(value, expected[name]), name
