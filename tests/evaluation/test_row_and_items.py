import math

import pytest

from pixel.evaluation.items import Item, check_unique, item_id
from pixel.evaluation.row import Row


def test_a_row_comes_back_from_json_as_it_was_and_keys_of_a_later_version_are_left_out():
    row = Row(task="eq", metric="total/esconv", value=0.25, group="eq", n=7, low=0.1, high=0.4, validated=False)
    assert Row.from_dict(row.as_dict() | {"colour": "red"}) == row


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"group": "poetry"}, "no group is called 'poetry'"),
        ({"value": math.nan}, "value is nan"),
        ({"length": math.inf}, "length is inf"),
        ({"low": 0.1}, "interval has one end"),
        ({"value": None}, "neither a value nor a reason"),
    ],
)
def test_a_row_that_cannot_be_says_what_is_wrong(given, said):
    with pytest.raises(ValueError, match=said):
        Row(**({"task": "t", "metric": "m", "value": 0.5, "group": "eq"} | given))


def test_numbers_of_numpy_become_plain_ones():
    import json

    import numpy as np

    row = Row("t", "m", np.float32(0.5), "eq", n=np.int64(3), validated=np.bool_(True))
    assert json.loads(json.dumps(row.as_dict()))["value"] == 0.5


def test_an_item_needs_an_id_and_a_finite_value():
    with pytest.raises(ValueError, match="finite"):
        Item("a", "m", math.nan)
    with pytest.raises(ValueError, match="give an id"):
        Item("", "m", 1.0)
    assert item_id("esconv", 12, 3) == "esconv:12#3"


def test_the_same_id_twice_in_one_metric_cannot_be_paired():
    check_unique([Item("a", "m", 1), Item("a", "other", 1)])
    with pytest.raises(ValueError, match="'a' of m is there twice"):
        check_unique([Item("a", "m", 1), Item("a", "m", 0)])
