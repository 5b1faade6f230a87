import pytest

from pixel.knowledge.quality.diversity import distinct_n
from pixel.knowledge.quality.variety import entropy, phases, techniques, variety
from pixel.models.labels_clinical import INTERVENTIONS

VARIED = [[name] for name in ("open_question", "complex_reflection", "affirmation", "goal_setting", "information")]


def talk(names):
    messages, labels = [], []
    for index, label in enumerate(names):
        messages.append({"role": "user", "content": f"Client {index}"})
        messages.append({"role": "assistant", "content": f"Reply {index}"})
        labels += [None, label]
    return {"messages": messages, "intervention": labels}


def kinds(conversation):
    return {defect.kind for defect in variety(conversation)}


def test_varied_replies_pass():
    assert variety(talk(VARIED)) == []


def test_empathy_and_suggestion_every_time_is_found():
    found = kinds(talk([["validation", "advice"]] * 5))
    assert found == {"empathy_and_suggestion", "monotonous", "no_question", "suggests_at_once"}


def test_one_technique_all_the_time_is_monotonous():
    assert "monotonous" in kinds(talk([["open_question"]] * 6))


def test_conversations_without_labels_pass():
    assert variety({"messages": talk(VARIED)["messages"]}) == []


def test_names_mappings_and_numbers_say_the_same():
    numbers = [float(name == "advice") for name in INTERVENTIONS]
    for label in (["advice"], {"advice": 1, "information": 0}, numbers):
        assert techniques(talk([label]))[0][1] == {"advice"}


def test_phases_follow_the_place_unless_given():
    conversation = talk(VARIED)
    assert list(phases(conversation).values()) == ["opening", "exploring", "exploring", "working", "closing"]
    assert set(phases(conversation | {"phase": ["a"] * 10}).values()) == {"a"}


def test_entropy_of_equal_shares_is_the_logarithm_of_their_number():
    assert entropy({"a": 3, "b": 3, "c": 3, "d": 3}) == pytest.approx(2.0)
    assert entropy({}) == entropy({"a": 5}) == 0.0


def test_distinct_n_counts_runs():
    assert distinct_n(["a b a b"], 2) == pytest.approx(2 / 3)  # ab, ba, ab
    assert distinct_n([""], 2) is None
