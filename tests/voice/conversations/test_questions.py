"""Questions before passages: posed, or written and checked."""

import numpy as np
import pytest

from pixel.voice.conversations.monologue import passages
from pixel.voice.conversations.questions import ask, prompt_for, tidy, why_not
from pixel.voice.conversations.turns import Turn
from tests.voice.conversations.conftest import ToldWriter

BOATS = (
    "Our boats sail at dawn with nets and ropes. The boats carry nets for herring and ropes for every mast on board."
)
BREAD = "My oven bakes bread from rye flour. Good bread wants rye flour and a hot oven and a little slow yeast in it."
POSED = "What makes good bread from rye flour? It wants a hot oven for bread and slow yeast, and good rye flour that "
POSED += "somebody milled this week, and a patient baker, and clean water."


def talk(encoder, *texts):
    turns = [Turn("S1", 100.0 * n, 100.0 * n + 60, text) for n, text in enumerate(texts)]
    return passages(turns, encoder, least=10)


def test_a_question_that_the_talk_poses_is_the_users_and_no_longer_the_speakers(encoder):
    (one,) = ask(talk(encoder, BOATS, POSED), encoder).asked
    assert (one.question, one.origin) == ("What makes good bread from rye flour?", "posed")
    assert one.answer.text.startswith("It wants a hot oven") and one.answer.start > 100.0


def test_without_a_writer_a_talk_without_questions_gives_nothing(encoder):
    found = ask(talk(encoder, BOATS, BREAD), encoder)
    assert found.asked == [] and found.passages == 2 and found.share == 0.0


def test_a_written_question_stands_before_the_passage_it_finds(encoder):
    writer = ToldWriter(lambda messages: ["When do your boats go out with nets?" if "boats" in messages[-1]["content"]
                                          else "Which flour goes into bread and oven?"])  # fmt: skip
    found = ask(talk(encoder, BOATS, BREAD), encoder, writer)
    assert [one.question.split()[0] for one in found.asked] == ["When", "Which"]
    assert all(one.origin == "written" for one in found.asked) and found.share == 1.0


def test_of_several_that_could_stand_the_most_alike_is_taken(encoder):
    writer = ToldWriter(lambda _: ["Do boats have nets, children?", "Do nets and boats sail at dawn?"])
    (one,) = ask(talk(encoder, BOATS), encoder, writer).asked
    assert one.question == "Do nets and boats sail at dawn?"


@pytest.mark.parametrize(
    ("question", "reason"),
    [
        ("Boats sail with nets and ropes.", "no question"),
        ("Nets?", "length"),
        ("Do your boats sail with nets at dawn?", None),
        ("Is it true that our boats sail at dawn with nets?", "copied"),
        ("Do boats sail at dawn with nets since COVID-19?", "names what the passage does not"),
        ("Who won the chess game last winter?", "unlike its passage"),
        ("What is this passage about boats with nets?", "about the task, or several questions"),
        ("Do boats sail? Do boats carry nets?", "about the task, or several questions"),
    ],
)
def test_a_question_is_kept_only_if_it_is_one_of_its_own_passage(encoder, question, reason):
    vectors = encoder.encode([BOATS, BREAD])
    assert why_not(question, 0, BOATS, vectors, encoder)[0] == reason


def test_a_question_that_finds_another_passage_first_is_refused(encoder):
    vectors = np.asarray(encoder.encode(["boats nets dawn bread", "boats nets dawn"]))
    assert why_not("Do boats have nets, dawn?", 0, "", vectors, encoder)[0] == "finds another passage"
    assert why_not("Do boats have nets, dawn?", 1, "", vectors, encoder)[0] is None


def test_the_same_seed_asks_the_writer_for_the_same(encoder):
    seeds = []
    for _ in range(2):
        writer = ToldWriter(lambda _: [])
        ask(talk(encoder, BOATS, BREAD), encoder, writer, seed=7)
        seeds.append(writer.seeds)
    assert seeds[0] == seeds[1] and len(set(seeds[0])) == 2


def test_a_writers_answer_is_cut_down_to_its_question():
    assert tidy('Sure!\n1. Question: "How far was it?" asked the man.') == "How far was it?"
    assert tidy("I cannot say.") == ""


def test_the_prompt_ends_with_the_passage_and_shows_examples_before():
    messages = prompt_for("Some passage.")
    assert messages[-1]["role"] == "user" and "Some passage." in messages[-1]["content"]
    assert all(one["content"].endswith("?") for one in messages if one["role"] == "assistant")
