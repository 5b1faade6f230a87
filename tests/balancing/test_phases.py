import pytest
from torch.testing import assert_close

from pixel.balancing.phases import Phases

NAMES = ("language", "eq")
THREE = [
    {"name": "talk", "until": 0.2, "weights": {"eq": 0.0}},
    {"name": "both", "until": 0.6, "transition": 0.2},
    {"name": "read", "until": 1.0, "weights": {"language": 0.5, "eq": 3.0}, "transition": 0.1},
]


@pytest.mark.parametrize(
    ("fraction", "place", "weights"),
    [
        (0.0, 0, [1.0, 0.0]),
        (0.19, 0, [1.0, 0.0]),
        (0.2, 1, [1.0, 0.0]),  # a phase begins where the last one ends, its transition with it
        (0.25, 1, [1.0, 0.25]),
        (0.5, 1, [1.0, 1.0]),
        (0.65, 2, [0.75, 2.0]),
        (0.7, 2, [0.5, 3.0]),
        (1.0, 2, [0.5, 3.0]),
    ],
)
def test_weights_jump_or_move_linearly_between_phases(fraction, place, weights):
    phases = Phases(THREE, NAMES)
    assert phases.index(fraction) == place
    assert_close(phases.weights(fraction).tolist(), weights)


def test_a_transition_may_fill_its_phase():
    phases = Phases([{"name": "a", "until": 0.2}, {"name": "b", "until": 0.3, "transition": 0.1}, THREE[2]], NAMES)
    assert phases.names == ["a", "b", "read"]


@pytest.mark.parametrize(
    ("phases", "message"),
    [
        ([{"name": "a", "until": 0.9}], "phases must end at 1: set until: 1 in 'a', found 0.9"),
        (
            [{"name": "a", "until": 1.5}],
            "phases\\[0\\] \\(a\\) until must be a number above 0 and at most 1, found 1.5",
        ),
        ([THREE[1] | {"transition": 0}, THREE[0] | {"until": 0.5}], "until must be a number above 0.6"),
        ([THREE[0], THREE[0] | {"until": 1}], "the name 'talk' is taken"),
        ([{"name": "a", "until": 1, "transition": 0.1}], "nothing comes before the first phase"),
        ([THREE[0], {"name": "b", "until": 1, "transition": 0.9}], "transition must be at most 0.8, found 0.9"),
        ([{"name": "a", "until": 1, "weight": {}}], "phases\\[0\\] must have name and until"),
        ([{"until": 1}], "phases\\[0\\] must have name and until"),
        ([{"name": "a", "until": 1, "weights": {"q": 1}}], "phases\\[0\\] \\(a\\) weights names unknown objectives"),
        ({"name": "a"}, "phases must be a list of phases with name, until, weights, transition"),
    ],
)
def test_phases_that_do_not_fit_are_named(phases, message):
    with pytest.raises(ValueError, match=message):
        Phases(phases, NAMES)
