"""Operating points: they decide as the model hands out, and help on turns they were not fitted on."""

import numpy as np
import torch
from sklearn.metrics import f1_score

from pixel.metrics.decode import levels_of
from pixel.metrics.operating_point import cross_fitted, decided, fit_offsets
from pixel.models.readouts import probabilities

FIELD = "explorations"


def rare_levels(turns: int = 900, seed: int = 0):
    """Levels where the upper two are rare, and cumulative logits that know something about them."""
    random = np.random.default_rng(seed)
    targets = random.choice(3, turns, p=[0.84, 0.05, 0.11])
    signal = targets + random.normal(0, 0.9, turns)
    return np.stack([1.5 * signal - 2.8, 1.5 * signal - 3.6], -1), targets


def test_the_decision_is_the_likeliest_level_the_model_hands_out():
    logits, targets = rare_levels()
    offsets = fit_offsets(FIELD, logits, targets)
    handed_out = probabilities(FIELD, torch.tensor(logits), offsets).argmax(-1).numpy()
    assert (levels_of(decided(FIELD, logits, offsets)) == handed_out).all()


def test_fitted_levels_beat_unfitted_ones_on_turns_they_have_not_seen():
    logits, targets = rare_levels(1800)
    groups = np.arange(len(targets)) // 3
    plain = f1_score(targets, levels_of(decided(FIELD, logits, None)), average="macro")
    fitted = f1_score(targets, levels_of(cross_fitted(FIELD, logits, targets, groups)), average="macro")
    assert fitted > plain + 0.02


def test_a_label_counts_from_one_half_after_its_offset():
    random = np.random.default_rng(1)
    targets = (random.random((400, 28)) < 0.05).astype(float)
    logits = 2 * targets - 3 + random.normal(0, 0.7, targets.shape)
    offsets = fit_offsets("emotion", logits, targets)
    assert np.allclose(decided("emotion", logits, offsets), 1 / (1 + np.exp(-(logits + np.array(offsets)))))


def test_risk_and_scores_keep_their_probabilities():
    assert fit_offsets("risk", np.zeros((200, 6)), np.arange(200) % 7) is None
    assert fit_offsets("vad", np.zeros((200, 3)), np.full((200, 3), 0.5)) is None
