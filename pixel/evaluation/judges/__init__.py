"""Judges: local models that say which of two replies is better, believed only as far as they agree with people."""

from pixel.evaluation.judges.agreement import Agreement, measure_agreement
from pixel.evaluation.judges.judge import Judge, Pair, Side
from pixel.evaluation.judges.loading import load_judges
from pixel.evaluation.judges.panel import Panel, PanelRefused, convene

__all__ = [
    "Agreement",
    "Judge",
    "Pair",
    "Panel",
    "PanelRefused",
    "Side",
    "convene",
    "load_judges",
    "measure_agreement",
]
