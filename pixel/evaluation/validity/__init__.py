"""Does a measure see what it claims to see? Scored against people, beside message length and a constant answer."""

from pixel.evaluation.validity.validity import Validity, validate_measure

__all__ = ["Validity", "validate_measure"]
