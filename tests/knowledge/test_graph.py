"""The symptom graph: edges from criteria, and how telling a symptom is."""

import pytest

from pixel.knowledge.graph import SymptomGraph
from pixel.knowledge.loading import knowledge, load_knowledge
from tests.knowledge.parts import two


@pytest.fixture
def graph(tmp_path):
    return SymptomGraph(load_knowledge(two(tmp_path)))


def test_edges_are_the_symptoms_of_the_criteria(graph):
    assert {(e.category, e.symptom) for e in graph.edges} == {
        ("one", "fear"), ("one", "worry"), ("two", "fear"), ("two", "panic"),
    }  # fmt: skip
    assert graph.categories_of("fear") == ["one", "two"] and graph.symptoms_of("one") == ["fear", "worry"]


def test_what_all_ask_for_tells_nothing_and_what_one_asks_for_tells_all(graph):
    assert graph.specificity("fear") == 0 and graph.specificity("worry") == 1
    assert graph.specificity("never heard of") == 0


def test_overlap_is_the_shared_part(graph):
    assert graph.overlap("one", "two") == pytest.approx(1 / 3)
    assert graph.nearest("one") == [("two", pytest.approx(1 / 3))]


def test_candidates_come_most_telling_first(graph):
    assert graph.candidates(["fear", "panic"]) == ["two", "one"]


def test_in_the_base_that_ships_neighbours_are_kin():
    graph = SymptomGraph(knowledge())
    assert "bipolar_ii_disorder" in dict(graph.nearest("bipolar_i_disorder", 5))
    assert all(graph.symptoms_of(name) for name in graph.categories)
