"""Does a measure see what it claims to see? Scored against people, beside message length and a constant answer."""

from pixel.evaluation.validity.validity import Validity, validate_measure
from pixel.evaluation.validity.validity_row import validity_row

__all__ = ["Validity", "validate_measure", "validity_row"]
