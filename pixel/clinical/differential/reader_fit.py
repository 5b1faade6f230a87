"""Fitting the symptom reader: phrasings of the knowledge base, retold in the third person, against ordinary talk."""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from pixel.clinical.differential.reading import READER, fingerprint
from pixel.data.seed import seed_rows
from pixel.knowledge.loading import Knowledge

PENALTIES = (3.0, 10.0, 30.0, 100.0)
"""Inverse strengths of the L2 penalty to choose from."""
THRESHOLDS = np.arange(0.1, 0.9, 0.05)


def fit_reader(base: Knowledge, encoder, file: Path = READER) -> dict[str, float]:
    """
    Fit and keep the reader. Penalty and threshold are chosen by leaving out every third phrasing, retellings with it.

    Args:
        base: the knowledge base.
        encoder: with `encode(texts, progress=...)`.
        file: safetensors to write.

    Returns:
        `penalty`, `threshold`, and what was reached on the phrasings left out: `top1`, and `f1` at the threshold.
    """
    texts, marks, folds = training_sentences(base, list(ordinary_talk(4 * len(base.symptoms))))
    vectors, marks, folds = encoder.encode(texts, progress=True), np.array(marks), np.array(folds)
    best: tuple = (-1.0,)
    for penalty in PENALTIES:
        probability = np.zeros((len(texts), len(base.symptoms) + 1), dtype=np.float32)
        for fold in range(3):
            model = _softmax(vectors[folds != fold], marks[folds != fold], penalty)
            probability[folds == fold] = model.predict_proba(vectors[folds == fold])
        for threshold in THRESHOLDS:
            f1 = _f1(probability[folds >= 0, :-1], marks[folds >= 0], threshold)
            if f1 > best[0]:
                top1 = float((probability[folds >= 0].argmax(1) == marks[folds >= 0]).mean())
                best = (f1, penalty, float(threshold), top1)
    f1, penalty, threshold, top1 = best
    model = _softmax(vectors, marks, penalty)
    _keep(file, base, model.coef_, model.intercept_, threshold)
    return {"penalty": penalty, "threshold": round(threshold, 2), "top1": round(top1, 4), "f1": round(f1, 4)}


def ordinary_talk(most: int) -> Iterator[str]:
    """At most so many sentences of the seed corpus's task conversations, in which nobody discloses a symptom."""
    count = 0
    for row in seed_rows():
        if not row["id"].startswith("as"):
            continue
        for message in row["messages"]:
            if message["role"] == "user" and count < most:
                count += 1
                yield message["content"][:300]


def _softmax(vectors: np.ndarray, marks: np.ndarray, penalty: float):
    from sklearn.linear_model import LogisticRegression

    return LogisticRegression(C=penalty, max_iter=300).fit(vectors, marks)


def _f1(probability: np.ndarray, marks: np.ndarray, threshold: float) -> float:
    """Micro-averaged over symptoms; the last mark is "none"."""
    said = probability >= threshold
    true = marks < probability.shape[1]
    right = int(said[np.flatnonzero(true), marks[true]].sum())
    return 2 * right / max(1, int(said.sum()) + int(true.sum()))


def _keep(file: Path, base: Knowledge, weight: np.ndarray, bias: np.ndarray, threshold: float) -> None:
    from safetensors.numpy import save_file

    tensors = {"weight": weight.astype(np.float16, order="C"), "bias": bias.astype(np.float32)}
    tensors["threshold"] = np.array([threshold], dtype=np.float32)
    told = {"symptoms": json.dumps(list(base.symptoms)), "fitted_on": fingerprint(base), "encoder": "all-MiniLM-L6-v2"}
    save_file(tensors, file, metadata=told)


def training_sentences(base: Knowledge, nothing: Sequence[str]) -> tuple[list[str], list[int], list[int]]:
    """
    Sentences, the index of the symptom of each, and a fold from 0 to 2; names and definitions (fold -1) are always
    trained on. Those of `nothing` have the index after the last symptom's.

    Every phrasing also stands in the third person, as a clinician would retell it, in the same fold.
    """
    texts, marks, folds = [], [], []
    for index, symptom in enumerate(base.symptoms.values()):
        for number, phrasing in enumerate(symptom.phrasings):
            texts += [phrasing, retold(phrasing, "she"), retold(phrasing, "he")]
            marks, folds = marks + [index] * 3, folds + [number % 3] * 3
        texts += [f"{symptom.name[0].upper()}{symptom.name[1:]}.", symptom.definition]
        marks, folds = marks + [index] * 2, folds + [-1] * 2
    none = [len(base.symptoms)] * len(nothing)
    return [*texts, *nothing], [*marks, *none], [*folds, *(number % 3 for number in range(len(nothing)))]


_PERSONS = {
    "she": {"i": "she", "me": "her", "my": "her", "mine": "hers", "myself": "herself", "i'm": "she is",
            "i've": "she has", "i'll": "she will", "i'd": "she would"},
    "he": {"i": "he", "me": "him", "my": "his", "mine": "his", "myself": "himself", "i'm": "he is",
           "i've": "he has", "i'll": "he will", "i'd": "he would"},
}  # fmt: skip
_VERBS = {"am": "is", "have": "has", "do": "does", "don't": "does not", "haven't": "has not"}


def retold(sentence: str, person: str) -> str:
    """A first-person sentence in the third person; verbs other than to be, have and do stay as they are."""
    words, after = [], False
    for word in sentence.split():
        bare = word.lower().strip('.,;:!?"')
        new = _PERSONS[person].get(bare) or (_VERBS.get(bare) if after else None)
        words.append(word.lower().replace(bare, new) if new else word)
        after = bare == "i"
    text = " ".join(words)
    return text[0].upper() + text[1:]
