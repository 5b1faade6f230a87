"""One loss a file: language, EQ, persona, clinical, empathy, and their consistency terms. Tensors in, scalars out."""

from pixel.objectives.categorical import categorical_loss
from pixel.objectives.checks import IGNORE
from pixel.objectives.clinical import clinical_objective
from pixel.objectives.combined import READOUT_OBJECTIVES, TERMS, label_counts, objective_losses
from pixel.objectives.emotional_consistency import emotional_consistency_loss
from pixel.objectives.empathy import empathy_objective
from pixel.objectives.eq import eq_objective
from pixel.objectives.language import language_loss
from pixel.objectives.multilabel import multilabel_loss
from pixel.objectives.ordinal import ordinal_loss
from pixel.objectives.persona import persona_objective
from pixel.objectives.score import score_loss
from pixel.objectives.smoothness import smoothness_loss

__all__ = [
    "IGNORE",
    "READOUT_OBJECTIVES",
    "TERMS",
    "categorical_loss",
    "clinical_objective",
    "emotional_consistency_loss",
    "empathy_objective",
    "eq_objective",
    "label_counts",
    "language_loss",
    "multilabel_loss",
    "objective_losses",
    "ordinal_loss",
    "persona_objective",
    "score_loss",
    "smoothness_loss",
]
