"""The made-up pairs of the judges' tests."""

from tests.evaluation.judges.conftest import pairs  # noqa: F401
