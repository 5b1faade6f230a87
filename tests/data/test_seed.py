from collections import Counter

import pytest

from pixel.data.errors import ConversationError
from pixel.data.schema import ROLES, validate
from pixel.data.seed import load_seed, seed_rows
from pixel.models.labels import FIELDS, OBJECTIVES, PERSONA_MODES


@pytest.fixture(scope="module")
def rows():
    return list(seed_rows())


@pytest.fixture(scope="module")
def splits():
    return load_seed()


def test_it_is_large_enough_to_learn_something_from(rows):
    assert len(rows) >= 240
    assert sum(len(row["messages"]) for row in rows) >= 2000


def test_every_row_is_valid_and_speaks_in_turns(rows):
    for row in rows:
        validate(row)
        roles = [message["role"] for message in row["messages"]]
        assert set(roles) == {"user", "assistant"} <= set(ROLES), row["id"]
        assert 0 <= row["difficulty"] <= 1, row["id"]


def test_ids_are_unique_and_every_row_says_where_it_is_from(rows):
    assert max(Counter(row["id"] for row in rows).values()) == 1
    assert {(row["source"], row["licence"]) for row in rows} == {("seed", "Apache-2.0")}


def test_therapy_assistance_and_switching_are_all_there(rows):
    assert {"th", "as", "sw"} <= {row["id"].split("-")[0] for row in rows}
    modes = [{mode for mode in row["persona_mode"] if mode is not None} for row in rows]
    for mode in range(len(PERSONA_MODES)):
        assert sum(mode in seen for seen in modes) >= 10, PERSONA_MODES[mode]
    assert sum(len(seen) > 1 for seen in modes) >= 20
    switches = [label[0] for row in rows for label in row["persona_switch"] or () if label is not None]
    assert switches.count(1.0) >= 50 and switches.count(0.0) >= 50


def test_every_objective_is_labelled_and_language_has_words_to_learn(rows):
    labelled = Counter()
    for row in rows:
        for name, field in FIELDS.items():
            labelled[field.objective] += sum(label is not None for label in row[name] or ())
    assert all(labelled[objective] >= 1000 for objective in OBJECTIVES if objective != "language"), labelled
    taught = [row for row in rows if row["learn"] is None or any(flag is not False for flag in row["learn"][1::2])]
    assert len(taught) >= 200


def test_no_text_is_repeated_across_conversations(rows):
    homes = {}
    for row in rows:
        for message in row["messages"]:
            homes.setdefault(" ".join(message["content"].lower().split()), set()).add(row["id"])
    assert {text: ids for text, ids in homes.items() if len(ids) > 1 and len(text) > 20} == {}


def test_the_split_keeps_groups_apart_and_loses_nothing(rows, splits):
    train, held = (set(splits[name]["group"]) for name in ("train", "validation"))
    assert not train & held and len(held) >= 10
    assert sorted([*splits["train"]["id"], *splits["validation"]["id"]]) == sorted(row["id"] for row in rows)


@pytest.mark.parametrize(
    "text, said",
    [
        ("- id: [", r"file x.yaml: is not YAML .*Mend"),
        ("a: b", r"file x.yaml: is not a list of conversations. Mend"),
        ("- turns: [{user: Hi}]", r"file x.yaml, field 'id': is missing. Mend"),
        ("- {id: a, mood: 1, turns: [{user: Hi}]}", r"file x.yaml, row a, field 'mood': unknown key. Mend"),
        ("- {id: a, turns: [{user: Hi, mood: 1}]}", r"row a, field 'mood': turn 0 has an unknown key. Mend"),
        ("- {id: a, turns: [{user: Hi, risk: 7}]}", r"file x.yaml, row a, field 'risk': class 7 is outside 0..6"),
        ("- {id: a, turns: []}", r"file x.yaml, row a, field 'messages': the conversation is empty. Mend"),
        ("- {id: a, turns: [{user: Hi}]}\n- {id: a, turns: [{user: Ho}]}", r"file x.yaml, row a: this id is taken"),
    ],
)
def test_a_mistake_in_a_file_is_named(tmp_path, text, said):
    (tmp_path / "x.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(ConversationError, match=said):
        list(seed_rows(tmp_path))


def test_a_folder_without_files_is_an_error(tmp_path):
    with pytest.raises(ConversationError, match="holds no .yaml file. Mend"):
        list(seed_rows(tmp_path))
