"""Whether the choice by likeness finds a voice's own answer, on made counsellors."""

import csv

import numpy as np
import pytest

from pixel.benchmarks.voice.reply_likeness import counsellors, letter_runs, owner_found
from tests.voice.conversations.conftest import CountingEncoder

HABITS = {"Ann": "zz", "Ben": "qq", "Cleo": "xx"}
TOPICS = [f"topic{number}" for number in range(12)]


class Habits:
    """A fingerprint of how often each habit's word stands, refused below 100 words."""

    def vector(self, text):
        words = text.replace(".", "").split()
        if len(words) < 100:
            raise ValueError("too short")
        counts = np.array([words.count(habit) for habit in HABITS.values()], dtype=float)
        return counts / np.linalg.norm(counts)


@pytest.fixture
def data(tmp_path):
    """Three counsellors answer every question: the topic and, in between, their habit; the third beside the topic."""
    (tmp_path / "counselchat").mkdir()
    with (tmp_path / "counselchat/counselchat.csv").open("w", newline="") as out:
        rows = csv.DictWriter(out, ("therapistName", "questionTitle", "answerText"))
        rows.writeheader()
        for topic in TOPICS:
            for name, habit in HABITS.items():
                said = "<p>" + f"{topic if name != 'Cleo' else 'chess'} {habit}. " * 40 + "</p>"
                rows.writerow({"therapistName": name, "questionTitle": f"What about {topic}?", "answerText": said})
        rows.writerow({"therapistName": "Dora", "questionTitle": "Who else?", "answerText": "word " * 70})
    return tmp_path


def test_marks_of_web_pages_are_gone_and_free_questions_were_answered_by_neither(data):
    answers, free = counsellors(data)
    assert len(answers) == 2 and len(answers[0]) == 12 and "<p>" not in answers[0][0]
    assert free == ["Who else?"]


def test_the_owners_answer_is_found_and_chance_counts_only_what_could_be_chosen(data):
    rows = owner_found(data, Habits(), CountingEncoder(), owners=3, messages=6)
    ann, ben, cleo, every = rows
    # the third one's answers are beside the topic: two of three can be chosen, never the third one's own
    assert ann["own answer chosen"] == ben["own answer chosen"] == 1.0 and ann["by chance"] == ben["by chance"] == 0.5
    assert cleo["own answer chosen"] == cleo["by chance"] == 0.0
    assert every["n"] == ann["n"] + ben["n"] + cleo["n"] > 0


def test_letter_runs_have_length_one_and_tell_texts_apart():
    one, other = letter_runs("boats sail at dawn"), letter_runs("chess")
    assert one @ one == pytest.approx(1.0) and one @ other < 0.2
