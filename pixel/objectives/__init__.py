"""One loss a file: language, EQ, persona, clinical, empathy, and their terms. Tensors in, scalars out."""

from pixel.objectives.categorical import categorical_loss
from pixel.objectives.checks import IGNORE
from pixel.objectives.clinical import clinical_objective
from pixel.objectives.combined import BATCH_TERMS, READOUT_OBJECTIVES, ROW_TERMS, TERMS, label_counts, objective_losses
from pixel.objectives.distribution_calibration import distribution_calibration_loss
from pixel.objectives.emotional_consistency import emotional_consistency_loss
from pixel.objectives.empathy import empathy_objective
from pixel.objectives.eq import eq_objective
from pixel.objectives.genuine_contrast import genuine_contrast_loss
from pixel.objectives.language import language_loss
from pixel.objectives.multilabel import multilabel_loss
from pixel.objectives.ordinal import ordinal_loss
from pixel.objectives.persona import persona_objective
from pixel.objectives.persona_consistency import persona_consistency_loss
from pixel.objectives.score import score_loss
from pixel.objectives.smooth_transition import smooth_transition_loss
from pixel.objectives.smoothness import smoothness_loss

__all__ = [
    "BATCH_TERMS",
    "IGNORE",
    "READOUT_OBJECTIVES",
    "ROW_TERMS",
    "TERMS",
    "categorical_loss",
    "clinical_objective",
    "distribution_calibration_loss",
    "emotional_consistency_loss",
    "empathy_objective",
    "eq_objective",
    "genuine_contrast_loss",
    "label_counts",
    "language_loss",
    "multilabel_loss",
    "objective_losses",
    "ordinal_loss",
    "persona_objective",
    "persona_consistency_loss",
    "score_loss",
    "smooth_transition_loss",
    "smoothness_loss",
]
