"""What dialogues out of recordings rest on: who asks, whether replies fit, where a talk changes its topic."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from pixel.benchmarks.voice.reply_likeness import counsellors
from pixel.clinical.appropriateness.annomi_sessions import read_sessions
from pixel.data.splits import VALIDATION, side
from pixel.metrics.auc import auc
from pixel.metrics.bootstrap import bootstrap_interval
from pixel.metrics.measure import defined
from pixel.voice.conversations.flow import LEAST_COHERENCE, measure_flow
from pixel.voice.conversations.interview import find_roles, speaking
from pixel.voice.conversations.monologue import boundaries, sentences
from pixel.voice.conversations.turns import Turn

WINDOW = 8
"""Messages of a dialogue that is measured."""


def who_asks(data_root: str | Path) -> list[dict[str, Any]]:
    """Share of AnnoMI's sessions in which the one found to ask is the therapist; shorter turns alone beside it."""
    right, shorter, videos = [], [], []
    for one in read_sessions(data_root):
        turns = [Turn(message["role"], n, n + 1, message["content"]) for n, message in enumerate(one.messages)]
        roles, parts = find_roles(turns), speaking(turns)
        if roles is None or roles.asks is None:
            continue
        right.append(roles.asks == "assistant")
        shorter.append(parts["assistant"].median_words < parts["user"].median_words)
        videos.append(one.video)
    return [
        _row(f"asks: {name}", np.array(found, dtype=float), videos)
        for name, found in (("questions, then shorter turns", right), ("shorter turns alone", shorter))
    ]


def dialogue_flow(data_root: str | Path, encoder, seed: int = 0, resamples: int = 500) -> list[dict[str, Any]]:
    """
    Coherence of people's dialogues against the same with replies from other dialogues of the corpus, and against the
    same replies in another order; on the half of the groups on which the threshold was not chosen.
    """
    rows, generator = [], np.random.default_rng(seed)
    for corpus, talks in (("AnnoMI", annomi(data_root)), ("ESConv", esconv(data_root))):
        kept = [(group, window) for group, window in talks if side(corpus.lower() + group, 0.5) == VALIDATION]
        true = [measure_flow(window, encoder).coherence for _, window in kept]
        for name, change in (("replies of other dialogues", _swapped), ("replies in another order", _reordered)):
            false = [measure_flow(change(kept, n, generator), encoder).coherence for n in range(len(kept))]
            groups = [group for group, _ in kept]
            rows.append(_against(f"{corpus}: {name}", true, false, groups, resamples))
    return rows


def topic_boundaries(data_root: str | Path, encoder, talks: int = 40, parts: int = 8) -> list[dict[str, Any]]:
    """P_k of boundaries in answers strung together, beside none, and as many at even distances; lower is better."""
    answers = [text for own in counsellors(data_root, 8)[0] for text in own[:40]]
    generator, found = np.random.default_rng(0), {"TextTiling": [], "even": [], "none": []}
    for _ in range(talks):
        said, true = [], set()
        for place in generator.choice(len(answers), parts, replace=False):
            true |= {len(said)} if said else set()
            said += sentences(Turn("S1", 0.0, 1.0, answers[place]))
        cut, size = set(boundaries(said, encoder)), len(said)
        even = {round(size * (n + 1) / (len(cut) + 1)) for n in range(len(cut))}
        for name, guess in (("TextTiling", cut), ("even", even), ("none", set())):
            found[name].append(p_k(true, guess, size))
    return [_row(f"P_k: {name}", np.array(values), None) for name, values in found.items()]


def p_k(true: set[int], guess: set[int], size: int) -> float:
    """Share of places at which two sentences half a mean part away are wrongly told apart (Beeferman et al. 1999)."""
    label = [np.cumsum([place in cuts for place in range(size)]) for cuts in (true, guess)]
    step = max(2, round(size / (len(true) + 1) / 2))
    apart = [own[step:] != own[:-step] for own in label]
    return float((apart[0] != apart[1]).mean())


def annomi(data_root: str | Path) -> list[tuple[str, list[dict]]]:
    """Windows of AnnoMI's sessions with their video."""
    return [(one.video, part) for one in read_sessions(data_root) for part in _windows(one.messages)]


def esconv(data_root: str | Path) -> list[tuple[str, list[dict]]]:
    """Windows of ESConv's dialogues with their line."""
    out = []
    with (Path(data_root) / "esconv" / "dialogues.jsonl").open(encoding="utf-8") as lines:
        for number, line in enumerate(lines):
            said = [("user" if one["speaker"] in ("usr", "seeker") else "assistant", one["text"])
                    for one in json.loads(line)["dialog"]]  # fmt: skip
            out += [(str(number), part) for part in _windows([{"role": r, "content": t} for r, t in said])]
    return out


def _windows(messages: Sequence[dict]) -> list[list[dict]]:
    """Alternating windows, from a user's message on; messages of one role that follow each other are joined."""
    joined: list[dict] = []
    for one in messages:
        if joined and joined[-1]["role"] == one["role"]:
            joined[-1] = {**one, "content": f"{joined[-1]['content']} {one['content']}"}
        elif joined or one["role"] == "user":
            joined.append(dict(one))
    return [joined[place : place + WINDOW] for place in range(0, len(joined) - WINDOW + 1, WINDOW)]


def _swapped(kept: Sequence, number: int, generator: np.random.Generator) -> list[dict]:
    group, window = kept[number]
    others = [other for name, other in kept if name != group]
    out = [dict(one) for one in window]
    for place in range(1, WINDOW, 2):
        out[place] = others[int(generator.integers(len(others)))][1 + 2 * int(generator.integers(WINDOW // 2))]
    return out


def _reordered(kept: Sequence, number: int, generator: np.random.Generator) -> list[dict]:
    window, order = kept[number][1], np.arange(WINDOW // 2)
    while (order == np.arange(WINDOW // 2)).any():
        order = generator.permutation(WINDOW // 2)
    return [one for place, other in enumerate(order) for one in (window[2 * place], window[2 * other + 1])]


def _against(name: str, true: list[float], false: list[float], groups: list[str], resamples: int) -> dict[str, Any]:
    scores, labels, both = np.array(true + false), np.array([1] * len(true) + [0] * len(false)), groups * 2
    value = auc(labels, scores).value
    between = bootstrap_interval(
        lambda chosen: auc(labels[chosen], scores[chosen]), len(scores), both, resamples=resamples
    )
    below = [round(float((np.array(scored) < LEAST_COHERENCE).mean()), 3) for scored in (true, false)]
    return {"what": name, "n": len(true), "AUC": round(value, 3), "95%": _short(between),
            "people below the limit": below[0], "others below it": below[1]}  # fmt: skip


def _row(name: str, values: np.ndarray, groups) -> dict[str, Any]:
    between = bootstrap_interval(lambda chosen: defined(values[chosen].mean()), len(values), groups)
    return {"what": name, "n": len(values), "mean": round(float(values.mean()), 3), "95%": _short(between)}


def _short(between: tuple[float, float] | None) -> str:
    return "-" if between is None else f"{between[0]:.3f} to {between[1]:.3f}"
