"""Versions of a model beside each other: paired by item, with intervals, corrected for many tests, and over time."""

from pixel.evaluation.comparison.change import Change
from pixel.evaluation.comparison.correction import benjamini_hochberg, holm
from pixel.evaluation.comparison.pairing import Pairs, pair_items
from pixel.evaluation.comparison.trend import Trend, trend_of
from pixel.evaluation.comparison.version import Version, read_version
from pixel.evaluation.comparison.versions import Comparison, compare_versions

__all__ = [
    "Change",
    "Comparison",
    "Pairs",
    "Trend",
    "Version",
    "benjamini_hochberg",
    "compare_versions",
    "holm",
    "pair_items",
    "read_version",
    "trend_of",
]
