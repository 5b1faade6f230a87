"""The judged task: judges measured first, the model's replies only if they pass, and no text in what is kept."""

import pytest

from pixel.evaluation.task import TaskSkipped
from pixel.evaluation.tasks.judged import Judged
from tests.evaluation.judges.conftest import Oracle
from tests.evaluation.parts import MadeModel, context, talk

KIND, CURT = "that must be so heavy for you {}", "well just get over it then okay {}"


class Kindness(Oracle):
    """Prefers kind words."""

    def prefer(self, pairs, criterion, repeat):
        import numpy as np

        odds = [("heavy" in pair.first.reply) - float("heavy" in pair.second.reply) for pair in pairs]
        return np.stack([odds, odds], 1)


def corpora(count=60):
    names = ("emotional_reactions", "interpretations", "explorations")
    rows = []
    for number in range(count):
        kind = number % 2
        levels = {name: [None, 2 if kind else 0] for name in names}
        reply = (KIND if kind else CURT).format(number)
        rows.append(
            talk(f"t{number}", f"private words {number}", reply, source="epitome", group=f"t{number}", **levels)
        )
    return {"epitome": {"train": rows[:40], "validation": rows[40:]}}


def run(reply, judges, **more):
    made = context(MadeModel(reply=reply), corpora(), judges=lambda: judges, **more)
    return Judged().run(made)


def test_the_share_of_pairs_won_against_people_is_the_value():
    """Of the twenty held-out replies half are kind: a kind reply ties with these and beats the others."""
    result = run("it sounds heavy", [Kindness("a"), Kindness("b")])
    rows = {row.metric: row for row in result.rows}
    assert rows["agreement/empathy/a"].value == 1.0 and rows["agreement/empathy/a"].validated
    assert rows["preferred/empathy"].value == 0.75 and rows["preferred/empathy"].n == 20
    assert rows["preferred/empathy"].validated is False and rows["preferred/empathy"].length == 0.0
    assert {item.value for item in result.items} == {0.5, 1.0} and len(result.items) == 20


def test_without_two_validated_judges_the_model_is_not_even_asked():
    made = context(
        MadeModel(reply="hm"), corpora(), judges=lambda: [Kindness("a"), Oracle("first", first=9.0, wrong=0.75)]
    )
    rows = {row.metric: row for row in Judged().run(made).rows}
    assert rows["preferred/empathy"].value is None and "only a is validated" in rows["preferred/empathy"].reason
    assert rows["agreement/empathy/first"].validated is False and made.model.asked == []


def test_one_judge_alone_skips_the_task():
    with pytest.raises(TaskSkipped, match="needs 2 different judges"):
        run("hm", [Kindness("a")])


def test_without_a_labelled_corpus_the_task_is_skipped():
    with pytest.raises(TaskSkipped, match="--data_root"):
        Judged().run(context(MadeModel(), {}, judges=lambda: [Kindness("a"), Kindness("b")]))


def test_no_words_of_a_message_are_kept():
    result = run("it sounds heavy", [Kindness("a"), Kindness("b")])
    kept = str([row.as_dict() for row in result.rows]) + str([item.as_dict() for item in result.items])
    kept += str(result.notes)
    assert not any(word in kept for word in ("private", "heavy", "get over"))


def test_the_agreement_is_among_the_notes_with_its_faults():
    notes = run("it sounds heavy", [Kindness("a"), Kindness("b")]).notes
    assert any("a on empathy" in note and "three repeats agree 100%" in note for note in notes)
