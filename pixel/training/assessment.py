"""The table at the end of a run: every labelled head on held-out turns, beside what it has to beat."""

import numpy as np

from pixel.metrics import Result, evaluate_field, mean_result
from pixel.metrics.operating_point import cross_fitted, decided, fit_offsets
from pixel.models import PixelForCausalLM
from pixel.models.labels import EPITOME_MECHANISMS
from pixel.training.read_dataset import FieldReadings, read_dataset


def assess(
    network: PixelForCausalLM,
    validation: dict[str, object],
    pad_token_id: int,
    offsets: dict[str, list[float]] | None = None,
    *,
    resamples: int = 200,
    seed: int = 0,
) -> tuple[list[Result], dict[str, list[float]]]:
    """
    Read the validation corpora and measure every head on every corpus that labels it (see `assess_readings`).

    Args:
        network: the trained model.
        validation: corpus -> examples.
        pad_token_id: of the tokenizer.
        offsets: by field, fitted elsewhere; `None` to fit them here.
        resamples: bootstrap draws for the intervals.
        seed: of the draws.

    Returns:
        results, and offsets by field for `PixelConfig.offsets`.
    """
    readings = {corpus: read_dataset(network, data, pad_token_id, name=corpus) for corpus, data in validation.items()}
    return assess_readings(readings, offsets, resamples=resamples, seed=seed)


def assess_readings(
    readings: dict[str, dict[str, FieldReadings]],
    offsets: dict[str, list[float]] | None = None,
    *,
    resamples: int = 200,
    seed: int = 0,
) -> tuple[list[Result], dict[str, list[float]]]:
    """
    Measure what was read, with the operating points the model is shipped with.

    Offsets that were fitted on training data are used as they are. Otherwise they are fitted on the validation turns,
    and the figures use offsets that each turn had no part in fitting.

    Args:
        readings: corpus -> field -> logits beside labels.
        offsets, resamples, seed: as in `assess`.

    Returns:
        results, and offsets by field for `PixelConfig.offsets`.
    """
    given, offsets = offsets, _offsets(readings) if offsets is None else offsets
    results: list[Result] = []
    for corpus, fields in readings.items():
        for name, reading in fields.items():
            logits, targets, groups = reading.arrays()
            if given is None:
                said = cross_fitted(name, logits, targets, groups, seed=seed)
            else:
                said = decided(name, logits, given.get(name))
            results += evaluate_field(name, corpus, said, targets, groups, resamples=resamples, seed=seed)
        if all(name in fields for name in EPITOME_MECHANISMS):
            results.append(mean_result([r for r in results if r.source == corpus and r.field in EPITOME_MECHANISMS],
                                       "epitome_mean", corpus, "macro_f1"))  # fmt: skip
    return results, offsets


def _offsets(readings: dict[str, dict[str, FieldReadings]]) -> dict[str, list[float]]:
    offsets = {}
    for name in sorted({name for fields in readings.values() for name in fields}):
        parts = [fields[name].arrays() for fields in readings.values() if name in fields]
        fitted = fit_offsets(name, np.concatenate([p[0] for p in parts]), np.concatenate([p[1] for p in parts]))
        if fitted is not None:
            offsets[name] = fitted
    return offsets
