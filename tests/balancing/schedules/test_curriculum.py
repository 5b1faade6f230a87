from torch.testing import assert_close

from pixel.balancing.schedules.curriculum import Curriculum


def test_weights_follow_the_phases_of_the_run():
    phases = [
        {"name": "talk", "until": 0.5, "weights": {"b": 0.0}},
        {"name": "read", "until": 1.0, "weights": {"b": 4.0}, "transition": 0.2},
    ]
    schedule = Curriculum(("a", "b"), 11, phases=phases)
    found = [schedule.weights(step)[1].item() for step in range(11)]
    assert_close(found, [0.0] * 6 + [2.0] + [4.0] * 4)


def test_by_default_the_first_objective_leads_for_three_tenths_of_the_run():
    schedule = Curriculum(("a", "b"), 101)
    assert [round(schedule.weights(step)[1].item(), 9) for step in (0, 30, 35, 40, 100)] == [0.1, 0.1, 0.55, 1.0, 1.0]
