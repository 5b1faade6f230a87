"""Every metric against cases worked out by hand: see the `because` of each in `cases/`."""

import json
from pathlib import Path

import numpy as np
import pytest

import pixel.metrics as evaluation
from pixel.metrics import evaluate_field
from pixel.models.labels import FIELDS

CASES = Path(__file__).parent / "cases"


def metric_cases():
    for file in sorted(CASES.glob("*.json")):
        sheet = json.loads(file.read_text(encoding="utf-8"))
        for case in sheet.get("cases", ()):
            yield pytest.param(sheet, case, id=f"{file.stem}: {case['case']}")


def readout_cases():
    sheet = json.loads((CASES / "readouts.json").read_text(encoding="utf-8"))
    return [pytest.param(case, id=case["case"]) for case in sheet["read-outs"]]


def numbers(values):
    """JSON's null as NaN."""
    array = np.array(values, dtype=float)
    return array if np.isnan(array).any() or (array % 1).any() else array.astype(int)


@pytest.mark.parametrize(("sheet", "case"), list(metric_cases()))
def test_metric_gives_what_was_worked_out_by_hand(sheet, case):
    sides = [numbers(case["people said"]), numbers(case["the model said"])]
    if sheet.get("order") == "model first":
        sides.reverse()
    measured = getattr(evaluation, sheet["metric"])(*sides, **sheet.get("arguments", {}))
    if case["expected"] is None:
        assert (measured.value, measured.reason) == (None, case["because"])
    else:
        assert measured.value == pytest.approx(case["expected"], abs=5e-5) and measured.reason is None


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
