"""Phases by people's strategies and by the reply's own words."""

import numpy as np
import pytest

from pixel.evaluation.conversation.phases import (
    PHASES,
    fit_phases,
    labelled_phases,
    phase_features,
    probabilities,
    replies_of,
)  # fmt: skip
from pixel.models.labels_clinical import INTERVENTIONS
from tests.evaluation.conversation.toy_talk import BagOfWords, talk


def acts(*names):
    return [1.0 if name in names else 0.0 for name in INTERVENTIONS]


def test_strategies_name_the_phase_and_greetings_go_by_their_place():
    labels = [
        acts(),
        None,
        acts("open_question"),
        None,
        acts("complex_reflection"),
        None,
        acts("advice"),
        None,
        acts(),
    ]
    row = talk(1, *["text"] * 9, first="assistant", intervention=labels)
    assert [PHASES[n] if n >= 0 else None for n in labelled_phases(row)][::2] == list(PHASES)


def test_small_talk_in_the_middle_and_acts_of_two_phases_have_none():
    labels = [
        None,
        acts("open_question", "advice"),
        None,
        acts(),
        None,
        acts("affirmation", "simple_reflection"),
        None,
    ]
    row = talk(1, *["text"] * 7, intervention=labels)
    assert labelled_phases(row) == [-1, -1, -1, -1, -1, 2, -1]


def test_replies_come_with_the_message_just_before_them():
    messages = talk(1, "a", "b", "c")["messages"] + [
        {"role": "assistant", "content": "d"},
        {"role": "assistant", "content": "e"},
    ]
    assert replies_of(messages) == [("b", "a"), ("d", "c"), ("e", "")]


def test_place_in_the_conversation_is_no_feature():
    x = phase_features(["dog?", "rent", "dog?"], ["dog", "", "dog"], BagOfWords())
    assert np.array_equal(x[0], x[2])
    # a question, at the end, one word, and the same word as before
    assert x[0][-4:] == pytest.approx([1, 1, np.log(2) / 2, 1.0])


def test_probabilities_are_a_softmax():
    tensors = {"weight": np.log([[1.0], [2.0], [3.0], [2.0], [2.0]]), "bias": np.zeros(5)}
    assert probabilities(tensors, np.ones((1, 1)))[0] == pytest.approx([0.1, 0.2, 0.3, 0.2, 0.2])


def test_a_planted_vocabulary_is_learnt():
    said = {0: "hello", 1: "what?", 2: "feel", 3: "try", 4: "bye"}
    replies = [said[n % 5] for n in range(100)]
    x = phase_features(replies, [""] * 100, BagOfWords())
    phase = np.arange(100) % 5
    phase[::7] = -1
    read = probabilities(fit_phases(x, phase), x)
    assert (read.argmax(1) == np.arange(100) % 5).all()


def test_weights_come_back_from_a_file_as_they_were(tmp_path):
    from safetensors.numpy import load_file, save_file

    x = np.random.default_rng(0).normal(size=(60, 7))
    tensors = fit_phases(x, np.arange(60) % 5)
    save_file(tensors, tmp_path / "w.safetensors")
    again = load_file(tmp_path / "w.safetensors")
    assert probabilities(again, x) == pytest.approx(probabilities(tensors, x))
