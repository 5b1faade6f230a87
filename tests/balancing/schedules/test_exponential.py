from torch.testing import assert_close

from pixel.balancing.schedules.exponential import ExponentialDecay


def test_the_distance_to_the_end_halves_every_half_life():
    schedule = ExponentialDecay(("a", "b"), 101, start={"a": 9.0, "b": 0.0}, end={"b": 2.0}, half_life=0.2)
    found = [schedule.weights(step).tolist() for step in (0, 20, 40, 60)]
    assert_close(found, [[9.0, 0.0], [5.0, 1.0], [3.0, 1.5], [2.0, 1.75]])


def test_with_the_default_half_life_a_thousandth_is_left_at_the_end():
    left = 1.0 - ExponentialDecay(("a", "b"), 50, start={"b": 0.0}).weights(49)[1].item()
    assert_close(left, 2.0**-10)
