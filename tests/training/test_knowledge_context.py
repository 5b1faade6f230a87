"""Knowledge goes before the conversation, and labels stay with their turns."""

import json
from types import SimpleNamespace

import numpy as np
import pytest

from pixel.data.examples import encode_dataset
from pixel.data.schema import conversation, features, validate
from pixel.models.labels import FIELDS
from pixel.training.arguments import SettingError
from pixel.training.callbacks.knowledge_use import KnowledgeUse
from pixel.training.knowledge_context import HEADING, KnowledgeContext, mmr, with_knowledge
from pixel.training.passages import TextPassages
from tests.training.parts import rows, tiny_data, tiny_network

TEXTS = {
    "sleep": "Sleep restriction shortens the hours in bed.",
    "sleep_again": "Sleep restriction shortens the hours in bed for a while.",
    "job": "Talk about hours with the employer: a job can change.",
    "spiders": "Exposure to spiders goes step by step.",
}


def words(text: str) -> int:
    return len(text.split())


class Counting(TextPassages):
    """Says how often it was searched."""

    searches = 0

    def search(self, query, k):
        self.searches += 1
        return super().search(query, k)


def context(**options) -> KnowledgeContext:
    given = {"share": 1.0, "k": 2, "floor": 0.01, "budget": 100, "max_share": 0.9} | options
    return KnowledgeContext(Counting(TEXTS), words, **given)


def talk(**more) -> dict:
    messages = [
        {"role": "user", "content": "I cannot sleep, I lie in bed for hours."},
        {"role": "assistant", "content": "How long has it been like that?"},
    ]
    given = {"messages": messages, "id": "a", "source": "made", "licence": "CC0-1.0"} | more
    return conversation(given.pop("messages"), **given)


def test_every_label_list_is_shifted_and_the_row_stays_valid():
    row = rows()[1] | {"learn": [None, True, None]}
    new, used = context().row(row)
    validate(new)
    assert new["messages"][0]["role"] == "system" and new["messages"][0]["content"].startswith(HEADING)
    assert new["messages"][1:] == row["messages"]
    assert new["learn"] == [False, None, True, None]
    for name in FIELDS:
        assert new[name] == (None if row[name] is None else [None, *row[name]]), name
    assert used["passages"]


def test_after_tokenisation_each_turn_has_the_label_it_had():
    tokenizer, _ = tiny_network()
    plain = encode_dataset(tiny_data(), tokenizer, 2048)
    known = encode_dataset(context().apply(tiny_data()), tokenizer, 2048)
    fields = [name for name in FIELDS if name in plain.column_names]
    assert len(fields) > 4
    for before, after in zip(plain, known, strict=True):
        assert after["turn_roles"] == [0, *before["turn_roles"]]
        for name in fields:
            assert (after[name] or [None])[-len(before["turn_roles"]) :] == (before[name] or [None]), name
        said = [[t for t in example["labels"] if t != -100] for example in (before, after)]
        assert said[0] == said[1]  # not a word of knowledge is learned


def test_a_row_with_a_system_message_keeps_it_first():
    messages = [{"role": "system", "content": "Be brief. "}, *talk()["messages"]]
    row = talk(messages=messages, risk=[None, 2, None])
    new, _ = context().row(row)
    assert new["messages"][0]["content"].startswith(f"Be brief.\n\n{HEADING}\n- ")
    assert len(new["messages"]) == 3 and new["risk"] == row["risk"]


def test_the_replies_are_not_looked_at():
    messages = [{"role": "user", "content": "Help me."}, {"role": "assistant", "content": TEXTS["spiders"]}]
    assert context().row(talk(messages=messages))[1] is None


def test_rows_that_teach_no_reply_are_left_alone():
    row = talk(learn=False)
    assert context().row(row) == (row, None)


def test_passages_below_the_floor_are_not_used():
    assert context(floor=0.99).row(talk())[1] is None
    scores = [each["score"] for each in context(floor=0.2).row(talk())[1]["passages"]]
    assert scores and min(scores) >= 0.2


def test_the_budget_and_the_share_of_the_row_are_kept():
    row = talk()
    spoken = sum(words(message["content"]) for message in row["messages"])
    for budget, max_share in ((14, 0.9), (100, 0.5), (100, 0.7)):
        new, used = context(budget=budget, max_share=max_share).row(row)
        added = words(new["messages"][0]["content"]) if used else 0
        assert added <= budget
        assert added / (added + spoken) <= max_share
        assert used is None or used["tokens"] == added


def test_a_passage_that_does_not_fit_is_left_out_whole():
    new, _ = context(budget=14).row(talk())  # the heading has 5 words, a passage 7 and its dash
    assert new["messages"][0]["content"] == f"{HEADING}\n- {TEXTS['sleep']}"


def test_diversity_takes_another_passage_than_relevance_alone():
    near = [each["id"] for each in context(mmr_lambda=1.0).row(talk())[1]["passages"]]
    far = [each["id"] for each in context(mmr_lambda=0.3).row(talk())[1]["passages"]]
    assert set(near) == {"sleep", "sleep_again"}
    assert far[0] == near[0] and far[1] == "job"


def test_mmr_by_hand():
    alike = np.array([[1.0, 0.9, 0.0], [0.9, 1.0, 0.1], [0.0, 0.1, 1.0]])
    relevance = np.array([0.5, 0.45, 0.3])
    # second pick at 0.5: 0.5 * 0.9 - 0.5 * 0.9 = 0 against 0.5 * 0.6 - 0 = 0.3
    assert mmr(relevance, alike, 2, 0.5) == [0, 2]
    assert mmr(relevance, alike, 9, 1.0) == [0, 1, 2]


def test_the_choice_of_rows_hangs_on_seed_and_id_and_nothing_else():
    many = [{**talk(), "id": str(number)} for number in range(400)]

    def given(seed, order):
        some = context(share=0.3, seed=seed)
        return {row["id"] for row in order if some.row(row)[1] is not None}

    first = given(0, many)
    assert first == given(0, many[::-1])
    assert first != given(1, many)
    assert 80 <= len(first) <= 160  # 400 x .3, four standard deviations either way


def test_queries_are_remembered():
    some = context()
    for number in range(4):
        some.row(talk(id=str(number)))
    assert some.passages.searches == 1
    assert some.summary()["cache_hits"] == pytest.approx(3 / 4)


def test_the_log_holds_ids_and_scores_and_no_text(tmp_path):
    file = tmp_path / "deep" / "knowledge.jsonl"
    some = context(log=file, share=0.6)
    data = some.apply(tiny_data(), "tiny")
    lines = [json.loads(line) for line in file.read_text().splitlines()]
    given = [row["id"] for row in data if row["messages"][0]["role"] == "system"]
    assert [line["row"] for line in lines] == given and 0 < len(given) < 16
    for line in lines:
        assert set(line) == {"row", "source", "passages", "tokens"}
        assert all(set(each) == {"id", "score"} and each["id"] in TEXTS for each in line["passages"])
    some.apply(tiny_data(), "more")
    assert len(file.read_text().splitlines()) == 2 * len(given)


def test_a_dataset_keeps_its_columns_and_rows():
    data = context().apply(tiny_data())
    assert data.features == features() and data["id"] == tiny_data()["id"]
    untouched = context(share=0.0).apply(tiny_data())
    assert [row for row in untouched] == [row for row in tiny_data()]


def test_the_summary_counts_what_was_used():
    some = context(mmr_lambda=1.0)
    assert set(some.summary()) == {"rows_given", "coverage"}  # nothing else is defined yet
    some.row(talk())
    some.row(talk(id="b", messages=[{"role": "user", "content": "zebra"}, talk()["messages"][1]]))
    summary = some.summary()
    assert (summary["rows_given"], summary["share_given"], summary["coverage"]) == (1, 0.5, 0.5)
    # no word stands twice in either passage, so their cosine is shared / sqrt(words * words)
    a, b = (set(TEXTS[id].lower().strip(".").split()) for id in ("sleep", "sleep_again"))
    a, b = ({word for word in each if len(word) > 1} for each in (a, b))
    assert summary["diversity"] == pytest.approx(1 - len(a & b) / (len(a) * len(b)) ** 0.5)


def test_the_callback_adds_the_summary_to_training_logs_only():
    some = context()
    some.row(talk())
    state = SimpleNamespace(log_history=[{"loss": 1.0, "step": 1}])
    logs = {"loss": 1.0}
    KnowledgeUse(some).on_log(None, state, None, logs=logs)
    assert logs["knowledge_coverage"] == state.log_history[-1]["knowledge_coverage"] == 0.5
    assert {"knowledge_relevance", "knowledge_diversity", "knowledge_cache_hits"} <= set(logs)
    evaluation = {"eval_loss": 1.0}
    KnowledgeUse(some).on_log(None, state, None, logs=evaluation)
    assert evaluation == {"eval_loss": 1.0}


@pytest.mark.parametrize("option", [{"share": 1.5}, {"k": 0}, {"mmr_lambda": -1}, {"max_share": 1.0}, {"budget": 0}])
def test_a_number_out_of_range_is_named(option):
    with pytest.raises(SettingError, match=next(iter(option))):
        context(**option)


def test_with_knowledge_does_not_change_the_row_it_is_given():
    row = talk(risk=[3, None])
    with_knowledge(row, "x")
    assert row == talk(risk=[3, None])
