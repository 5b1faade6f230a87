"""
Figures to stand beside: what others published, and what ten minutes with off-the-shelf parts reach.

A ten-minute baseline is a plain linear model on off-the-shelf text features (frozen all-MiniLM-L6-v2 embeddings unless
another is named), measured once while this project was planned. Published figures come from each work's own test set
and set-up; a figure measured on another split is near them, not comparable to the last digit.
"""

from typing import NamedTuple


class Reference(NamedTuple):
    """
    Attributes:
        baseline: the ten-minute baseline, or `None`.
        published: the published figure, or `None`.
        source: where they come from, in words.
    """

    baseline: float | None
    published: float | None
    source: str


_EPITOME = (
    "Published: Sharma et al., EMNLP 2020, RoBERTa bi-encoder, Reddit test set (quoted second-hand). Ten-minute "
    "baseline: mean of the three mechanisms, held-out pairs"
)
_EMOBANK = "Ten-minute baseline: Pearson r per dimension"
_CSSRS = "Ten-minute baseline: TF-IDF and MiniLM averaged, out of fold over posts"

PUBLISHED: dict[tuple[str, str, str], Reference] = {
    ("emotional_reactions", "epitome", "macro_f1"): Reference(None, 0.745, _EPITOME),
    ("interpretations", "epitome", "macro_f1"): Reference(None, 0.626, _EPITOME),
    ("explorations", "epitome", "macro_f1"): Reference(None, 0.726, _EPITOME),
    ("epitome_mean", "epitome", "macro_f1"): Reference(0.543, 0.699, _EPITOME),
    ("emotional_reactions", "epitome", "accuracy"): Reference(None, 0.794, _EPITOME),
    ("interpretations", "epitome", "accuracy"): Reference(None, 0.840, _EPITOME),
    ("explorations", "epitome", "accuracy"): Reference(None, 0.926, _EPITOME),
    ("emotion", "goemotions", "macro_f1"): Reference(
        0.297, 0.46, "Published: Demszky et al., ACL 2020, fine-tuned BERT, test set. Ten-minute baseline: ours"
    ),
    ("emotion", "meld", "weighted_f1"): Reference(
        0.564,
        0.66,
        "Published: text-only state of the art, COSMIC 65.2 to SACL-LSTM 66.5, test set (quoted second-hand). "
        "Ten-minute baseline: the utterance alone, test set",
    ),
    ("emotion", "emorynlp", "weighted_f1"): Reference(
        0.334,
        0.39,
        "Published: text-only state of the art, COSMIC 38.1 to SACL-LSTM 39.7, test set (quoted second-hand). "
        "Ten-minute baseline: ours",
    ),
    ("vad", "emobank", "pearson_valence"): Reference(0.62, None, _EMOBANK),
    ("vad", "emobank", "pearson_arousal"): Reference(0.435, None, _EMOBANK),
    ("vad", "emobank", "pearson_dominance"): Reference(0.35, None, _EMOBANK),
    ("risk", "cssrs", "auc_at_least_1"): Reference(0.921, None, _CSSRS),
    ("risk", "cssrs", "auc_at_least_4"): Reference(0.935, None, _CSSRS),
    ("risk", "cssrs", "quadratic_kappa"): Reference(
        None,
        0.878,
        "Best of five prompted language models, whose labels ship with the posts",
    ),
}
"""(field, corpus, metric) -> figures."""


def reference(field: str, source: str, metric: str) -> Reference | None:
    """
    The figures for a field on a corpus.

    Args:
        field: field name, or `epitome_mean`.
        source: corpus name; case, and whatever follows the corpus' own name (`meld/dev`, `cssrs_sw1170`), do not
            matter.
        metric: as in `Result.metric`.
    """
    for (known_field, corpus, known_metric), figures in PUBLISHED.items():
        if (known_field, known_metric) == (field, metric) and source.lower().startswith(corpus):
            return figures
    return None
