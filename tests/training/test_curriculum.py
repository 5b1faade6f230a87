"""What a curriculum admits, and when it moves."""

import json
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pixel.training.curriculum import Curriculum
from pixel.training.curriculum_stage import Limit, competence
from pixel.training.mastery import Mastery

HARD = [n / 100 for n in range(1, 101)]
GROUPS = {"calm": [n % 2 == 0 for n in range(100)], "storm": [n % 2 == 1 for n in range(100)], "none": [False] * 100}
THREE = [{"name": "first", "max_difficulty": 0.2}, {"name": "second", "max_difficulty": 0.5}, {"name": "all"}]


def draw(curriculum, rows: int) -> None:
    """As a sampler would, of one row."""
    curriculum.drew(curriculum.drawn, [0] * rows)


def kinds(events) -> list[tuple[str, str]]:
    return [(event.kind, event.name) for event in events]


# ── by plan ──


def test_the_square_root_pace_is_that_of_the_paper():
    # Platanios et al. 2019, figure 2: c0 = 0.01, half of the time: sqrt(0.5 * (1 - 0.0001) + 0.0001) = .70714
    assert competence(0.5, 0.01, "sqrt") == pytest.approx(0.70714, abs=1e-5)
    assert competence(0.5, 0.01, "linear") == pytest.approx(0.505)
    for pacing in ("sqrt", "linear"):
        assert competence(0, 0.1, pacing) == pytest.approx(0.1)
        assert competence(1, 0.1, pacing) == competence(7, 0.1, pacing) == 1


def test_new_rows_come_at_a_falling_rate_by_square_root_and_a_steady_one_by_line():
    def added(pacing):
        at = [competence(n / 10, 0.1, pacing) for n in range(11)]
        return np.diff(at)

    assert (np.diff(added("sqrt")) < 0).all()
    assert np.allclose(added("linear"), 0.09)


def test_competence_follows_the_curve_over_its_share_of_the_run():
    curriculum = Curriculum(HARD, pacing="linear", start=0.2, length=0.5, adaptive=False, total=1000)
    assert [curriculum.at(draw) for draw in (0, 125, 250, 500, 999)] == [
        (0, 0.2), (0, 0.4), (0, 0.6), (0, 1.0), (0, 1.0)
    ]  # fmt: skip
    assert [curriculum.admitted(curriculum.at(draw)).sum() for draw in (0, 250, 999)] == [20, 60, 100]


def test_stages_end_by_the_clock():
    stages = [dict(stage, **({} if n == 2 else {"until": (n + 1) * 0.3})) for n, stage in enumerate(THREE)]
    curriculum = Curriculum(HARD, stages=stages, adaptive=False, total=100)
    assert [curriculum.at(draw).stage for draw in (0, 29, 30, 59, 60, 99)] == [0, 0, 1, 1, 2, 2]
    draw(curriculum, 65)
    assert kinds(curriculum.notice()) == [("advance", "second"), ("advance", "all")]
    assert curriculum.notice() == []


def test_levels_lie_on_the_curve_and_end_where_it_reaches_the_next():
    curriculum = Curriculum(HARD, pacing="linear", start=0.2, length=0.8, levels=5, total=1000)
    assert [stage.max_difficulty for stage in curriculum.stages] == pytest.approx([0.2, 0.4, 0.6, 0.8, 1.0])
    assert [curriculum.at(draw).stage for draw in (0, 199, 200, 600, 799, 801)] == [0, 0, 1, 3, 3, 4]


def test_stages_admit_groups_and_keep_those_before():
    stages = [{"domains": ["calm"], "until": 0.5}, {"objectives": ["storm"], "max_difficulty": 0.5}]
    kept = Curriculum(HARD, stages=stages, groups=GROUPS)
    assert kept.admitted(Limit(0, 1.0)).tolist() == GROUPS["calm"]
    assert kept.admitted(Limit(1, 0.5)).tolist() == [x <= 0.5 for x in HARD]
    alone = Curriculum(HARD, stages=stages, groups=GROUPS, cumulative=False)
    assert alone.admitted(Limit(1, 0.5)).tolist() == [
        x <= 0.5 and s for x, s in zip(HARD, GROUPS["storm"], strict=True)
    ]


def test_a_batch_can_always_be_filled_with_the_easiest_rows_of_the_stage():
    curriculum = Curriculum(HARD, stages=[{"domains": ["storm"], "max_difficulty": 0.01}], groups=GROUPS)
    assert np.flatnonzero(curriculum.admitted(Limit(0, 0.01), least=3)).tolist() == [1, 3, 5]


# ── by what it shows ──


def test_mastery_is_too_little_gain_several_times_in_a_row():
    mastery = Mastery(delta=0.05, patience=2, regression=0.2)
    losses = [2.0, 1.5, 1.45, 1.44, 1.0, 1.0, 1.0]
    # gains:       -, .25, .033, .007, .31, 0, 0
    verdicts = [mastery.judge({"eq": loss}) for loss in losses]
    assert verdicts == ["learning"] * 3 + ["mastered"] + ["learning"] * 2 + ["mastered"]


def test_gains_are_relative_so_that_no_loss_outshouts_another():
    mastery = Mastery(delta=0.01, patience=1, regression=0.1)
    mastery.judge({"language": 10.0, "eq": 0.1})
    assert mastery.judge({"language": 9.9, "eq": 0.05}) == "learning"
    assert mastery.gain == pytest.approx((0.01 + 0.5) / 2)


def test_after_a_regression_it_is_measured_from_there():
    mastery = Mastery(regression=0.1)
    mastery.judge({"eq": 1.0})
    assert [mastery.judge({"eq": loss}) for loss in (1.2, 1.2, 1.25)] == ["regressed", "learning", "mastered"]


def test_a_loss_that_is_no_number_is_passed_by():
    mastery = Mastery()
    mastery.judge({"eq": 1.0, "persona": 1.0})
    assert mastery.judge({"eq": 0.5, "persona": math.nan}) == "learning" and mastery.gain == 0.5
    assert mastery.judge({}) == "learning" and mastery.gain is None


def test_a_stage_that_is_mastered_makes_room_for_the_next():
    curriculum = Curriculum(HARD, stages=THREE, delta=0.05, patience=2, total=1000)
    moves = []
    for loss in (2.0, 1.5, 1.49, 1.48, 1.2, 1.19, 1.19):
        draw(curriculum, 10)
        moves.append(kinds(curriculum.validate({"eq": loss})))
    assert moves == [[], [], [], [("advance", "second")], [], [], [("advance", "all")]]
    assert curriculum.history == [[0, 0], [40, 1], [70, 2]]
    assert [curriculum.at(draw).stage for draw in (0, 39, 40, 69, 70)] == [0, 0, 1, 1, 2]


def test_a_regression_leads_back_a_stage_and_no_further_than_the_first():
    curriculum = Curriculum(HARD, stages=THREE, patience=1, regression=0.1, total=1000)
    events = []
    for loss in (2.0, 2.0, 2.5, 3.0):
        draw(curriculum, 10)
        events += curriculum.validate({"eq": loss})
    assert kinds(events) == [("advance", "second"), ("fall_back", "first")]
    assert events[1].values["gain"] == pytest.approx(-0.25) and "25.0%" in events[1].reason
    assert curriculum.at(curriculum.drawn) == (0, 0.2)


def test_a_stage_fallen_back_to_gets_its_time_again():
    stages = [dict(THREE[0], until=0.3), dict(THREE[1], until=0.6), THREE[2]]
    curriculum = Curriculum(HARD, stages=stages, total=100)
    curriculum.validate({"eq": 1.0})
    draw(curriculum, 40)
    assert kinds(curriculum.validate({"eq": 9.0})) == [("advance", "second"), ("fall_back", "first")]
    assert [curriculum.at(draw).stage for draw in (29, 30, 39, 40, 69, 70, 99, 100)] == [0, 1, 1, 0, 0, 1, 1, 2]


def test_milestones_all_have_to_hold():
    marks = {"accuracy": {"at_least": 0.8}, "eq": {"at_most": 1.0}}
    curriculum = Curriculum(HARD, stages=[{"milestones": marks}, {}], patience=1, total=100)
    assert curriculum.validate({"eq": 0.9}) == []
    assert curriculum.milestones == {"accuracy": False, "eq": True}
    assert curriculum.validate({"eq": 0.9}, {"accuracy": 0.79}) == []
    assert curriculum.validate({"eq": 0.9}, {"accuracy": math.nan}) == []
    assert kinds(curriculum.validate({"eq": 0.9}, {"accuracy": 0.8})) == [("advance", "stage 2")]


def test_a_curriculum_that_waits_heeds_no_clock():
    stages = [dict(THREE[0], until=0.3), THREE[2]]
    assert Curriculum(HARD, stages=stages, wait=True, total=100).at(99).stage == 0
    assert Curriculum(HARD, stages=stages, total=100).at(99).stage == 1


def test_without_adaptation_validation_moves_nothing():
    curriculum = Curriculum(HARD, adaptive=False, total=100)
    assert [curriculum.validate({"eq": loss}) for loss in (1, 1, 1, 9)] == [[]] * 4
    assert curriculum.history == [[0, 0]]


# ── what it keeps ──


def test_progression_counts_rows_that_came_and_keeps_the_domain_s_loss():
    curriculum = Curriculum(HARD, groups=GROUPS, total=100)
    curriculum.drew(0, [0, 2, 2, 1])
    curriculum.drew(0, [5, 7])  # a replay
    curriculum.validate({"eq": 1.0}, group_losses={"storm": 2.5})
    assert curriculum.progression() == {
        "calm": {"rows": 50, "seen": 0.04}, "storm": {"rows": 50, "seen": 0.02, "loss": 2.5}
    }  # fmt: skip


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.floats(0.1, 3), st.integers(1, 60)), max_size=12), st.integers(0, 12))
def test_a_curriculum_read_back_from_text_goes_on_as_if_it_had_never_stopped(steps, cut):
    def fresh():
        return Curriculum(HARD, groups=GROUPS, patience=1, levels=4, total=500)

    def go(curriculum, part):
        moves = []
        for loss, rows in part:
            draw(curriculum, rows)
            moves += kinds(curriculum.validate({"eq": loss}))
        return moves

    whole, first, second = fresh(), fresh(), fresh()
    moves = go(whole, steps)
    early = go(first, steps[:cut])
    second.load_state_dict(json.loads(json.dumps(first.state_dict())))
    assert early + go(second, steps[cut:]) == moves
    assert second.state_dict() == whole.state_dict()
    assert [second.at(n) for n in range(0, 700, 7)] == [whole.at(n) for n in range(0, 700, 7)]


def test_the_log_says_stage_competence_and_share():
    curriculum = Curriculum(HARD, stages=THREE, total=100)
    assert curriculum.last == {"curriculum/stage": 0, "curriculum/competence": 0.2, "curriculum/admitted": 0.2}


def test_a_checkpoint_of_other_data_is_refused():
    state = Curriculum(HARD).state_dict()
    with pytest.raises(ValueError, match="100 rows, this one 2"):
        Curriculum([0.1, 0.2]).load_state_dict(state)
    with pytest.raises(ValueError, match="5 stages, this one 3"):
        Curriculum(HARD, stages=THREE).load_state_dict(state)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"difficulty": [0.5, 1.2]}, "difficulties"),
        ({"pacing": "slow"}, "'slow'"),
        ({"pacing": "stages"}, "'stages'"),
        ({"start": 0}, "start is 0"),
        ({"length": 1.5}, "length is 1.5"),
        ({"levels": 1}, "levels is 1"),
        ({"patience": 0}, "patience 0"),
        ({"stages": [{"until": 0.5}, {"until": 0.4}, {}]}, "'stage 2' ends at 0.4"),
        ({"stages": [{}, {}], "adaptive": False}, "`until`"),
        ({"stages": [{"domains": ["sea"]}]}, "'sea'"),
        ({"stages": [{"domains": ["none"]}]}, "admits no row"),
        ({"stages": [{"colour": 1}]}, "colour"),
        ({"stages": [{"max_difficulty": 2}]}, "max_difficulty is 2"),
        ({"stages": [{"milestones": {"eq": 0.5}}]}, "milestone eq"),
    ],
)
def test_a_setting_that_cannot_be_is_named(options, words):
    with pytest.raises(ValueError, match=words):
        Curriculum(**{"difficulty": HARD, "groups": GROUPS} | options)


def test_an_unknown_length_of_the_run_is_named():
    with pytest.raises(RuntimeError, match="begin"):
        Curriculum(HARD, adaptive=False).at(3)
