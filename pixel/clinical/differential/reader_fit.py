"""Fitting the symptom reader: the knowledge base's own sentences, retold in the third person, and ordinary talk."""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from pixel.clinical.differential.reading import READER, fingerprint
from pixel.data.seed import seed_rows
from pixel.knowledge.graph import SymptomGraph
from pixel.knowledge.loading import Knowledge

INVERSE_PENALTY = 30.0
"""Of the squared weights. 30 and 100 read about as many left-out phrasings rightly (.28 each)."""
FOLDS = 3


def fit_reader(base: Knowledge, encoder, file: Path = READER, without: int | None = None) -> float | None:
    """
    Fit and keep a reader.

    Args:
        base: the knowledge base.
        encoder: with `encode(texts)`.
        file: safetensors to write.
        without: a fold of phrasings, from 0 to 2, to leave out, for readers that meet wordings they have not seen.

    Returns:
        with `without`: the share of sentences of that fold whose symptom (or none) comes first; else `None`.
    """
    texts, marks, folds = training_sentences(base, list(ordinary_talk(4 * len(base.symptoms))))
    vectors, marks, folds = encoder.encode(texts), np.array(marks), np.array(folds)
    kept = folds != (-2 if without is None else without)
    symptoms = _fit(vectors[kept], marks[kept])
    stated = kept & (marks < len(base.symptoms))
    topics = _fit(*_topic_sentences(base, encoder, vectors[stated], marks[stated]))
    _keep(file, base, symptoms, topics)
    return None if without is None else float((symptoms.predict(vectors[~kept]) == marks[~kept]).mean())


def _topic_sentences(base: Knowledge, encoder, vectors: np.ndarray, marks: np.ndarray):
    """Texts of every category; and statements of a symptom, shared out among the categories that ask for it."""
    graph, names = SymptomGraph(base), list(base.symptoms)
    texts, owners = [], []
    for number, category in enumerate(base.categories.values()):
        own = [category.name, category.summary, *category.questions]
        own += [text for one in category.criteria for text in (one.text, *(item.text for item in one.items))]
        texts, owners = texts + own, owners + [number] * len(own)
    place = {name: number for number, name in enumerate(base.categories)}
    asking = [[place[name] for name in graph.categories_of(names[mark])] for mark in marks]
    rows = np.repeat(np.arange(len(marks)), [len(many) for many in asking])
    shares = np.array([1 / len(many) for many in asking for _ in many])
    owners += [owner for many in asking for owner in many]
    return (
        np.concatenate([encoder.encode(texts), vectors[rows]]),
        np.array(owners),
        np.append(np.ones(len(texts)), shares),
    )


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


def _fit(vectors: np.ndarray, marks: np.ndarray, shares: np.ndarray | None = None):
    from sklearn.linear_model import LogisticRegression

    return LogisticRegression(C=INVERSE_PENALTY, max_iter=200, tol=1e-3).fit(vectors, marks, sample_weight=shares)


def _keep(file: Path, base: Knowledge, symptoms, topics) -> None:
    from safetensors.numpy import save_file

    tensors = {}
    for name, model in (("symptom", symptoms), ("topic", topics)):
        weight, bias = model.coef_, model.intercept_
        if len(weight) == 1:  # of two classes scikit-learn keeps the difference
            weight, bias = np.vstack([-weight, weight]) / 2, np.append(-bias, bias) / 2
        tensors[f"{name}_weight"] = weight.astype(np.float16, order="C")  # safetensors takes no other order
        tensors[f"{name}_bias"] = bias.astype(np.float32)
    told = {"symptoms": json.dumps(list(base.symptoms)), "categories": json.dumps(list(base.categories))}
    save_file(tensors, file, metadata=told | {"fitted_on": fingerprint(base), "encoder": "all-MiniLM-L6-v2"})


def training_sentences(base: Knowledge, nothing: Sequence[str]) -> tuple[list[str], list[int], list[int]]:
    """
    Sentences, the index of the symptom of each, and a fold from 0 to 2; names, definitions and the criteria that ask
    for one symptom alone (fold -1) are always trained on. Those of `nothing` have the index after the last symptom's.

    Every phrasing also stands in the third person, as a clinician would retell it, in the same fold.
    """
    texts, marks, folds = [], [], []
    place = {name: index for index, name in enumerate(base.symptoms)}
    for name, symptom in base.symptoms.items():
        for number, phrasing in enumerate(symptom.phrasings):
            texts += [phrasing, retold(phrasing, "she"), retold(phrasing, "he")]
            marks, folds = marks + [place[name]] * 3, folds + [number % FOLDS] * 3
        texts += [f"{symptom.name[0].upper()}{symptom.name[1:]}.", symptom.definition]
        marks, folds = marks + [place[name]] * 2, folds + [-1] * 2
    for category in base.categories.values():
        for criterion in category.criteria:
            for part in (criterion, *criterion.items):
                if len(part.any_of) == 1 and part.any_of[0] in place:
                    texts, marks, folds = [*texts, part.text], [*marks, place[part.any_of[0]]], [*folds, -1]
    none = [len(base.symptoms)] * len(nothing)
    return [*texts, *nothing], [*marks, *none], [*folds, *(number % FOLDS for number in range(len(nothing)))]


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
