"""Claims about durations, numbers, codes and defences are held against the knowledge base, by id."""

import pytest

from pixel.clinical.compliance import check_compliance
from tests.clinical.made_readings import helper, user


def judged(text: str, *ids: str, **more) -> list[tuple[str, bool]]:
    found = check_compliance([helper(text)], [list(ids)], **more)
    return [(claim.kind, claim.holds) for claim in found.claims if claim.kind != "id"]


@pytest.mark.parametrize(
    ("text", "claims"),
    [
        ("Major depression means at least two weeks.", [("duration", True)]),
        ("Major depression means at least six months.", [("duration", False)]),
        ("It needs five of nine symptoms in major depressive disorder.", [("count", True)]),
        ("Major depression needs three of nine symptoms.", [("count", False)]),
        ("GAD is coded F41.1.", [("code", True)]),
        ("GAD is coded F32.1.", [("code", False)]),
        ("Generalized anxiety disorder has been there for six months or more.", [("duration", True)]),
        ("PTSD is no diagnosis before four weeks. It has to last at least two weeks.", [("duration", False)]),
        ("Humour is a mature defence.", [("defence_level", True)]),
        ("Projection is a mature defence.", [("defence_level", False)]),
        ("Acute stress disorder lasts at most one month.", [("duration", True)]),
    ],
)
def test_a_claim_is_held_against_the_base(text, claims):
    assert judged(text) == claims


@pytest.mark.parametrize(
    "text",
    ["You have slept badly for at least two weeks.", "One of my two sisters has panic disorder.", "Take vitamin B12.",
     "Humour is not a mature way out.", "", "\x00 F"],
)  # fmt: skip
def test_what_is_told_of_a_person_is_no_claim(text):
    assert judged(text) == [] or text.startswith("One of")


def test_the_rationale_says_what_a_sentence_is_about():
    text = "It has to last at least one month."
    assert judged(text) == []
    assert judged(text, "dsm/panic_disorder#criteria") == [("duration", True)]
    assert judged(text, "major_depressive_disorder") == [("duration", False)]


def test_an_unknown_id_is_a_broken_claim():
    found = check_compliance([helper("Hm.")], [["hearing_voices", "modalities/cbt", "dsm/nerves"]])
    assert [claim.source for claim in found.broken] == ["dsm/nerves"] and found.share == pytest.approx(2 / 3)


def test_ids_of_criteria_and_nested_ones_are_known():
    ids = {"criteria": ["panic_disorder.A", "generalized_anxiety_disorder/C1"], "technique": "guided_discovery"}
    found = check_compliance([helper("Hm."), helper("Hm.")], [ids, ["panic_disorder.Z9", "defences/humour"]])
    assert [claim.source for claim in found.broken] == ["panic_disorder.Z9"] and len(found.claims) == 5
    assert judged("It has to last at least one month.", "panic_disorder.A") == [("duration", True)]


def test_retrieval_finds_what_nothing_names():
    class Found:
        def search(self, query, k):
            return [("dsm/panic_disorder#criteria", "...", 0.9)]

    text = "The worry about the next attack has to last at least one month."
    assert judged(text, passages=Found()) == [("duration", True)]
    assert judged(text, passages=Found(), floor=0.95) == []


def test_only_the_helper_is_checked_and_no_claim_has_no_share():
    found = check_compliance([user("Major depression means at least six months.")])
    assert found.claims == () and found.share is None
    with pytest.raises(ValueError, match="0 rationales for 1"):
        check_compliance([user("Hello.")], [])
