"""In which voice a reply is written: a counsellor's or an assistant's."""

from collections.abc import Sequence
from functools import lru_cache

import numpy as np

MODES = ("therapy", "assistant")


class ModeReader:
    """
    Logistic regression on the words of the seed corpus's replies, whose voice their writers labelled.

    Attributes:
        accuracy: out of fold, conversations kept together; `majority`: of the commoner voice. Both are shown beside
            every figure that rests on the reader. Hybrid replies are left out: words do not tell them (F1 .08).
    """

    def __init__(self, seed: int = 0):
        from sklearn.model_selection import GroupKFold, cross_val_predict

        from pixel.data.seed import load_seed

        texts, modes, groups = [], [], []
        for rows in load_seed(seed=seed).values():
            for row in rows:
                for message, mode in zip(row["messages"], row["persona_mode"] or [], strict=False):
                    if message["role"] == "assistant" and mode in (0, 1):
                        texts.append(message["content"])
                        modes.append(mode)
                        groups.append(row.get("group") or row["id"])
        said = cross_val_predict(_model(), texts, modes, groups=groups, cv=GroupKFold(5))
        self.accuracy = float((said == np.array(modes)).mean())
        self.majority = max(modes.count(mode) for mode in (0, 1)) / len(modes)
        self._fitted = _model().fit(texts, modes)

    def read(self, replies: Sequence[str]) -> list[str]:
        """`therapy` or `assistant` for each."""
        return [MODES[mode] for mode in self._fitted.predict(list(replies))] if replies else []


def _model():
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline

    words = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, min_df=2)
    return make_pipeline(words, LogisticRegression(C=10, class_weight="balanced", max_iter=500))


@lru_cache(maxsize=1)
def default_mode_reader() -> ModeReader:
    """Fitted once, in seconds."""
    return ModeReader()
