"""What the fast text voice reads: the rules' findings as numbers, and hashed word and character n-grams."""

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from scipy.sparse import csr_matrix, hstack

from .rules import Finding, find, load_rules
from .text import prepare

WORD_BINS = CHARACTER_BINS = 2**15
NGRAM_SCALE = 2.0
"""N-gram rows have this length beside findings of counts up to 2: the larger, the more the n-grams weigh."""

READINGS = ("current", "past", "other", "denied")


def rule_names() -> list[str]:
    """Names of the rule features, in order: signals in four readings, patterns said now of oneself, rungs, length."""
    signals = load_rules().signals
    names = [f"{signal.id}.{reading}" for signal in signals for reading in READINGS]
    names += [f"{signal.id}#{place}" for signal in signals for place in range(len(signal.patterns))]
    return names + [f"rung{rung}" for rung in range(1, 7)] + ["length"]


@lru_cache(maxsize=1)
def _places() -> dict[str, int]:
    return {name: place for place, name in enumerate(rule_names())}


def rule_vector(findings: Sequence[Finding], sentences: int) -> np.ndarray:
    """
    Args:
        findings: of one text.
        sentences: how many it has.

    Returns:
        float32 `[len(rule_names())]`: sentences with each signal in each reading (at most 2), whether each rung of the
        ladder is spoken of, the logarithm of the length.
    """
    places = _places()
    vector = np.zeros(len(places), np.float32)
    for signal, _, reading in {(found.signal.id, found.sentence, _reading(found)) for found in findings}:
        vector[places[f"{signal}.{reading}"]] += 1
    for signal, pattern, _ in {(f.signal.id, f.pattern, f.sentence) for f in findings if _reading(f) == "current"}:
        vector[places[f"{signal}#{pattern}"]] += 1
    highest = max((found.stated for found in findings), default=0)
    vector[places["rung1"] : places["rung1"] + highest] = 1
    vector = np.minimum(vector, 2)
    vector[places["length"]] = np.log1p(sentences)
    return vector


def _reading(found: Finding) -> str:
    return "denied" if found.denied else "other" if found.subject == "other" else "past" if found.past else "current"


@lru_cache(maxsize=1)
def _hashers():
    from sklearn.feature_extraction.text import HashingVectorizer

    shared = {"alternate_sign": False, "norm": None, "dtype": np.float32, "lowercase": False}
    word = HashingVectorizer(ngram_range=(1, 3), token_pattern=r"[a-z0-9']+|[?!]", n_features=WORD_BINS, **shared)
    character = HashingVectorizer(analyzer="char_wb", ngram_range=(3, 5), n_features=CHARACTER_BINS, **shared)
    return word, character


def ngrams(plain: Sequence[str]) -> csr_matrix:
    """
    Hashed n-grams of texts in plain spelling: sparse `[texts, WORD_BINS + CHARACTER_BINS]`, 1 + log counts, the halves
    of unit length each.
    """
    from sklearn.preprocessing import normalize

    halves = []
    for hasher in _hashers():
        half = hasher.transform(plain)
        half.data = 1 + np.log(half.data)
        halves.append(normalize(half, copy=False))
    return hstack(halves, format="csr", dtype=np.float32)


def text_features(texts: Sequence[str]) -> tuple[np.ndarray, csr_matrix, list[list[Finding]]]:
    """Of texts no longer than a window: rule features `[texts, rules]`, n-grams `[texts, bins]`, findings."""
    messages = [prepare(text) for text in texts]
    findings = [find(message.sentences) for message in messages]
    rules = [rule_vector(found, len(message.sentences)) for found, message in zip(findings, messages, strict=True)]
    width = len(rule_names())
    return np.array(rules, np.float32).reshape(-1, width), ngrams([message.plain for message in messages]), findings
