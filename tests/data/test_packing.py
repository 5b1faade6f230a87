from datasets import Dataset
from hypothesis import given, settings
from hypothesis import strategies as st

from pixel.data.examples import encode_dataset, encode_row
from pixel.data.packing import best_fit, pack_dataset, pack_examples
from pixel.data.schema import features


@settings(max_examples=200, deadline=None)
@given(st.lists(st.integers(1, 50), max_size=60), st.integers(1, 40))
def test_every_item_is_in_one_bin_and_bins_keep_to_the_capacity(lengths, capacity):
    bins = best_fit(lengths, capacity)
    assert sorted(index for members in bins for index in members) == list(range(len(lengths)))
    for members in bins:
        assert sum(lengths[index] for index in members) <= capacity or len(members) == 1
    # two bins that are at most half full would have been one
    light = [members for members in bins if 2 * sum(lengths[index] for index in members) <= capacity]
    assert len(light) <= 1


def test_the_tightest_bin_that_fits_is_taken():
    assert sorted(map(sorted, best_fit([6, 5, 4, 5], 10))) == [[0, 2], [1, 3]]


def test_positions_restart_spans_move_and_conversations_are_numbered(tokenizer, talk):
    (one,) = encode_row(talk("Hello", "Hi", risk=[2, None]), tokenizer, 100)
    (two,) = encode_row(talk("Again", "Yes", "No", vad=[None, [0, 0.5, 1], None]), tokenizer, 100)
    packed = pack_examples([one, two])
    first, second = len(one["input_ids"]), len(two["input_ids"])
    assert packed["input_ids"] == one["input_ids"] + two["input_ids"]
    assert packed["position_ids"] == [*range(first), *range(second)]
    assert packed["turn_mask"] == [1, 1, 2, 2, 2]
    assert packed["turn_roles"] == [1, 2, 1, 2, 1]
    texts = [tokenizer.decode(packed["input_ids"][start : end + 1]) for start, end in packed["turn_spans"]]
    assert texts == ["Hello", "Hi", "Again", "Yes", "No"]
    assert packed["risk"] == [2, None, None, None, None]
    assert packed["vad"] == [None, None, None, [0.0, 0.5, 1.0], None]
    assert packed["labels"][first] == -100  # nothing is predicted across the seam


def test_a_packed_dataset_holds_every_conversation_once(tokenizer, talk):
    rows = [talk("x" * (1 + n), f"reply {n}", id=str(n), risk=[n % 7, None]) for n in range(20)]
    encoded = encode_dataset(Dataset.from_list(rows, features=features()), tokenizer, 200)
    packed = pack_dataset(encoded, 200, seed=3)
    assert len(packed) < len(encoded) and max(map(len, packed["input_ids"])) <= 200
    assert sum(map(len, packed["input_ids"])) == sum(map(len, encoded["input_ids"]))
    risks = sorted(label for row in packed["risk"] for label in row if label is not None)
    assert risks == sorted(number % 7 for number in range(20))
    assert sum(max(row) for row in packed["turn_mask"]) == 20
    assert not {"row_id", "source", "turn_index"} & set(packed.column_names)
    assert pack_dataset(encoded, 200, seed=3)["input_ids"][:] == packed["input_ids"][:]
