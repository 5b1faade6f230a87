"""Replies in a voice."""

import numpy as np
import pytest

from pixel.voice.conversations.replies import Voice, relevance, runs, whole
from tests.voice.conversations.conftest import ToldWriter


class Letters:
    """A fingerprint of the shares of z and of q among all words, refused below 20 words."""

    def vector(self, text):
        words = text.split()
        if len(words) < 20:
            raise ValueError("too short")
        counts = np.array([text.count("z"), text.count("q"), 1.0])
        return counts / np.linalg.norm(counts)


PASSAGES = ["boats zz zz zz sail zz at zz dawn zz and zz nets", "bread zz zz zz rises zz with zz yeast zz zz"]
ZED = "boats sail zz zz zz zz nets zz dawn."
QUE = "boats sail qq qq qq qq nets qq dawn."


@pytest.fixture
def voice(encoder):
    return Voice(PASSAGES, Letters(), encoder)


def test_the_reply_most_like_the_voice_is_taken_once_there_are_words_enough(voice):
    voice.said = ["boats " * 20]
    found = voice.choose("Do boats sail with nets at dawn?", [QUE, ZED, QUE])
    assert found.text == ZED and found.likeness > 0.8 and (found.candidates, found.usable) == (3, 3)


def test_another_voice_takes_another_reply(encoder):
    other = Voice(["boats qq qq qq sail qq at qq dawn qq and qq nets qq qq qq qq qq qq qq qq"], Letters(), encoder)
    other.said = ["boats " * 20]
    assert other.choose("Do boats sail with nets at dawn?", [ZED, QUE]).text == QUE


def test_until_there_are_words_enough_the_first_usable_one_is_taken(voice):
    found = voice.choose("Do boats sail with nets at dawn?", [QUE, ZED])
    assert found.text == QUE and found.likeness is None and voice.said == [QUE]


def test_a_copy_and_an_irrelevant_reply_are_out(voice):
    voice.said = ["boats " * 20]
    copy = "boats zz zz zz sail zz at zz dawn zz and zz nets"
    found = voice.choose("Do boats sail with nets at dawn?", [copy, "zz zz zz zz chess zz", QUE])
    assert found.text == QUE and found.usable == 1


def test_where_none_is_usable_the_most_relevant_stands_and_says_so(voice):
    found = voice.choose("Do boats sail?", ["Chess.", "Boats."])
    assert (found.text, found.usable) == ("Boats.", 0)


def test_the_writer_is_shown_what_the_voice_said_about_it(voice):
    prompts = []
    writer = ToldWriter(lambda messages: prompts.append(messages) or [ZED])
    voice.reply("Do boats sail?", writer, count=1)
    shown = prompts[0][0]["content"]
    assert shown.index("boats") < shown.index("bread") and prompts[0][1]["content"] == "Do boats sail?"


def test_the_same_message_and_seed_draw_the_same(encoder):
    writer = ToldWriter(lambda _: [ZED])
    for seed in (1, 1, 2):
        Voice(PASSAGES, Letters(), encoder).reply("Do boats sail?", writer, seed=seed)
    assert writer.seeds[0] == writer.seeds[1] != writer.seeds[2]


def test_a_writer_without_words_is_named(voice):
    with pytest.raises(ValueError, match="wrote nothing"):
        voice.choose("Do boats sail?", ["", " "])


def test_runs_relevance_and_whole_sentences(encoder):
    assert runs("a b c", 2) == {("a", "b"), ("b", "c")} and runs("a", 2) == set()
    assert relevance("boats", ["boats", "chess"], encoder).tolist() == pytest.approx([1, 0])
    assert whole("One. Two. Thr") == "One. Two." and whole("no end") == "no end"
