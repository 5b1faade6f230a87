"""Every metric against the cases worked out by hand in `pixel/metrics/cases`; whole read-outs against `cases/`."""

import json
from pathlib import Path

import numpy as np
import pytest

from pixel.metrics import evaluate_field
from pixel.metrics.catalogue import CASES, SHEETS, cases
from pixel.metrics.huggingface import as_metric
from pixel.models.labels import FIELDS

READOUTS = Path(__file__).parent / "cases" / "readouts.json"


def metric_cases():
    for name in SHEETS:
        for case in cases(name):
            yield pytest.param(name, case, id=f"{name}: {case['says']}")


@pytest.fixture(scope="module")
def as_metrics():
    """Each `evaluate` metric, made once."""
    pytest.importorskip("evaluate")
    made = {}
    return lambda name: made.setdefault(name, as_metric(name))


def check(case, value, reason):
    if case["expected"] is None:
        assert (value, reason) == (None, case["reason"])
    else:
        assert value == pytest.approx(case["expected"], abs=case["tolerance"]) and reason is None


@pytest.mark.parametrize(("name", "case"), list(metric_cases()))
def test_the_function_gives_what_was_worked_out_by_hand(name, case):
    if name == "krippendorff_alpha":
        pytest.importorskip("krippendorff")
    check(case, *SHEETS[name].measure(case["references"], case["predictions"], **case.get("options", {})))


@pytest.mark.parametrize(("name", "case"), list(metric_cases()))
def test_the_evaluate_metric_gives_what_was_worked_out_by_hand(name, case, as_metrics):
    if name == "krippendorff_alpha":
        pytest.importorskip("krippendorff")
    options = case.get("options", {})
    answer = as_metrics(name).compute(references=case["references"], predictions=case["predictions"], **options)
    assert set(answer) == {name, "reason"}
    check(case, answer[name], answer["reason"])


def test_every_metric_has_a_typical_a_perfect_and_a_degenerate_case_in_words():
    assert {file.stem for file in CASES.glob("*.json")} == set(SHEETS)
    for name in SHEETS:
        sheet = cases(name)
        assert len(sheet) >= 3 and len({case["says"] for case in sheet}) == len(sheet)
        assert all(len(case["why"]) > 5 and (case["expected"] is not None or case["reason"]) for case in sheet)


def test_values_are_taken_as_numpy_arrays_too():
    sheet = cases("quadratic_kappa")[0]
    sides = np.array(sheet["references"]), np.array(sheet["predictions"])
    assert SHEETS["quadratic_kappa"].measure(*sides).value == pytest.approx(sheet["expected"], abs=5e-5)


def test_an_unknown_option_is_named():
    with pytest.raises(ValueError, match="accuracy has no option 'levels'"):
        SHEETS["accuracy"].measure([0, 1], [0, 1], levels=2)


def readout_cases():
    sheet = json.loads(READOUTS.read_text(encoding="utf-8"))
    return [pytest.param(case, id=case["case"]) for case in sheet["read-outs"]]


def label_row(field, said, known):
    """One turn's label as the collated batch holds it."""
    if not field.is_vector:
        return -100 if said is None else said
    if known is None:
        return [float("nan") if value is None else value for value in said]
    return [float(name in said) if name in known else float("nan") for name in field.names]


@pytest.mark.parametrize("case", readout_cases())
def test_report_gives_what_was_worked_out_by_hand(case):
    field = FIELDS[case["field"]]
    said = [turn["model"] for turn in case["turns"]]
    if isinstance(said[0], dict):
        said = [[turn.get(name, 0.0) for name in field.names] for turn in said]
    targets = [label_row(field, turn["people"], case.get("known")) for turn in case["turns"]]
    results = evaluate_field(field.name, case["source"], said, targets, resamples=0)
    assert [result.metric for result in results] == list(case["expected"])
    for result in results:
        expected = case["expected"][result.metric]
        assert (result.value is None) == (expected["value"] is None)
        if result.value is not None:
            assert result.value == pytest.approx(expected["value"], abs=5e-5)
            assert result.majority == pytest.approx(expected["majority"], abs=5e-5)
        assert (result.reason, result.n) == (expected.get("reason"), expected["n"])
