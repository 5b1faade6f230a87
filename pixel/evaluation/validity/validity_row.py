"""A measure that was held against people, as a row of an evaluation."""

from typing import Any

from pixel.evaluation.row import Row
from pixel.evaluation.validity.validity import Validity


def validity_row(found: Validity, **about: Any) -> Row:
    """
    Args:
        found: of `validate_measure`.
        about: the other attributes of `Row`; one that stands in `found` too is taken from here.
    """
    known = {
        "value": found.value, "low": found.low, "high": found.high, "n": found.n, "majority": found.majority,
        "length": found.length_only, "validated": found.validated, "against": found.against, "reason": found.reason,
    }  # fmt: skip
    return Row(**(known | about))
