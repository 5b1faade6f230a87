"""Metrics, one a file. They take numpy arrays and load scikit-learn or scipy when first called."""

from pixel.metrics.accuracy import accuracy
from pixel.metrics.auc import auc
from pixel.metrics.binary_f1 import binary_f1
from pixel.metrics.bootstrap import bootstrap_interval
from pixel.metrics.brier_score import brier_score
from pixel.metrics.decode import field_probabilities, levels_of
from pixel.metrics.delta_m import delta_m
from pixel.metrics.emobench import emobench_ea, emobench_eu
from pixel.metrics.eq_bench import eq_bench, eq_bench_parseable
from pixel.metrics.equivalence import equivalence
from pixel.metrics.expected_calibration_error import expected_calibration_error
from pixel.metrics.krippendorff_alpha import alpha_interval, krippendorff_alpha
from pixel.metrics.ks_distance import ks_distance
from pixel.metrics.macro_f1 import macro_f1, macro_f1_multilabel
from pixel.metrics.markdown_table import markdown_table
from pixel.metrics.measure import Measure
from pixel.metrics.pearson import pearson
from pixel.metrics.quadratic_kappa import quadratic_kappa
from pixel.metrics.readout_report import Result, evaluate_field, mean_result
from pixel.metrics.seceu import seceu, seceu_pattern
from pixel.metrics.spearman import spearman
from pixel.metrics.thresholds import best_threshold, fit_thresholds
from pixel.metrics.wasserstein_distance import wasserstein_distance
from pixel.metrics.weighted_f1 import weighted_f1

__all__ = [
    "Measure",
    "Result",
    "accuracy",
    "alpha_interval",
    "auc",
    "best_threshold",
    "binary_f1",
    "bootstrap_interval",
    "brier_score",
    "delta_m",
    "emobench_ea",
    "emobench_eu",
    "eq_bench",
    "eq_bench_parseable",
    "equivalence",
    "evaluate_field",
    "expected_calibration_error",
    "field_probabilities",
    "fit_thresholds",
    "krippendorff_alpha",
    "ks_distance",
    "levels_of",
    "macro_f1",
    "macro_f1_multilabel",
    "markdown_table",
    "mean_result",
    "pearson",
    "quadratic_kappa",
    "seceu",
    "seceu_pattern",
    "spearman",
    "wasserstein_distance",
    "weighted_f1",
]
