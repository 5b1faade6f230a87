"""Each measure against people: labels they gave, or a contrast of known truth. Nobody measured was fitted on."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from pixel.evaluation.conversation.ami_speakers import unseen_pairs
from pixel.evaluation.conversation.coherence import FEATURES, fit_coherence, relations
from pixel.evaluation.conversation.exchanges import Exchange, exchanges, swapped, words
from pixel.evaluation.conversation.fitting import people_chunks, phase_cases
from pixel.evaluation.conversation.flow import LEAST_REPLIES, flow
from pixel.evaluation.conversation.naturalness import NaturalnessReader, fit_naturalness
from pixel.evaluation.conversation.phases import PHASES, fit_phases, probabilities
from pixel.evaluation.conversation.text_marks import order_table
from pixel.evaluation.validity import Validity, validate_measure
from pixel.voice.personality.fingerprint.ami import Speaker

Rows = Sequence[Mapping[str, Any]]
FOLDS = 5


class Study(NamedTuple):
    """
    One line of the validity table.

    Attributes:
        measure: name of the measure.
        contrast: what it is held against, short and unique within the measure.
        decides: whether the measure counts as validated by this line (all that decide have to be).
        validity: the figures.
    """

    measure: str
    contrast: str
    decides: bool
    validity: Validity


def fold_of(groups: Sequence[str], folds: int = FOLDS, seed: int = 0) -> np.ndarray:
    """A fold an item, everybody of a group in the same."""
    names, member = np.unique(np.asarray(groups).astype(str), return_inverse=True)
    return (np.random.default_rng(seed).permutation(len(names)) % folds)[member]


def coherence_study(rows: Rows, encoder, corpus: str) -> list[Study]:
    """
    True replies against ones swapped between dialogues (decides), and against another reply of the same dialogue
    (the same talk, another turn). Weights from the other folds.
    """
    given = exchanges(rows)
    groups = np.array([one.group for one in given])
    fold, true = fold_of(groups), relations(given, encoder)
    false = relations(swapped(given), encoder)
    other = _other_turn(given)
    turned = relations([one for one in other if one], encoder)
    near = np.full_like(true, np.nan)
    near[[place for place, one in enumerate(other) if one]] = turned
    scores = [np.full(len(given), np.nan) for _ in range(3)]
    for number in range(FOLDS):
        inside, here = fold != number, fold == number
        weights = fit_coherence(true[inside], false[inside])
        column = np.array([weights[name] for name in FEATURES])
        for out, x in zip(scores, (true, false, near), strict=True):
            out[here] = x[here] @ column
    lengths = [np.array([words(one.reply) if one else 0 for one in some]) for some in (given, swapped(given), other)]
    out = []
    for place, contrast, decides in (
        (1, "swapped between dialogues", True),
        (2, "another turn of the same", False),
    ):
        validity = validate_measure(
            np.r_[scores[0], scores[place]], np.repeat([1, 0], len(given)), np.tile(groups, 2),
            np.r_[lengths[0], lengths[place]].astype(float), "auc", f"{corpus}: true replies against {contrast}",
        )  # fmt: skip
        out.append(Study("coherence", f"{corpus}, {contrast}", decides, validity))
    return out


def _other_turn(given: Sequence[Exchange]) -> list[Exchange | None]:
    """Each message with the reply to another message of its dialogue, nearest in length; `None` for single replies."""
    talks: dict[str, list[Exchange]] = {}
    for one in given:
        talks.setdefault(one.id.split("#")[0], []).append(one)
    out = []
    for one in given:
        others = [other for other in talks[one.id.split("#")[0]] if other.id != one.id and other.reply != one.reply]
        others.sort(key=lambda other: (abs(words(other.reply) - words(one.reply)), other.id))
        out.append(one._replace(reply=others[0].reply) if others else None)
    return out


def naturalness_study(rows: Rows, made: Mapping[str, Callable[[list[str], np.random.Generator], list[str]]],
                      sets: Mapping[str, Sequence[list[str]]] | None = None) -> list[Study]:  # fmt: skip
    """
    People's chunks against disordered ones, and against what machines wrote.

    Args:
        rows: conversations between people.
        made: contrast -> what is done to a chunk of replies. Those named `all words ...` or `one reply ...` decide.
        sets: contrast -> chunks that are no people's (templates, a model). All decide: what takes a machine's fluent
            talk for people's does not see what is natural.
    """
    people = people_chunks(rows, most=400)
    groups = np.array([group for _, group, _ in people])
    fold, generator = fold_of(groups), np.random.default_rng(0)
    changed = {name: [work(chunk, generator) for _, _, chunk in people] for name, work in made.items()}
    own, away = np.full(len(people), np.nan), {name: np.full(len(people), np.nan) for name in made}
    strange: dict[str, list[list[float]]] = {name: [[] for _ in chunks] for name, chunks in (sets or {}).items()}
    for number in range(FOLDS):
        inside = [chunk for (_, _, chunk), place in zip(people, fold, strict=True) if place != number]
        reader = NaturalnessReader(
            tensors=fit_naturalness(inside, order_table([reply for chunk in inside for reply in chunk]))
        )
        for index in np.flatnonzero(fold == number):
            own[index] = -_far(reader, people[index][2])
            for name in made:
                away[name][index] = -_far(reader, changed[name][index])
        for name, found in strange.items():
            for place, chunk in enumerate(sets[name]):
                found[place].append(-_far(reader, chunk))
    length = np.array([sum(map(words, chunk)) for _, _, chunk in people], dtype=float)
    out = []
    for name, scores in away.items():
        validity = validate_measure(
            np.r_[own, scores], np.repeat([1, 0], len(people)), np.tile(groups, 2),
            np.r_[length, [sum(map(words, chunk)) for chunk in changed[name]]], "auc", f"people's against {name}",
        )  # fmt: skip
        out.append(Study("naturalness", name, name.startswith(("all words", "one reply")), validity))
    for name, found in strange.items():
        scores = np.array([np.mean(values) for values in found])
        validity = validate_measure(
            np.r_[own, scores], np.r_[np.ones(len(own)), np.zeros(len(scores))],
            np.r_[groups, [f"made {place}" for place in range(len(scores))]],
            np.r_[length, [sum(map(words, chunk)) for chunk in sets[name]]], "auc", f"people's against {name}",
        )  # fmt: skip
        out.append(Study("naturalness", name, True, validity))
    return out


def _far(reader: NaturalnessReader, chunk: list[str]) -> float:
    found = reader.distance(chunk)
    return np.nan if found is None else found


def authenticity_study(speakers: Sequence[Speaker], lengths: Sequence[int] = (300, 600)) -> list[Study]:
    """Pieces of one speaker against pieces of others in the same meeting; the length of pieces is the same for all."""
    out = []
    for count in lengths:
        found = unseen_pairs(speakers, count)
        against = f"AMI, one speaker against others in the same meeting, {count} words"
        validity = validate_measure(
            found.similarity, found.same, found.group, np.full(len(found.same), count), "auc", against
        )
        out.append(Study("authenticity", f"AMI, {count} words", True, validity))
    return out


def phase_study(rows: Rows, encoder, corpus: str = "ESConv") -> tuple[list[Study], np.ndarray, dict[str, float]]:
    """
    Read phases against those of people's strategies, by phase and as a stage (exploring, understanding, working).

    Returns:
        the studies; probabilities of all replies, in order, read by weights of the other folds; and macro-F1 and
        accuracy of the likeliest phase, with those of the commonest.
    """
    from sklearn.metrics import f1_score

    x, phase, group, length = phase_cases(rows, encoder)
    fold, read = fold_of(group), np.zeros((len(x), len(PHASES)))
    for number in range(FOLDS):
        read[fold == number] = probabilities(fit_phases(x[fold != number], phase[fold != number]), x[fold == number])
    out, known = [], phase >= 0
    for number, name in enumerate(PHASES):
        against = f"{corpus}: supporters' strategies, {name} against the rest"
        validity = validate_measure(
            read[known, number], phase[known] == number, group[known], length[known], "auc", against
        )
        out.append(Study("phases", f"{corpus}, {name}", True, validity))
    staged = known & (phase >= 1) & (phase <= 3)
    stage = read[:, 1:4] @ np.array([1, 2, 3]) / read[:, 1:4].sum(1)
    against = f"{corpus}: stage of the supporters' strategies"
    validity = validate_measure(stage[staged], phase[staged], group[staged], length[staged], "spearman", against)
    out.append(Study("phases", f"{corpus}, stage", False, validity))
    guess = read.argmax(1)
    common = np.bincount(phase[known]).argmax()
    summary = {
        "macro_f1": f1_score(phase[known], guess[known], average="macro"),
        "accuracy": float((guess == phase)[known].mean()),
        "majority_macro_f1": f1_score(phase[known], np.full(known.sum(), common), average="macro"),
        "majority_accuracy": float((phase[known] == common).mean()),
        "n": int(known.sum()),
    }
    return out, read, summary


def order_study(rows: Rows, read: np.ndarray, corpus: str = "ESConv", seed: int = 0) -> list[Study]:
    """Conversations against the same ones with the helper's replies in any order; `read` as `phase_study` gives it."""
    generator, values, truth, group, length, place = np.random.default_rng(seed), {}, [], [], [], 0
    for row in rows:
        count = sum(message["role"] == "assistant" for message in row["messages"])
        own, place = read[place : place + count], place + count
        if count < LEAST_REPLIES:
            continue
        for real, phases in ((1, own), (0, own[generator.permutation(count)])):
            found = flow(phases)
            for name in ("order", "listened"):
                value = getattr(found, name)
                values.setdefault(name, []).append(np.nan if value is None else value)
            truth.append(real)
            group.append(row["group"])
            length.append(count)
    out = []
    for name, scores in values.items():
        against = f"{corpus}: replies in their order against any order"
        validity = validate_measure(scores, truth, group, length, "auc", against)
        out.append(Study(f"flow_{name}", f"{corpus}, replies in any order", True, validity))
    return out
