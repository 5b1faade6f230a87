import pytest

from pixel.models.labels import EMPATHY_DIMENSIONS, EMPATHY_STAGES, EPITOME_MECHANISMS
from pixel.voice.personality.markers import empathy


def turn(levels):
    return {"empathy": {"explorations": levels, "genuine": 0.3, "stage": dict.fromkeys(EMPATHY_STAGES, 0.2)}}


def test_levels_are_expected_ones_and_turns_those_above_none():
    found = empathy.measure([turn([1, 0, 0])] * 3 + [turn([0, 0.5, 0.5])] * 3)
    assert found["explorations"] == pytest.approx(0.75) and found["explorations_turns"] == pytest.approx(0.5)
    assert found["genuine"] == pytest.approx(0.3) and found["stage"] == pytest.approx(2.0)


def test_heads_that_are_not_there_are_null():
    found = empathy.measure([turn([1, 0, 0])] * 6)
    assert found["emotional_reactions"] is None and found["dimension_cognitive"] is None


def test_names_are_those_of_the_model():
    assert empathy.MECHANISMS == EPITOME_MECHANISMS and empathy.DIMENSIONS == EMPATHY_DIMENSIONS


def test_too_few_turns_are_null_with_every_name():
    assert empathy.measure([turn([1, 0, 0])] * 4) == dict.fromkeys(empathy.MARKERS)
