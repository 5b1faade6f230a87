"""Tokens a step become rows and accumulation."""

import pytest

from pixel.planning.errors import PlanError
from pixel.planning.step_shape import shape_of_step


@pytest.mark.parametrize(
    ("tokens", "row", "processes", "most", "rows", "accumulation"),
    [
        (131072, 4096, 8, 4, 4, 1),  # 131072 = 4 * 4096 * 8
        (131072, 4096, 8, 2, 2, 2),
        (131072, 4096, 8, 3, 2, 2),  # 3 rows: 98304 or 196608, both too far
        (1_000_000, 4096, 8, 8, 8, 4),  # 8 rows x 4: 1048576, 4.9 percent off; 6 rows x 5 would be 983040
        (262144, 4096, 16, 1, 1, 4),
        (3000, 1000, 1, 2, 1, 3),
    ],
)
def test_the_largest_batch_that_comes_close_is_taken(tokens, row, processes, most, rows, accumulation):
    shape = shape_of_step(tokens, row, processes, most)
    assert (shape.rows, shape.accumulation) == (rows, accumulation)
    assert shape.tokens == rows * accumulation * row * processes


def test_less_than_a_row_on_every_process_is_refused_with_the_least_that_holds():
    with pytest.raises(PlanError, match="raise it to 32768"):
        shape_of_step(4096, 4096, 8, 4)


def test_no_room_for_one_row_is_refused():
    with pytest.raises(PlanError, match="tokens_per_device does not hold one row of 4096"):
        shape_of_step(131072, 4096, 8, 0)
