"""A hash of what a dataset says."""

from datasets import Dataset

from pixel.data.content_hash import content_hash
from tests.training.parts import rows, tiny_data


def test_order_does_not_matter_and_every_label_does():
    data = tiny_data()
    assert content_hash(data) == content_hash(data.shuffle(seed=3)) == content_hash(tiny_data())
    assert content_hash(data) != content_hash(data.select(range(15)))
    changed = rows()
    changed[8]["risk"] = [2, None, 0]
    assert content_hash(Dataset.from_list(changed, features=data.features)) != content_hash(data)


def test_a_row_that_stands_twice_is_another_dataset():
    data = tiny_data(4)
    assert content_hash(data.select([0, 1])) != content_hash(data.select([0, 1, 1]))
