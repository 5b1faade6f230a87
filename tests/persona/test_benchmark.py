"""The benchmark itself: format, size, coverage, label rules, and nothing shared with the seed corpus."""

import re
from collections import Counter
from itertools import pairwise

import pytest

from pixel.data.seed import seed_rows
from pixel.knowledge.errors import KnowledgeError
from pixel.models.labels import PERSONA_CONTEXTS, PERSONA_MODES, PERSONA_TRIGGERS
from pixel.persona.benchmark_rows import row_of
from pixel.persona.dialogues import BENCHMARK, load_dialogues

HARD = {"idiom", "film", "friend_case", "calm_need", "task_in_therapy", "crisis_in_task", "resolved", "boundary"}


@pytest.fixture(scope="module")
def dialogues():
    return load_dialogues()


def grams(text, size=8):
    words = re.findall(r"\w+(?:['’]\w+)*", text.lower())
    return set(zip(*(words[start:] for start in range(size)), strict=False))


def texts(dialogue):
    return [message["content"] for message in dialogue.messages()]


def test_there_are_enough_dialogues_of_the_promised_length(dialogues):
    assert len(dialogues) >= 150
    lengths = [len(one.turns) for one in dialogues]
    assert min(lengths) >= 6 and sum(length >= 20 for length in lengths) >= 5


def test_a_third_is_for_development(dialogues):
    share = sum(one.split == "dev" for one in dialogues) / len(dialogues)
    assert 0.30 <= share <= 0.40
    assert len(load_dialogues("dev")) + len(load_dialogues("test")) == len(dialogues)


@pytest.mark.parametrize("split", ["dev", "test"])
def test_both_parts_cover_every_mode_context_trigger_and_kind_of_difficulty(dialogues, split):
    own = [one for one in dialogues if one.split == split]
    turns = [turn for one in own for turn in one.users]
    assert {turn.mode for turn in turns} == set(PERSONA_MODES)
    assert min(Counter(turn.context for turn in turns)[name] for name in PERSONA_CONTEXTS) >= 10
    assert min(Counter(turn.trigger for turn in turns)[name] for name in PERSONA_TRIGGERS) >= 4
    assert {tag for one in own for tag in one.tags} >= HARD


def test_a_quarter_and_more_has_no_switch(dialogues):
    assert sum(not any(turn.switch for turn in one.users) for one in dialogues) / len(dialogues) >= 0.25


def test_a_switch_is_flagged_exactly_where_the_needed_mode_changes_and_says_why(dialogues):
    for one in dialogues:
        assert not one.users[0].switch
        for before, now in pairwise(one.users):
            assert now.switch == (now.mode != before.mode), one.id
            assert bool(now.why) == now.switch and (now.trigger or not now.switch), one.id


def test_no_eight_words_in_a_row_are_shared_with_the_seed_corpus(dialogues):
    seed = set().union(*(grams(message["content"]) for row in seed_rows() for message in row["messages"]))
    shared = {one.id for one in dialogues for text in texts(one) if grams(text) & seed}
    assert len(seed) > 10_000 and not shared


def test_no_message_of_the_person_stands_in_two_dialogues(dialogues):
    counted = Counter(turn.user.lower() for one in dialogues for turn in one.users if len(turn.user.split()) > 3)
    assert max(counted.values()) == 1


def test_a_row_of_the_schema_labels_the_person_only(dialogues):
    one = next(one for one in dialogues if one.id == "work_to_distress-01")
    row = row_of(one)
    assert row["persona_mode"][:6] == [1, None, 1, None, 0, None]
    assert row["persona_switch"][:6] == [[0.0], None, [0.0], None, [1.0], None]
    assert row["persona_trigger"][4] == PERSONA_TRIGGERS.index("distress_disclosure")
    assert row["learn"] == [False] * len(row["messages"]) and row["source"] == "persona_switching"


GOOD = """- id: made-01
  split: dev
  person: A person
  manner: plain
  tags: [made, no_switch]
  turns:
    - {user: one, mode: assistant, context: casual, switch: false}
    - {assistant: two}
    - {user: three, mode: assistant, context: casual, switch: false}
    - {assistant: four}
    - {user: five, mode: assistant, context: casual, switch: false}
    - {assistant: six}
"""
LAST = "{user: five, mode: assistant, context: casual, switch: false}"


def test_a_good_file_is_read(tmp_path):
    (tmp_path / "made.yaml").write_text(GOOD)
    assert [one.id for one in load_dialogues(folder=tmp_path)] == ["made-01"]


@pytest.mark.parametrize(("old", "new", "problem"), [
    (LAST, LAST.replace("assistant", "therapy"), "user turn 2: switch is False from assistant to therapy"),
    (LAST, LAST.replace("false", "true"), "`why` belongs to a switch"),
    (LAST, LAST.replace("casual", "chatter"), "turns.4.context"),
    (LAST, "{user: five, mode: assistant, switch: false}", "needs mode, context and switch"),
    (LAST, "{assistant: five}", "turn 4: person and reply take turns"),
    ("{assistant: four}", "{assistant: four, mode: therapy}", "replies carry no labels"),
    ("split: dev", "split: train", "split"),
    ("tags: [made, no_switch]", "tags: [made]", "no_switch belongs to dialogues without one"),
    ("manner: plain", "manner: plain\n  mood: low", "mood"),
    ("made-01", "other-01", "the id names another file"),
    (GOOD, GOOD + GOOD, "this id is taken"),
    (GOOD, "id: made-01", "is no list of dialogues"),
])  # fmt: skip
def test_a_file_that_breaks_a_rule_is_refused_with_its_place(tmp_path, old, new, problem):
    (tmp_path / "made.yaml").write_text(GOOD.replace(old, new))
    with pytest.raises(KnowledgeError, match=re.escape(problem)) as caught:
        load_dialogues(folder=tmp_path)
    assert "made.yaml" in str(caught.value) and "Mend: " in str(caught.value)


def test_an_empty_folder_and_an_unknown_split_are_named(tmp_path):
    with pytest.raises(KnowledgeError, match="holds no .yaml file"):
        load_dialogues(folder=tmp_path)
    with pytest.raises(ValueError, match="no split is called 'train'"):
        load_dialogues("train")


def test_the_datasheet_states_the_counts_of_the_files(dialogues):
    sheet = (BENCHMARK / "README.md").read_text(encoding="utf-8")
    users = [turn for one in dialogues for turn in one.users]
    switches = sum(turn.switch for turn in users)
    assert f"{len(dialogues)} dialogues" in sheet and f"{len(users)} turns of the person" in sheet
    assert f"{switches} switches" in sheet
