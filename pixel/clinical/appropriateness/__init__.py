"""Appropriateness of what a helper says: rules with reasons, the flow after danger, a rubric for whole sessions."""

from pixel.clinical.appropriateness.assessment import Assessor, Verdict, default_assessor
from pixel.clinical.appropriateness.pair_features import Pair
from pixel.clinical.appropriateness.violations import TurnVerdict, Violation, ViolationDetector, default_detector
