"""State as JSON: exact, and refused where it is another's."""

import json
import math

import pytest
import torch

from pixel.balancing.json_state import JsonState


class Kept(JsonState):
    kept = ("weights", "count", "rate")

    def __init__(self, size: int):
        self.weights, self.count, self.rate = torch.zeros(size, dtype=torch.float64), 0, 0.0


def test_it_comes_back_through_a_file_to_the_last_bit():
    first, second = Kept(3), Kept(3)
    first.weights, first.count, first.rate = torch.tensor([0.1, math.nan, 1 / 3], dtype=torch.float64), 7, 1e-300
    second.load_state_dict(json.loads(json.dumps(first.state_dict())))
    assert second.weights[[0, 2]].tolist() == [0.1, 1 / 3] and second.weights[1].isnan()
    assert (second.count, second.rate) == (7, 1e-300)


def test_the_state_of_another_number_of_objectives_is_refused_and_nothing_is_taken():
    run = Kept(3)
    with pytest.raises(ValueError, match="has 2 objectives, this run 3"):
        run.load_state_dict(Kept(2).state_dict() | {"count": 5})
    assert run.count == 0


def test_the_state_of_something_else_is_refused():
    with pytest.raises(ValueError, match="no state of Kept"):
        Kept(3).load_state_dict({"weights": [0.0, 0.0, 0.0]})
