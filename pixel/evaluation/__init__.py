"""Tasks and metrics, one a file. Metrics take numpy arrays and load scikit-learn or scipy when first called."""

from pixel.evaluation.accuracy import accuracy
from pixel.evaluation.auc import auc
from pixel.evaluation.binary_f1 import binary_f1
from pixel.evaluation.bootstrap import bootstrap_interval
from pixel.evaluation.decode import field_probabilities, levels_of
from pixel.evaluation.expected_calibration_error import expected_calibration_error
from pixel.evaluation.macro_f1 import macro_f1, macro_f1_multilabel
from pixel.evaluation.markdown_table import markdown_table
from pixel.evaluation.measure import Measure
from pixel.evaluation.pearson import pearson
from pixel.evaluation.quadratic_kappa import quadratic_kappa
from pixel.evaluation.readout_report import Result, evaluate_field, mean_result
from pixel.evaluation.thresholds import best_threshold, fit_thresholds
from pixel.evaluation.weighted_f1 import weighted_f1

__all__ = [
    "Measure",
    "Result",
    "accuracy",
    "auc",
    "best_threshold",
    "binary_f1",
    "bootstrap_interval",
    "evaluate_field",
    "expected_calibration_error",
    "field_probabilities",
    "fit_thresholds",
    "levels_of",
    "macro_f1",
    "macro_f1_multilabel",
    "markdown_table",
    "mean_result",
    "pearson",
    "quadratic_kappa",
    "weighted_f1",
]
