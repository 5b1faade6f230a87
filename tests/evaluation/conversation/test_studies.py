"""The studies find what is planted in toy corpora and nothing where nothing is."""

import numpy as np

from pixel.evaluation.conversation.flow import flow
from pixel.evaluation.conversation.studies import coherence_study, fold_of, naturalness_study, order_study, phase_study
from pixel.models.labels_clinical import INTERVENTIONS
from tests.evaluation.conversation.test_naturalness import people
from tests.evaluation.conversation.toy_talk import WORDS, BagOfWords, talk


def topical(count, fits):
    draw, rows = np.random.default_rng(0), []
    for number in range(count):
        one, two = (WORDS[n] for n in draw.choice(4, 2, replace=False))
        about = one if fits else WORDS[int(draw.integers(4))]
        rows.append(talk(number, f"my {one} now", f"the {about} oh", f"and {two}", f"the {two} ah"))
    return rows


def test_replies_that_fit_validate_coherence_and_replies_by_chance_do_not():
    found = coherence_study(topical(60, True), BagOfWords(), "toy")
    assert found[0].decides and found[0].validity.validated and found[0].validity.value > 0.7
    assert found[0].validity.length_only < 0.6

    lost = [talk(row["id"], *(f"{WORDS[n]} text" for n in np.random.default_rng(k).integers(0, 9, 4)))
            for k, row in enumerate(topical(60, True))]  # fmt: skip
    assert not coherence_study(lost, BagOfWords(), "toy")[0].validity.validated


def test_nobody_is_in_two_folds():
    groups = np.repeat([f"g{n}" for n in range(20)], 3)
    fold = fold_of(groups)
    assert all(len(set(fold[groups == name])) == 1 for name in set(groups)) and set(fold) == set(range(5))


def phased(count):
    acts = {0: (), 1: ("open_question",), 2: ("affirmation",), 3: ("advice",), 4: ()}
    said = {0: "hello", 1: "what?", 2: "feel", 3: "try", 4: "bye"}
    rows = []
    for number in range(count):
        texts, labels = [], []
        for phase in range(5):
            texts += [said[phase] + " dog" * (number % 3), "text"]
            labels += [[float(name in acts[phase]) for name in INTERVENTIONS], None]
        rows.append(talk(number, *texts[:-1], first="assistant", intervention=labels[:-1]))
    return rows


def test_phases_are_read_and_their_order_is_told_from_any_order():
    rows = phased(30)
    studies, read, summary = phase_study(rows, BagOfWords(), "toy")
    assert summary["macro_f1"] == 1.0 and summary["n"] == 150 and summary["majority_accuracy"] == 0.2
    assert all(one.validity.value == 1.0 for one in studies if one.decides)
    assert studies[-1].contrast == "toy, stage" and studies[-1].validity.value > 0.9
    assert flow(read[:5]).order > 0.9
    order = next(one for one in order_study(rows, read, "toy") if one.measure == "flow_order")
    assert order.validity.validated and order.validity.value > 0.9 and order.validity.length_only == 0.5


def test_what_is_done_to_people_s_replies_is_seen_and_doing_nothing_is_not():
    def shuffled(chunk, draw):
        return [" ".join(draw.permutation(reply.split())) for reply in chunk]

    rows = [talk(n, *(text for reply in chunk for text in ("hm", reply))) for n, chunk in enumerate(people(160))]
    found = {one.contrast: one for one in naturalness_study(rows, {
        "all words in any order": shuffled, "nothing done": lambda chunk, draw: list(chunk)})}  # fmt: skip
    assert found["all words in any order"].decides and found["all words in any order"].validity.validated
    assert found["nothing done"].validity.value == 0.5 and not found["nothing done"].validity.validated
