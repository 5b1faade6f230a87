"""Symptoms in a person's own words: clauses matched to the knowledge base by meaning, with denials and times."""

import hashlib
import json
import re
from functools import cached_property
from pathlib import Path

import numpy as np

from pixel.clinical.differential.durations import age_in, days_in, onset_in
from pixel.clinical.differential.findings import Finding, Picture
from pixel.knowledge.errors import KnowledgeError
from pixel.knowledge.loading import Knowledge, knowledge

READER = Path(__file__).with_name("reader.safetensors")
LEAST = 0.05
"""Probability from which a finding is kept; chosen on development vignettes (0.12 reads worse)."""
LONGEST = 20_000
"""Characters of a text that are read; a vignette is a page at most."""

_SENTENCE = re.compile(r"(?<=[.!?])\s+|\n+")
_CLAUSE = re.compile(r"\s*(?:;|,\s+(?:and|but|while|then|though)?|\s+(?:and|but|while|although|yet)\s+(?=\w+\s))\s*")
_DENIAL = re.compile(
    r"\b(?:den(?:y|ies|ied)|no (?:history|signs?|evidence|hint|trace) of|never (?:had|been|felt|has|have)|free of|"
    r"(?:has|have|had|is|was|are|were|do|does|did)(?: not|n't)|without|nor|neither|no|none)\b",
    re.IGNORECASE,
)


def clauses(text: str) -> list[tuple[str, str]]:
    """Every sentence and, where it has several, each of its clauses of three words or more, with the sentence."""
    found = []
    for sentence in _SENTENCE.split(text):
        sentence = sentence.strip()
        if not sentence:
            continue
        found.append((sentence, sentence))
        parts = [part for part in _CLAUSE.split(sentence) if len(part.split()) >= 3]
        if len(parts) > 1:
            found += [(part, sentence) for part in parts]
    return found


class SymptomReader:
    r"""
    Two softmaxes on sentence embeddings: which symptom a clause states, or none, and which category it is about.

    .. math:: p(s \mid x) = \mathrm{softmax}(W e(x) + b)_s

    with :math:`e` all-MiniLM-L6-v2, fitted on the knowledge base's own sentences. A symptom's probability in a text is
    the largest over its sentences and clauses. It is denied where the clause has a word of denial and lies nearer to
    the ways in which the knowledge base denies the symptom than to those that state it. What was measured on sentences
    that were not fitted on is in BENCHMARKS.md: a single clause is often read wrongly, so findings keep their
    probability, and the engine adds many of them up.

    Args:
        base: the knowledge base.
        encoder: with `encode(texts) -> [n, 384]` (default: the embedded MiniLM).
        file: fitted weights (see `pixel.clinical.differential.reader_fit`).

    Raises:
        KnowledgeError: the weights belong to another knowledge base; says how to fit again.
    """

    def __init__(self, base: Knowledge | None = None, encoder=None, file: Path = READER):
        from safetensors import safe_open

        from pixel.text.sentence_encoder import default_encoder

        self.base = base or knowledge()
        if not file.is_file():
            raise KnowledgeError("file not found", file=file, mend="run recipes/differential.py fit")
        with safe_open(file, framework="np") as content:
            if content.metadata()["fitted_on"] != fingerprint(self.base):
                raise KnowledgeError(
                    "was fitted on another knowledge base",
                    file=file,
                    mend="run recipes/differential.py fit on this one",
                )
            self.symptoms = json.loads(content.metadata()["symptoms"])
            self.categories = json.loads(content.metadata()["categories"])
            tensors = {name: content.get_tensor(name).astype(np.float32) for name in content.keys()}
        self._symptom = tensors["symptom_weight"], tensors["symptom_bias"]
        self._topic = tensors["topic_weight"], tensors["topic_bias"]
        self.encoder = encoder or default_encoder()

    def probabilities(self, vectors: np.ndarray) -> np.ndarray:
        """Float `[texts, symptoms]`; what is missing to 1 in a row is "none"."""
        return _softmax(vectors, *self._symptom)[:, :-1]

    def read(self, text: str) -> Picture:
        """
        The picture in a text: findings of probability `LEAST` or more, with times where the sentence gives one, and
        topics.

        Raises:
            KnowledgeError: no text.
        """
        if not isinstance(text, str) or not text.strip():
            raise KnowledgeError("there is no text", field="text", mend="give the person's words")
        text = text[:LONGEST]
        parts = clauses(text)
        vectors = self.encoder.encode([part for part, _ in parts])
        probability = self.probabilities(vectors)
        findings: dict[str, Finding] = {}
        for row, column in zip(*np.nonzero(probability >= LEAST), strict=True):
            name, (part, sentence) = self.symptoms[column], parts[row]
            strength = float(probability[row, column])
            present = not (_DENIAL.search(part) and self._denies(name, vectors[row]))
            old = findings.get(name)
            days = days_in(sentence)
            if old is None or (present, strength) > (old.present, old.probability):
                # a statement outweighs a denial: both often come from one sentence and its clauses
                findings[name] = Finding(name, present, days if days is not None else old and old.days, strength)
        whole = [days for sentence in dict.fromkeys(s for _, s in parts) if (days := days_in(sentence)) is not None]
        topics = np.log(_softmax(vectors, *self._topic).mean(0) + 1e-3).tolist()
        return Picture(
            findings, max(whole) if whole else None, age_in(text), onset_in(text),
            dict(zip(self.categories, topics, strict=True)),
        )  # fmt: skip

    def _denies(self, name: str, vector: np.ndarray) -> bool:
        stated, denied = self._ways[name]
        return float((denied @ vector).max()) > float((stated @ vector).max())

    @cached_property
    def _ways(self) -> dict[str, tuple[np.ndarray, np.ndarray]]:
        """Embeddings of the ways to state and to deny each symptom."""
        sentences = [s for name in self.symptoms for s in self._sentences(name)]
        vectors, found, start = self.encoder.encode(sentences), {}, 0
        for name in self.symptoms:
            symptom = self.base.symptoms[name]
            middle, end = start + len(symptom.phrasings), start + len(self._sentences(name))
            found[name] = vectors[start:middle], vectors[middle:end]
            start = end
        return found

    def _sentences(self, name: str) -> list[str]:
        return [*self.base.symptoms[name].phrasings, *self.base.symptoms[name].absent]


def fingerprint(base: Knowledge) -> str:
    """SHA-256 of what readers are fitted on: the symptoms and the categories."""
    content = [one.model_dump(mode="json") for many in (base.symptoms, base.categories) for one in many.values()]
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def _softmax(vectors: np.ndarray, weight: np.ndarray, bias: np.ndarray) -> np.ndarray:
    scores = vectors @ weight.T + bias
    odds = np.exp(scores - scores.max(1, keepdims=True))
    return odds / odds.sum(1, keepdims=True)
