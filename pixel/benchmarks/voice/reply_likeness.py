"""Does choosing by a fingerprint make replies more like the voice, by another measure and against another voice?"""

import csv
import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from pixel.metrics.bootstrap import bootstrap_interval
from pixel.metrics.measure import defined
from pixel.voice.conversations.replies import Voice, whole

ANSWER_WORDS = (60, 250)
MEASURED = 3
"""Of how many words a run is, of which the second measure counts shares."""


def counsellors(data_root: str | Path, count: int = 2) -> tuple[list[list[str]], list[str]]:
    """Answers of the CounselChat counsellors who gave most, and questions that none of them answered."""
    answers: dict[str, list[str]] = defaultdict(list)
    asked: dict[str, set[str]] = defaultdict(set)
    for name, title, text in _answers(data_root):
        answers[name].append(text)
        asked[title].add(name)
    names = sorted(answers, key=lambda name: (-len(answers[name]), name))[:count]
    free = sorted(title for title, who in asked.items() if title.endswith("?") and not who & set(names))
    return [answers[name] for name in names], free


def _answers(data_root: str | Path) -> Iterator[tuple[str, str, str]]:
    """Counsellor, title of the question, answer; answers of a middling length, marks of web pages taken out."""
    file = Path(data_root) / "counselchat" / "counselchat.csv"
    csv.field_size_limit(10**9)  # answers are web pages
    with file.open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            text = " ".join(re.sub(r"<[^>]+>", " ", row["answerText"] or "").split())
            if ANSWER_WORDS[0] <= len(text.split()) <= ANSWER_WORDS[1]:
                yield row["therapistName"], " ".join((row["questionTitle"] or "").split()), text


def reply_likeness(
    data_root: str | Path, writer, fingerprint, encoder, *, messages: int = 12, candidates: int = 4, seed: int = 0
) -> list[dict[str, Any]]:
    """
    Replies to the same messages in two voices; the first candidate of each beside the chosen one.

    A voice's fingerprint is made of every second answer. Likeness is then measured to the answers in between, by the
    same fingerprint and by shares of three-letter runs (chosen by nothing), and to the other voice's.

    Args:
        data_root: holds `counselchat/`.
        writer: a causal model (`CausalWriter`).
        fingerprint: with `vector(text)`.
        encoder: of sentences.
        messages: questions that neither of the two answered.
        candidates: of a reply.
        seed: of the draws.

    Returns:
        one row a voice and a measure: likeness of all first candidates together and of all chosen ones, to the voice
        and to the other one; mean relevance of both.
    """
    voices, free = counsellors(data_root)
    asked = [free[place] for place in np.random.default_rng(seed).permutation(len(free))[:messages]]
    known = [own[0::2][:40] for own in voices]
    held = [" ".join(own[1::2][:40]) for own in voices]
    rows = []
    for number, passages in enumerate(known):
        voice, drawn = Voice(passages, fingerprint, encoder), _Kept(writer)
        replies = [voice.reply(one, drawn, count=candidates, seed=seed, most_tokens=80) for one in asked]
        first = [whole(texts[0]) for texts in drawn.written]
        relevant = [encoder.encode([a, b]) for a, b in zip(asked, first, strict=True)]
        sides = {"first": " ".join(first), "chosen": " ".join(one.text for one in replies)}
        for measure, vector in (("fingerprint", fingerprint.vector), ("letter runs", letter_runs)):
            told = {side: np.asarray(vector(text)) for side, text in sides.items()}
            own, other = (np.asarray(vector(held[place])) for place in (number, 1 - number))
            rows.append({
                "voice": number + 1, "measure": measure, "messages": len(asked),
                "words": len(sides["chosen"].split()),
                "first, own": _cosine(told["first"], own), "chosen, own": _cosine(told["chosen"], own),
                "first, other": _cosine(told["first"], other), "chosen, other": _cosine(told["chosen"], other),
                "relevance, first": float(np.mean([a @ b for a, b in relevant])),
                "relevance, chosen": float(np.mean([one.relevance for one in replies])),
            })  # fmt: skip
    return rows


def owner_found(
    data_root: str | Path,
    fingerprint,
    encoder,
    *,
    owners: int = 3,
    messages: int = 30,
    others: int = 2,
    words: int = 80,
) -> list[dict[str, Any]]:
    """
    Whether the choice by likeness finds the voice's own answer among other counsellors' to the same question.

    The candidates are people's, so nothing of the measure is made by what it measures. The voice knows the owner's
    answers to other questions. Answers are cut to their first sentences of about `words` words.

    Returns:
        one row an owner and one for all: share of messages (after the first 300 words) in which the owner's answer is
        chosen, with its interval, beside the share that chance gives among the usable candidates.
    """
    answered: dict[str, dict[str, str]] = defaultdict(dict)
    for name, title, text in _answers(data_root):
        answered[title].setdefault(name, _first_words(text, words))
    count = Counter(name for own in answered.values() for name in own)
    rows, hits, chances = [], [], []
    generator = np.random.default_rng(0)
    for number, (owner, _) in enumerate(sorted(count.items(), key=lambda item: (-item[1], item[0]))[:owners], start=1):
        titles = sorted(title for title, own in answered.items() if owner in own and len(own) > others)
        asked = [titles[place] for place in generator.permutation(len(titles))[:messages]]
        known = [own[owner] for title, own in sorted(answered.items()) if owner in own and title not in asked][:40]
        voice, found, chance = Voice(known, fingerprint, encoder), [], []
        for title in asked:
            rest = sorted(name for name in answered[title] if name != owner)
            names = [owner, *generator.permutation(rest)[:others]]
            names = [names[place] for place in generator.permutation(len(names))]
            texts = [answered[title][name] for name in names]
            usable, _ = voice.usable(title, texts)
            reply = voice.choose(title, texts)
            if reply.likeness is not None and len(usable) > 1:
                found.append(float(reply.text == answered[title][owner]))
                chance.append((names.index(owner) in usable) / len(usable))
        rows.append(_share(f"counsellor {number}", found, chance))
        hits, chances = hits + found, chances + chance
    return [*rows, _share("all", hits, chances)]


def _share(name: str, hits: list[float], chances: list[float]) -> dict[str, Any]:
    values = np.array(hits)
    between = bootstrap_interval(lambda chosen: defined(values[chosen].mean()), len(values)) if hits else None
    return {"voice": name, "n": len(hits), "own answer chosen": round(float(values.mean()), 3) if hits else None,
            "95%": f"{between[0]:.3f} to {between[1]:.3f}" if between else "-",
            "by chance": round(float(np.mean(chances)), 3) if chances else None}  # fmt: skip


def _first_words(text: str, words: int) -> str:
    kept: list[str] = []
    for sentence in re.findall(r"[^.!?]+[.!?]+", text) or [text]:
        if sum(len(one.split()) for one in kept) >= words:
            break
        kept.append(sentence.strip())
    return " ".join(kept)


class _Kept:
    """A writer that keeps what it wrote."""

    def __init__(self, writer):
        self.writer, self.name, self.written = writer, writer.name, []

    def write(self, *given) -> list[str]:
        self.written.append(self.writer.write(*given))
        return self.written[-1]


def letter_runs(text: str) -> np.ndarray:
    """Float `[4096]`: square roots of the shares of three-letter runs, hashed."""
    from zlib import crc32

    out, text = np.zeros(4096), f" {' '.join(text.lower().split())} "
    for start in range(len(text) - MEASURED + 1):
        out[crc32(text[start : start + MEASURED].encode()) % len(out)] += 1
    return np.sqrt(out / max(1.0, out.sum()))


def _cosine(one: np.ndarray, other: np.ndarray) -> float:
    return round(float(one @ other / max(1e-12, np.linalg.norm(one) * np.linalg.norm(other))), 4)
