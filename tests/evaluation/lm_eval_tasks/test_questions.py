"""The questions: every order, no answer given away, the same each time."""

import json
from collections import Counter

import numpy as np
import pytest

from pixel.evaluation.lm_eval import FOLDER, SELF_MADE, TASKS
from pixel.evaluation.lm_eval.benchmarks import MissingData
from pixel.evaluation.lm_eval.choices import Question, documents_of, taken
from pixel.evaluation.lm_eval.documents import documents, write_documents
from pixel.evaluation.lm_eval.dsm import meets
from pixel.evaluation.lm_eval.persona import persona
from pixel.knowledge.loading import knowledge


@pytest.fixture(scope="module")
def made():
    return {task: documents(task) for task in SELF_MADE}


def test_each_option_stands_once_in_each_place():
    question = Question("q", "Which?", ("north", "east", "south"), right=2)
    shown = [document["options"] for document in documents_of([question])]
    assert all(sorted(column) == ["east", "north", "south"] for column in zip(*shown, strict=True))
    for document in documents_of([question]):
        assert document["options"][document["gold"]] == "south"
        assert taken(document["gold"], document["order"], 3) == 2
        assert f"{document['letters'][document['gold']]}. south" in document["prompt"]


@pytest.mark.parametrize("task", SELF_MADE)
def test_a_place_alone_scores_exactly_chance(made, task):
    count = Counter(len(document["options"]) for document in made[task])
    assert len(count) == 1
    for place in range(next(iter(count))):
        assert np.mean([document["gold"] == place for document in made[task]]) == pytest.approx(1 / next(iter(count)))


@pytest.mark.parametrize("task", SELF_MADE)
def test_the_longest_option_is_no_way_to_score(made, task):
    chance = 1 / len(made[task][0]["options"])
    longest = [int(np.argmax([len(o) for o in d["options"]])) == d["gold"] for d in made[task]]
    assert np.mean(longest) < chance + 0.15


@pytest.mark.parametrize("task", SELF_MADE)
def test_questions_are_the_same_every_time_and_named_once(made, task):
    assert documents(task) == made[task]
    keys = [(document["id"], document["part"], document["order"]) for document in made[task]]
    assert len(set(keys)) == len(keys)


def test_dsm_asks_about_nearly_every_category_without_naming_it(made):
    base = knowledge()
    asked = {document["group"] for document in made["pixel_dsm"]}
    assert len(asked) >= 95
    for document in made["pixel_dsm"]:
        said = document["prompt"].split("\n\nWhich of these")[0].lower()
        assert base.categories[document["group"]].name.lower() not in said


def test_dsm_says_only_wordings_that_are_held_back(made):
    base = knowledge()
    held_back = {sentence for symptom in base.symptoms.values() for sentence in symptom.held_back}
    for document in made["pixel_dsm"]:
        said = [line[2:] for line in document["prompt"].splitlines() if line.startswith("- ")]
        assert said and all(line in held_back or line.startswith("It has been like this") for line in said)


def test_a_category_meets_its_own_criteria_and_not_without_a_core_symptom():
    panic = knowledge().categories["panic_disorder"]
    symptoms = ["panic_attacks", "palpitations", "sweating", "trembling", "nausea", "fear_of_more_attacks"]
    assert meets(panic, symptoms, 60) and meets(panic, symptoms, None)
    assert not meets(panic, symptoms, 5) and not meets(panic, symptoms[1:], 60)


def test_pdm_asks_about_every_defence_style_and_level(made):
    groups = {document["group"].partition(":")[0]: set() for document in made["pixel_pdm"]}
    for document in made["pixel_pdm"]:
        groups[document["group"].partition(":")[0]].add(document["group"])
    assert {part: len(names) for part, names in groups.items()} == {"defence": 30, "syndrome": 12, "level": 4}


def test_persona_asks_at_every_switch_and_once_elsewhere_and_shows_nothing_that_came_after():
    said = [("user", "Fix my table."), ("assistant", "Which?"), ("user", "He died."), ("assistant", "I am sorry."),
            ("user", "I miss him.")]  # fmt: skip
    row = {
        "id": "one", "group": None, "messages": [{"role": role, "content": text} for role, text in said],
        "persona_mode": [1, None, 0, None, 0], "persona_switch": [[0.0], None, [1.0], None, [0.0]],
    }  # fmt: skip
    asked = {question.id: question for question in persona([row])}
    assert "one#2" in asked and len(asked) == 2
    switch = asked["one#2"]
    assert switch.prompt.splitlines()[:3] == ["Person: Fix my table.", "Reply: Which?", "Person: He died."]
    assert "sorry" not in switch.prompt and switch.options[switch.right].startswith("As a therapist")


def test_persona_takes_the_test_split_of_the_benchmark(made):
    from pixel.persona import load_dialogues

    held = {dialogue.id for dialogue in load_dialogues("test")}
    assert {document["group"] for document in made["pixel_persona"]} == held


def test_a_limit_keeps_whole_questions_spread_over_the_task(made):
    some = documents("pixel_dsm", questions=10)
    assert len({document["id"] for document in some}) == 10 and len(some) == 40
    assert some[-1]["group"] > made["pixel_dsm"][200]["group"]  # not only the first in the alphabet


def write_lines(path, rows):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")


def test_emobench_rows_become_questions_and_other_languages_stay_out(tmp_path):
    row = {"qid": 7, "language": "en", "scenario": "Ada lost her keys.", "subject": "Ada"}
    asked = {"question type": "Action", "choices": ["Shout", "Look", "Cry", "Wait"], "label": "Look"}
    write_lines(tmp_path / "emobench" / "EA.jsonl", [row | asked, row | asked | {"language": "zh", "qid": 8}])
    found = documents("pixel_emobench_ea", tmp_path)
    assert {document["id"] for document in found} == {"7"} and len(found) == 4
    assert all(document["options"][document["gold"]] == "Look" for document in found)

    parts = {"emotion_choices": ["Joy", "Annoyance", "Pride"], "emotion_label": "Annoyance"}
    parts |= {"cause_choices": ["The keys are gone", "It rains"], "cause_label": "The keys are gone"}
    write_lines(tmp_path / "emobench" / "EU.jsonl", [row | parts])
    assert Counter(document["part"] for document in documents("pixel_emobench_eu", tmp_path)) == {
        "emotion": 3,
        "cause": 2,
    }


def test_a_missing_file_and_a_missing_root_say_the_mend(tmp_path, monkeypatch):
    monkeypatch.delenv("PIXEL_DATA_ROOT", raising=False)
    with pytest.raises(MissingData, match="no seceu/items.jsonl"):
        documents("pixel_seceu", tmp_path)
    with pytest.raises(MissingData, match="PIXEL_DATA_ROOT"):
        documents("pixel_eqbench_v2")
    with pytest.raises(ValueError, match="no task is called"):
        documents("pixel_iq")


def test_documents_can_be_written_as_json_lines(tmp_path):
    path = write_documents("pixel_pdm", tmp_path, questions=2)
    assert [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()] == documents(
        "pixel_pdm", questions=2
    )


def test_every_task_has_its_yaml():
    assert {file.stem for file in FOLDER.glob("*.yaml")} == set(TASKS)
