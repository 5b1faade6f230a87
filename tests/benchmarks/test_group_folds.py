"""Folds of people inside the training turns: nobody is measured by a training that saw them."""

import numpy as np
import pytest
from datasets import Dataset

from pixel.benchmarks.group_folds import group_folds, reporting_on_all
from tests.benchmarks.tuning.parts import frozen_study


@pytest.fixture(scope="module")
def study():
    made = frozen_study(48)
    made.train.groups = np.array([str(row // 2) for row in range(48)])  # two conversations a person
    made.order = [*range(48), 0, 1]  # as a mixture repeats rows
    made.examples = lambda: Dataset.from_dict({"source": ["one"] * 24 + ["two"] * 24})
    return made


def test_nobody_who_is_measured_is_trained_on(study):
    for fold in group_folds(study, 3):
        trained = {study.train.groups[row] for row in fold.order}
        for table in fold.held_out["tune"].values():
            assert not trained & set(table.groups)


def test_everybody_is_measured_once_and_repeats_are_kept(study):
    folds = group_folds(study, 3)
    measured = [group for fold in folds for table in fold.held_out["tune"].values() for group in table.groups]
    assert sorted(measured) == sorted(study.train.groups)
    assert sum(len(fold.order) for fold in folds) == 2 * len(study.order)  # each row trains in two folds of three


def test_every_fold_holds_every_corpus_in_like_parts(study):
    for fold in group_folds(study, 3):
        assert {name: len(table) for name, table in fold.held_out["tune"].items()} == {"one": 8, "two": 8}


def test_one_fold_is_no_cross_validation(study):
    with pytest.raises(ValueError, match="at least 2"):
        group_folds(study, 1)


def test_all_held_out_people_report_what_folds_chose(study):
    whole = reporting_on_all(study)
    both = sum(len(study.held_out[part]["made"]) for part in ("tune", "test"))
    assert len(whole.held_out["test"]["made"]) == both and not whole.held_out["tune"]
