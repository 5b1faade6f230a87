"""How hard rows are, against what can be counted by hand."""

import numpy as np
import pytest
from datasets import Dataset
from hypothesis import given, settings
from hypothesis import strategies as st

from pixel.data.difficulty import combine, components, difficulty, empathy_stages, percentiles
from pixel.data.domains import CHAPTER_OF, DSM_CHAPTERS, PROGRESSION, domain_marks, hardest_domain
from pixel.data.encoding import encode_label
from pixel.data.label_table import label_table
from pixel.models.labels_clinical import DSM_CATEGORIES


def dsm(*names):
    return encode_label("dsm", list(names))


def examples(**changes) -> Dataset:
    """Four rows: talk only; feelings; a depressive and a borderline turn; an exploring reply."""
    columns = {
        "input_ids": [[1] * 5, [1] * 9, [1] * 2, [1] * 7],
        "labels": [[-100, 3, -100, -100, -100], [-100] * 9, [-100] * 2, [-100] * 7],
        "vad": [None, [[0.5, None, None], None, [None, None, None]], None, None],
        "dsm": [None, None, [dsm("major_depressive_disorder"), None, dsm("borderline_personality_disorder")], None],
        "emotional_reactions": [None, None, None, [None, 2]],
        "explorations": [None, None, None, [None, 1]],
    }
    return Dataset.from_dict(columns | changes)


def test_a_label_table_holds_what_was_labelled_and_nothing_else():
    table = label_table(examples(), "vad")
    assert table.rows.tolist() == [1]
    np.testing.assert_array_equal(table.values, [[0.5, np.nan, np.nan]])
    levels = label_table(examples(), "explorations")
    assert levels.rows.tolist() == [3] and levels.values.tolist() == [[1.0]]


def test_a_label_table_follows_a_selection_of_rows():
    assert label_table(examples().select([3, 1]), "explorations").rows.tolist() == [0]
    assert label_table(examples().select([0]), "vad").rows.tolist() == []


def test_every_category_has_a_chapter_and_every_chapter_a_place():
    assert len(CHAPTER_OF) == len(DSM_CATEGORIES) == sum(DSM_CHAPTERS.values())
    where = dict(zip(DSM_CATEGORIES, CHAPTER_OF, strict=True))
    firsts_and_lasts = {
        "autism_spectrum_disorder": "neurodevelopmental", "delusional_disorder": "psychotic",
        "bipolar_i_disorder": "bipolar", "cyclothymic_disorder": "bipolar",
        "premenstrual_dysphoric_disorder": "depressive", "separation_anxiety_disorder": "anxiety",
        "generalized_anxiety_disorder": "anxiety", "hoarding_disorder": "obsessive_compulsive",
        "prolonged_grief_disorder": "trauma", "dissociative_amnesia": "dissociative",
        "factitious_disorder": "somatic", "pica": "feeding_and_eating", "encopresis": "elimination",
        "restless_legs_syndrome": "sleep_wake", "premature_ejaculation": "sexual",
        "gender_dysphoria": "gender_dysphoria", "kleptomania": "disruptive_impulse_control",
        "gambling_disorder": "substance", "delirium": "neurocognitive",
        "paranoid_personality_disorder": "personality", "paraphilic_disorders": "paraphilic",
    }  # fmt: skip
    assert {name: where[name] for name in firsts_and_lasts} == firsts_and_lasts
    assert set(DSM_CHAPTERS) < set(PROGRESSION) and len(set(PROGRESSION)) == len(PROGRESSION)


def test_a_row_belongs_to_its_objectives_and_the_chapters_it_names():
    marks = domain_marks(examples())
    names = [{PROGRESSION[at] for at in np.flatnonzero(row)} for row in marks]
    assert names == [{"language"}, {"eq"}, {"clinical", "depressive", "personality"}, {"empathy"}]
    assert [PROGRESSION[at] for at in hardest_domain(marks)] == ["language", "eq", "personality", "empathy"]


def test_the_order_of_domains_is_the_reader_s_own():
    marks = domain_marks(examples(), ["personality", "eq", "depressive"])
    assert hardest_domain(marks).tolist() == [-1, 1, 2, -1]
    with pytest.raises(ValueError, match="'humour'"):
        domain_marks(examples(), ["humour"])


def test_components_are_counted_by_hand():
    parts = components(examples(), given=[None, 0.2, None, 0.9])
    assert parts["length"].tolist() == [5, 9, 2, 7]
    assert parts["labels"].tolist() == [0, 1, 2, 2]
    places = [PROGRESSION.index(name) for name in ("language", "eq", "personality", "empathy")]
    np.testing.assert_array_equal(parts["domain"], places)
    np.testing.assert_array_equal(parts["empathy"], [np.nan, 1, np.nan, 4])
    np.testing.assert_array_equal(parts["given"], [np.nan, 0.2, np.nan, 0.9])
    assert "loss" not in parts


def test_a_labelled_stage_of_empathy_overrules_the_mechanisms():
    column = [None, None, None, [None, 1]]
    assert empathy_stages(examples(empathy_stage=column))[3] == 1
    nothing = [None, None, None, [0, 0]]
    assert empathy_stages(examples(emotional_reactions=nothing, explorations=nothing))[3] == 0


def test_the_author_s_difficulty_is_read_from_its_column():
    assert components(examples(difficulty=[0.1, None, 0.3, 0.4]))["given"][0] == 0.1


@settings(max_examples=60, deadline=None)
@given(st.lists(st.one_of(st.none(), st.integers(-3, 3)), min_size=1, max_size=20))
def test_percentiles_are_the_share_below_plus_half_of_the_equal(values):
    array = np.array([np.nan if x is None else x for x in values], dtype=float)
    known = [x for x in values if x is not None]
    for value, got in zip(values, percentiles(array), strict=True):
        if value is None:
            assert np.isnan(got)
        else:
            expected = (sum(x < value for x in known) + 0.5 * sum(x == value for x in known)) / len(known)
            assert got == pytest.approx(expected)


def test_the_share_c_of_rows_has_a_difficulty_of_at_most_c():
    hard = combine({"length": np.array([3.0] * 50 + [1.0] * 30 + [2.0] * 20)})
    assert sorted(hard) == pytest.approx([n / 100 for n in range(1, 101)])
    assert hard[50:80].max() < hard[80:].min() <= hard[80:].max() < hard[:50].min()


def test_equal_rows_come_in_an_order_that_is_neither_theirs_nor_changing():
    same = {"length": np.ones(50)}
    assert combine(same).tolist() == combine(same).tolist() != sorted(combine(same))
    assert combine(same, seed=1).tolist() != combine(same).tolist()


def test_unknown_components_leave_the_say_to_the_others():
    length, given_ = np.array([1.0, 2.0, 3.0]), np.array([1.0, np.nan, 0.0])
    assert combine({"length": length, "given": np.full(3, np.nan)}).argsort().tolist() == [0, 1, 2]
    # (1/6 + 9 * 3/4) / 10 = .69, then 1/2 by length alone, then (5/6 + 9 * 1/4) / 10 = .31
    assert combine({"length": length, "given": given_}, {"length": 1, "given": 9}).argsort().tolist() == [2, 1, 0]


def test_a_model_s_loss_can_outweigh_all_else():
    order = difficulty(examples(), loss=[4.0, 3.0, 2.0, 1.0], weights={"loss": 1000.0}).argsort()
    assert order.tolist() == [3, 2, 1, 0]


@pytest.mark.parametrize(
    ("weights", "word"), [({"length": -1}, "length"), ({"colour": 1}, "colour"), ({"length": 0}, "nothing")]
)
def test_weights_that_cannot_be_are_named(weights, word):
    with pytest.raises(ValueError, match=word):
        combine({"length": np.ones(2)}, weights)


def test_values_that_are_not_one_a_row_are_named():
    with pytest.raises(ValueError, match="loss has 3 values for 4 rows"):
        components(examples(), loss=[1, 2, 3])
