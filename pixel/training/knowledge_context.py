"""Knowledge in the context: relevant passages put before chosen conversations, ahead of tokenisation."""

import hashlib
import json
import uuid
from collections import Counter
from collections.abc import Callable, Mapping
from functools import lru_cache
from inspect import signature
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from pixel.models.labels import FIELDS
from pixel.training.arguments import SettingError
from pixel.training.base_passages import named_passages
from pixel.training.passages import Found, Passages
from pixel.training.ranks import is_first

HEADING = "Background knowledge that may help:"
FLOOR = 0.2
"""Least relevance of a passage, on the scale of `TextPassages`."""

CANDIDATES = 4
"""Passages looked at for each one wanted, for diversity to choose from."""


class _Choice(NamedTuple):
    passages: tuple[Found, ...]
    alike: np.ndarray  # [passages, passages], cosine


class KnowledgeContext:
    r"""
    Puts passages into the system message of chosen rows (a new first message where a row has none; every label list
    then starts with an unknown, so that labels stay with their turns).

    What a row is about are its user turns: the replies to be learned are not looked at. Only rows that teach a reply
    are chosen. Passages are taken greedily by maximal marginal relevance,

    .. math:: \arg\max_p \; \lambda \, \frac{r_p}{\max_q r_q} - (1 - \lambda) \max_{s \in S} \cos(p, s)

    among those with relevance :math:`r_p` at or above `floor`. A passage that does not fit the budget is left out
    whole: half a criterion misleads.

    Args:
        passages: to search.
        count_tokens: text -> number of tokens.
        share: of rows that are chosen, by a hash of seed and row id: the same whatever the order or the process.
        k: passages a row, at most.
        floor: relevance below which a passage does not count, on the scale of `passages` (0.2: see `TextPassages`;
            searchers with a scale of their own bring their `floor`).
        mmr_lambda: 1 for relevance alone, towards 0 for diversity.
        budget: tokens of a row's knowledge. At most a quarter of `max_length`: a longer system message is cut where a
            conversation needs several windows.
        max_share: most of a row's tokens that may be knowledge, in (0, 1).
        cache: queries remembered.
        seed: of the choice of rows.
        log: JSON-lines file, written anew: `{"row", "source", "passages": [{"id", "score"}], "tokens"}`. Never text.

    Raises:
        SettingError: a number out of range.

    Source: Carbonell & Goldstein, "The Use of MMR, Diversity-Based Reranking", SIGIR 1998.
    """

    def __init__(
        self,
        passages: Passages,
        count_tokens: Callable[[str], int],
        *,
        share: float = 0.3,
        k: int = 3,
        floor: float = FLOOR,
        mmr_lambda: float = 0.7,
        budget: int = 192,
        max_share: float = 0.5,
        cache: int = 4096,
        seed: int = 0,
        log: str | Path | None = None,
    ):
        for name, value, fine in (
            ("share", share, 0 <= share <= 1), ("mmr_lambda", mmr_lambda, 0 <= mmr_lambda <= 1), ("k", k, k >= 1),
            ("budget", budget, budget >= 1), ("max_share", max_share, 0 < max_share < 1), ("cache", cache, cache >= 0),
        ):  # fmt: skip
            if not fine:
                raise SettingError(f"knowledge {name} is {value}. Mend: see KnowledgeContext for its range")
        self.passages, self.count_tokens, self.share, self.k, self.floor = passages, count_tokens, share, k, floor
        self.mmr_lambda, self.budget, self.max_share, self.seed = mmr_lambda, budget, max_share, seed
        self.log = Path(log) if log is not None and is_first() else None
        if self.log is not None:
            self.log.parent.mkdir(parents=True, exist_ok=True)
            self.log.write_text("", encoding="utf-8")
        self.choose = lru_cache(cache)(self._choose)
        self.used: Counter[str] = Counter()
        self.counts: Counter[str] = Counter()
        self._relevance, self._diversity = [], []

    def apply(self, dataset, name: str = ""):
        """
        A `Dataset` of Pixel's schema, with knowledge in some of its rows.

        Args:
            dataset: conversations, not yet encoded. Kept in memory: the result is not cached between runs.
            name: shown beside the progress bar.
        """
        columns = [c for c in ("messages", "learn", *FIELDS) if c in dataset.column_names]
        lines: list[dict[str, Any]] = []

        def changed(row: dict[str, Any]) -> dict[str, Any]:
            new, used = self.row(row)
            if used is not None:
                lines.append(used)
            return {column: new[column] for column in columns}

        result = dataset.map(
            changed,
            features=dataset.features,
            keep_in_memory=True,
            load_from_cache_file=False,
            new_fingerprint=uuid.uuid4().hex[:16],  # what the passages say is no part of any hash
            desc=f"Adding knowledge to {name}".strip(),
        )
        if self.log is not None:
            with self.log.open("a", encoding="utf-8") as stream:
                stream.writelines(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)
        return result

    def row(self, row: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any] | None]:
        """One row, and what was used (ids, scores, tokens); the row as it is, and `None`, where nothing was."""
        self.counts["rows"] += 1
        messages, learn = row["messages"], row.get("learn")
        taught = [
            m["role"] == "assistant" if learn is None or learn[i] is None else learn[i] for i, m in enumerate(messages)
        ]
        query = " ".join(" ".join(m["content"] for m in messages if m["role"] == "user").split())
        if not query or not any(taught) or not self._chosen(f"{row.get('source')}:{row.get('id')}"):
            return dict(row), None
        self.counts["chosen"] += 1
        choice = self.choose(query)
        spoken = sum(self.count_tokens(message["content"]) for message in messages)
        room = min(self.budget, int(spoken * self.max_share / (1 - self.max_share)))
        kept, text, tokens = [], HEADING, 0
        for place, (_, words, _) in enumerate(choice.passages):
            longer = f"{text}\n- {words}"
            if (length := self.count_tokens(longer)) <= room:
                kept, text, tokens = [*kept, place], longer, length
        if not kept:
            return dict(row), None
        self._remember(choice, kept, tokens)
        used = [{"id": id, "score": round(score, 6)} for id, _, score in (choice.passages[place] for place in kept)]
        about = {"row": row.get("id"), "source": row.get("source"), "passages": used, "tokens": tokens}
        return with_knowledge(row, text), about

    def _chosen(self, key: str) -> bool:
        digest = hashlib.blake2b(f"{self.seed}:{key}".encode(), digest_size=8).digest()
        return int.from_bytes(digest, "big") / 2**64 < self.share

    def _choose(self, query: str) -> _Choice:
        found = [each for each in self.passages.search(query, CANDIDATES * self.k) if each[2] >= self.floor]
        if not found:
            return _Choice((), np.zeros((0, 0)))
        alike, relevance = _alike([text for _, text, _ in found]), np.array([score for _, _, score in found])
        order = mmr(relevance, alike, self.k, self.mmr_lambda)
        return _Choice(tuple(found[place] for place in order), alike[np.ix_(order, order)])

    def _remember(self, choice: _Choice, kept: list[int], tokens: int) -> None:
        self.counts += Counter(given=1, tokens=tokens)
        self.used.update(choice.passages[place][0] for place in kept)
        self._relevance += [choice.passages[place][2] for place in kept]
        if len(kept) > 1:
            pairs = choice.alike[np.ix_(kept, kept)][np.triu_indices(len(kept), 1)]
            self._diversity.append(1.0 - float(pairs.mean()))

    def summary(self) -> dict[str, float]:
        """
        Over all rows so far: `rows_given`, `share_given`, mean `relevance` of passages, mean `diversity` (1 less the
        cosine of two passages of a row), `cache_hits` (share of queries), `coverage` (share of passages ever used) and
        `tokens` a row. What is not defined is left out.
        """
        rows, given, cache = self.counts["rows"], self.counts["given"], self.choose.cache_info()
        numbers: dict[str, float] = {"rows_given": given}
        if rows:
            numbers["share_given"] = given / rows
        if cache.hits + cache.misses:
            numbers["cache_hits"] = cache.hits / (cache.hits + cache.misses)
        if len(self.passages):
            numbers["coverage"] = len(self.used) / len(self.passages)
        if given:
            numbers |= {"relevance": float(np.mean(self._relevance)), "tokens": self.counts["tokens"] / given}
        if self._diversity:
            numbers["diversity"] = float(np.mean(self._diversity))
        return numbers


def with_knowledge(row: Mapping[str, Any], text: str) -> dict[str, Any]:
    """The row with `text` at the end of its system message, or in a new one; labels and `learn` follow their turns."""
    first, *rest = row["messages"]
    if first["role"] == "system":
        return {**row, "messages": [{**first, "content": f"{first['content'].rstrip()}\n\n{text}"}, *rest]}
    shifted = {name: [None, *row[name]] for name in FIELDS if row.get(name) is not None}
    if row.get("learn") is not None:
        shifted["learn"] = [False, *row["learn"]]
    return {**row, **shifted, "messages": [{"role": "system", "content": text}, first, *rest]}


def mmr(relevance: np.ndarray, alike: np.ndarray, k: int, mmr_lambda: float) -> list[int]:
    """
    Places in the order of maximal marginal relevance.

    Args:
        relevance: `[candidates]`, on any scale; read as a share of the largest.
        alike: `[candidates, candidates]`, in [0, 1].
        k: how many to take.
        mmr_lambda: weight of relevance.
    """
    scaled, taken = relevance / max(float(np.abs(relevance).max()), 1e-12), []
    while len(taken) < min(k, len(scaled)):
        nearest = alike[:, taken].max(1) if taken else np.zeros(len(scaled))
        worth = mmr_lambda * scaled - (1 - mmr_lambda) * nearest
        worth[taken] = -np.inf
        taken.append(int(worth.argmax()))
    return taken


def _alike(texts: list[str]) -> np.ndarray:
    """Cosine of the texts' words, `[texts, texts]`; needs no corpus to be fitted on."""
    from sklearn.feature_extraction.text import HashingVectorizer

    words = HashingVectorizer(n_features=2**18, alternate_sign=False, norm="l2").transform(texts)
    return (words @ words.T).toarray()


def knowledge_from(options: Mapping[str, Any], tokenizer, max_length: int, *, seed: int = 0, log: Path | None = None):
    """
    What `DataArguments.knowledge` says.

    Args:
        options: `files` of `{"id", "text"}` lines, `passages: base` for the knowledge base, `retriever` (see
            `named_passages`), and those of `KnowledgeContext`.
        tokenizer: to count with.
        max_length: of a row; the budget is a quarter of it unless given.
        seed: of the choice of rows.
        log: where to write what was used.

    Returns:
        a `KnowledgeContext`, or `None` for no options.

    Raises:
        SettingError: no files, or an option that does not exist.
        ConversationError: a line that cannot be used.
    """
    if not options:
        return None
    options = {"budget": max_length // 4, "seed": seed, "log": log} | dict(options)
    files, name, retriever = (options.pop(key, None) for key in ("files", "passages", "retriever"))
    if not files and not name:
        raise SettingError("knowledge: no files. Mend: knowledge: {files: [passages.jsonl]}, or {passages: base}")
    if unknown := set(options) - set(signature(KnowledgeContext).parameters):
        raise SettingError(f"knowledge: there is no option {sorted(unknown)[0]!r}. Mend: see KnowledgeContext")
    passages = named_passages(name, [files] if isinstance(files, str) else files or [], retriever)

    def count(text: str) -> int:
        return len(tokenizer(text, add_special_tokens=False)["input_ids"])

    options = {"floor": getattr(passages, "floor", FLOOR)} | options
    return KnowledgeContext(passages, count, **options)
