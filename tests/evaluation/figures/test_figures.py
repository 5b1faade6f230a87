"""What is drawn: the numbers that were given, gaps where there are none, and no words of a conversation."""

import numpy as np
import pytest

from pixel.evaluation import figures
from pixel.models.labels import EQ_DOMAINS


def lines(axis):
    return [line.get_ydata() for line in axis.get_lines() if len(line.get_ydata())]


def words(figure):
    return " ".join(text.get_text() for text in figure.findobj(lambda artist: hasattr(artist, "get_text")))


def test_a_radar_has_every_domain_of_a_version_and_closes():
    figure = figures.eq_radar({"one": {domain: 0.1 * n for n, domain in enumerate(EQ_DOMAINS, start=1)}})
    (drawn,) = lines(figure.axes[0])
    np.testing.assert_allclose(drawn, [0.1, 0.2, 0.3, 0.4, 0.5, 0.1])


def test_a_domain_that_was_not_measured_is_a_gap_and_the_legend_says_so():
    figure = figures.eq_radar({"one": {EQ_DOMAINS[0]: 0.6, EQ_DOMAINS[1]: -0.2}})
    (drawn,) = lines(figure.axes[0])
    assert drawn[0] == 0.6 and drawn[1] == 0.0 and np.isnan(drawn[2])
    assert figure.legends[0].get_texts()[0].get_text() == "one (2 of 5 domains)"


@pytest.mark.parametrize(
    "figure",
    [
        lambda: figures.eq_radar({"one": {}}),
        lambda: figures.curves({}),
        lambda: figures.conflict_map({"balance_conflict_fraction": [[1, 0.5]]}),
        lambda: figures.persona_timeline([{"role": "user"}]),
        lambda: figures.readout_track([{"role": "user"}]),
        lambda: figures.empathy_progression([{"step": 1, "dimension": "a", "value": None}]),
        lambda: figures.difference_plot([{"task": "t", "metric": "m", "difference": None}]),
        lambda: figures.item_changes([], []),
        lambda: figures.agreement_bars({}),
    ],
)
def test_where_there_is_nothing_a_sentence_says_why(figure):
    drawn = figure()
    assert not drawn.axes and len(drawn.texts[0].get_text().split()) > 4


def test_a_curve_skips_what_was_not_logged():
    figure = figures.curves({"loss": [[1, 3.0], [2, None], [3, 1.0]]})
    (drawn,) = lines(figure.axes[0])
    assert drawn[0] == 3.0 and np.isnan(drawn[1]) and drawn[2] == 1.0


def test_conflicts_keep_a_step_that_measured_only_some_pairs():
    figure = figures.conflict_map({"a_b": [[5, -0.4], [10, 0.2]], "a_c": [[10, 0.1]]})
    grid = figure.axes[0].collections[0].get_array().reshape(2, 2)
    assert grid[0, 0] == -0.4 and grid[1, 1] == 0.1
    assert np.ma.getmaskarray(grid).tolist() == [[False, False], [True, False]]


def turn(mode, **more):
    rest = {"therapy": 0.1, "assistant": 0.1, "hybrid": 0.1} | {mode: 0.8}
    return {"role": "user", "persona": {"mode": rest, "switch": 0.3}} | more


def test_a_timeline_marks_the_turn_before_which_the_mode_changes():
    figure = figures.persona_timeline([turn("assistant"), turn("assistant"), turn("therapy")])
    marks = [line.get_xdata()[0] for line in figure.axes[0].get_lines() if len(set(line.get_xdata())) == 1]
    assert marks == [1.5]


def test_a_track_draws_risk_as_the_sum_of_the_levels_from_the_cut_on():
    turns = [{"role": "user", "risk": {"severity": [0.4, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1]}}]
    first, second = lines(figures.readout_track(turns).axes[0])
    assert first[0] == pytest.approx(0.6) and second[0] == pytest.approx(0.3)


def test_a_track_draws_the_expected_level_of_a_mechanism_and_gaps_where_it_was_not_read():
    turns = [{"role": "user"}, {"role": "assistant", "empathy": {"explorations": [0.2, 0.3, 0.5]}}]
    (drawn,) = lines(figures.readout_track(turns).axes[0])
    assert np.isnan(drawn[0]) and drawn[1] == pytest.approx(1.3)


def test_no_figure_of_a_conversation_carries_its_words():
    said = turn("therapy", content="my secret", emotion={"labels": {"fear": 0.9}, "vad": {}})
    for figure in (figures.persona_timeline([said]), figures.readout_track([said])):
        assert "secret" not in words(figure)
    assert "fear" in words(figures.readout_track([said]))


def test_right_is_better_even_where_less_is_better():
    change = {"task": "t", "metric": "error", "difference": -0.2, "low": -0.3, "high": -0.1, "verdict": "improved"}
    figure = figures.difference_plot([change | {"higher_is_better": False}])
    dot = next(line for line in figure.axes[0].get_lines() if line.get_marker() == "o")
    assert dot.get_xdata()[0] == pytest.approx(0.2)


def test_flagged_changes_come_before_larger_ones_that_are_not():
    change = {"task": "t", "low": None, "high": None}
    rows = [
        change | {"metric": "large", "difference": 0.9, "verdict": "not shown"},
        change | {"metric": "worse", "difference": -0.1, "verdict": "regressed"},
    ]
    labels = [text.get_text() for text in figures.difference_plot(rows).axes[0].get_yticklabels()]
    assert labels == ["t: worse", "t: large"]


def test_an_anomaly_is_ringed_and_versions_stay_in_their_order():
    points = [
        {"step": step, "dimension": "warmth", "value": value, "low": None, "high": None, "anomaly": step == "v10"}
        for step, value in [("v9", 0.2), ("v10", 0.9)]
    ]
    axis = figures.empathy_progression(points).axes[0]
    line, ring = axis.get_lines()
    assert line.get_ydata().tolist() == [0.2, 0.9]
    assert ring.get_xdata().tolist() == [1]


def test_undefined_agreement_shows_its_reason_and_no_bar():
    figure = figures.agreement_bars(
        {"safety": {"alpha": None, "reason": "all ratings are the same", "n": 9}, "empathy": {"alpha": 0.4, "n": 9}}
    )
    assert len(figure.axes[0].patches) == 1
    assert "all ratings are the same" in words(figure)


def test_a_page_escapes_what_it_is_given_and_needs_nothing_else():
    figure = figures.png(figures.curves({"loss": [[1, 3.0]]}))
    page = figures.figure_page("<script>", [("a <b>", figure, [["x"], ["<img src=x>"], [None]])])
    assert "<script>" not in page and "<img src=x>" not in page and "&lt;script&gt;" in page
    assert "http" not in page.replace("http-equiv", "") and "data:image/png;base64," in page


def test_a_png_is_one():
    assert figures.png(figures.curves({"loss": [[1, 3.0]]}))[:8] == b"\x89PNG\r\n\x1a\n"
