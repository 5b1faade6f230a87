"""A part that cannot be measured is named; a task of none is skipped with every reason."""

import pytest

from pixel.evaluation.items import Item
from pixel.evaluation.parts import run_parts
from pixel.evaluation.row import Row
from pixel.evaluation.task import TaskSkipped


def possible(context):
    return [Row("task", "metric", 0.5, "eq")], [Item("a", "metric", 1.0)]


def impossible(context):
    raise TaskSkipped("needs what is not here")


def test_what_can_be_measured_is_and_the_rest_is_a_note():
    result = run_parts(None, (impossible, possible))
    assert [row.metric for row in result.rows] == ["metric"] and [item.id for item in result.items] == ["a"]
    assert result.notes == ["impossible left out: needs what is not here"]


def test_a_task_none_of_whose_parts_can_be_measured_is_skipped():
    with pytest.raises(TaskSkipped, match="impossible left out: needs what is not here; impossible left out"):
        run_parts(None, (impossible, impossible))
