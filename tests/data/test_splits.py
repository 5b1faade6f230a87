import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pixel.data.errors import ConversationError
from pixel.data.splits import group_split, side


def rows_of(groups):
    return [{"id": str(number), "group": group} for number, group in enumerate(groups)]


@settings(max_examples=50, deadline=None)
@given(st.lists(st.text(min_size=1, max_size=4), max_size=40), st.floats(0, 0.9), st.integers(0, 5))
def test_no_group_is_on_both_sides_and_no_row_is_lost(groups, validation, seed):
    split = group_split(rows_of(groups), validation, seed)
    train, held = ({row["group"] for row in split[name]} for name in ("train", "validation"))
    assert not train & held
    assert sorted(int(row["id"]) for name in split for row in split[name]) == list(range(len(groups)))


def test_adding_dropping_or_shuffling_rows_moves_nobody():
    groups = [f"person {number}" for number in range(200)]
    before = {name: {row["group"] for row in rows} for name, rows in group_split(rows_of(groups)).items()}
    after = {
        name: {row["group"] for row in rows}
        for name, rows in group_split(rows_of(groups[::-1][:150] + ["new"])).items()
    }
    for name in before:
        assert after[name] - {"new"} == before[name] & set(groups[::-1][:150])


def test_the_share_is_met_when_there_are_many_groups():
    held = sum(side(f"group {number}", 0.2) == "validation" for number in range(5000))
    assert abs(held / 5000 - 0.2) < 4 * (0.2 * 0.8 / 5000) ** 0.5  # four standard errors


def test_a_larger_share_only_adds_to_validation():
    groups = [str(number) for number in range(500)]
    small = {group for group in groups if side(group, 0.1) == "validation"}
    large = {group for group in groups if side(group, 0.3) == "validation"}
    assert small < large


def test_another_seed_gives_another_split():
    groups = [str(number) for number in range(200)]
    assert [side(group, 0.5, 0) for group in groups] != [side(group, 0.5, 1) for group in groups]


def test_a_dataset_splits_as_its_rows_do():
    from datasets import Dataset, DatasetDict

    rows = rows_of([f"g{number % 7}" for number in range(40)])
    split = group_split(Dataset.from_list(rows), 0.4)
    assert isinstance(split, DatasetDict)
    assert {name: part.to_list() for name, part in split.items()} == group_split(rows, 0.4)


def test_a_row_without_group_is_named():
    with pytest.raises(ConversationError, match="row 1, field 'group'"):
        group_split([{"group": "a"}, {"group": None}])


@pytest.mark.parametrize("validation", [-0.1, 1.0, float("nan")])
def test_a_share_outside_zero_to_one_is_refused(validation):
    with pytest.raises(ValueError, match="validation must be"):
        side("a", validation)
