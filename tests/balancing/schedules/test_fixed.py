import torch

from pixel.balancing.schedules import SCHEDULES


def test_fixed_weights_are_as_given_at_every_step_and_one_where_not_named():
    schedule = SCHEDULES["fixed"](("language", "eq", "persona"), 5, weights={"eq": 0.25, "persona": 3})
    for step in (0, 4, 99):
        schedule.observe(step, torch.tensor([1.0, 2.0, 3.0]))
        assert schedule.weights(step).tolist() == [1.0, 0.25, 3.0]
