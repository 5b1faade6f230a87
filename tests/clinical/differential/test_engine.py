"""The engine: what is ruled out stays out, what explains more comes first, and nothing fits where nothing does."""

import json

import pytest

from pixel.clinical.differential.engine import FEATURES, WEIGHTS, DifferentialEngine
from pixel.clinical.differential.findings import Finding, Picture, parse_picture
from pixel.clinical.differential.made_vignettes import made_vignettes
from pixel.clinical.differential.measuring import measure, top
from pixel.knowledge.errors import KnowledgeError
from pixel.knowledge.loading import knowledge
from tests.clinical.differential.parts import small_base


@pytest.fixture(scope="module")
def base(tmp_path_factory):
    return small_base(tmp_path_factory.mktemp("base"))


@pytest.fixture(scope="module")
def engine(base):
    return DifferentialEngine(base)


def picture(*present, **more) -> Picture:
    return Picture({name: Finding(name) for name in present}, **more)


def test_what_explains_more_of_what_was_said_comes_first(engine):
    ranked = engine.rank(picture("worry", "tired", "tense", "social_impairment", days=200))
    assert ranked[0].outcome.category == "worried" and ranked[0].supported
    assert sum(one.probability for one in ranked) == pytest.approx(1)


def test_a_category_yields_to_the_one_that_explains_it_better(engine):
    ranked = {one.outcome.category: one for one in engine.rank(picture("panic", "worry", days=60))}
    assert ranked["panicky"].supported and ranked["panicky"].outcome.holds
    assert "E2" in ranked["worried"].outcome.excluded and not ranked["worried"].supported


def test_what_is_ruled_out_is_never_supported_and_says_why(engine):
    found = engine.rank(picture("worry", "tired", "tense", "social_impairment", "caused_by_substance", days=200))
    record = next(one for one in found if one.outcome.category == "worried").record()
    assert not record["supported"] and record["excluded"] == ["E1"]
    assert any(reason.startswith("E1 excludes") for reason in record["reasons"])
    json.dumps(record)


def test_nothing_fits_where_no_core_symptom_was_disclosed(engine):
    assert engine.rank(picture("tired", "tense")) == [] and engine.rank(Picture()) == []


def test_neighbours_come_with_what_separates_them(engine):
    best = engine.rank(picture("panic", "worry", days=60))[0]
    assert best.separates == ("worried", "What separates it from worried.")


def test_the_weights_that_ship_have_every_feature():
    weights = json.loads(WEIGHTS.read_text())
    assert set(weights) == {"entered", "read"}
    for many in weights.values():
        assert set(many) == {*FEATURES, "floor", "ratio"}
        assert many["share"] > 0
    assert weights["entered"]["excluded"] < 0  # read exclusions are too doubtful to weigh


def test_with_all_findings_given_the_true_category_is_nearly_always_among_three():
    base = knowledge()
    cases = list(made_vignettes(base, 100, seed=5))
    engine = DifferentialEngine(base)
    order = [[one.outcome.category for one in engine.rank(case.picture)] for case in cases]
    assert top(order, [case.categories for case in cases], 3) > 0.9


def test_measures_by_hand():
    found = measure([["a", "b"], ["c"], []], [["a"], ["d"], ["e"]])
    assert found == {"sensitivity": 1 / 3, "ppv": 1 / 3, "named": 1.0, "over": 2 / 3}
    assert top([["a", "b"], ["c", "d"]], [["b"], ["x"]], 2) == 0.5


def test_bad_findings_are_named_with_the_nearest_good_ones(base):
    with pytest.raises(KnowledgeError, match="there is no symptom 'worrry'.*did you mean worry"):
        parse_picture({"findings": ["worrry"]}, base, row=3)
    with pytest.raises(KnowledgeError, match="'days'.*give a number"):
        parse_picture({"findings": [{"symptom": "worry", "days": "long"}]}, base)
    with pytest.raises(KnowledgeError, match="true or false"):
        parse_picture({"findings": [{"symptom": "worry", "present": "yes"}]}, base)
    with pytest.raises(KnowledgeError, match="holds no findings"):
        parse_picture({}, base)
