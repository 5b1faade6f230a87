import pytest

from pixel.voice.personality.reference import (
    QUANTILES,
    REFERENCES,
    Reference,
    reference,
    stepped_up,
    survives,
    transcribed,
)

ROW = {
    "speakers": 50, "mean": 10.0, "spread": 2.0, "quantiles": [float(share * 100) for share in QUANTILES],
    "reliability": 0.4, "low": 0.2, "high": 0.6, "stability": -0.1, "stability_low": -0.3, "stability_high": 0.1,
    "auc": 0.6, "auc_low": 0.5, "auc_high": 0.7,
}  # fmt: skip


@pytest.fixture
def usual():
    return Reference({"about": "planted", "lengths": {"150": {"speech.a": ROW}, "300": {"speech.a": ROW}}})


def test_the_percentile_is_read_between_quantiles(usual):
    assert usual.standing("speech.a", 25.0, 300).percentile == pytest.approx(0.25)
    assert usual.standing("speech.a", -5.0, 300).percentile == 0.01
    assert usual.standing("speech.a", 500.0, 300).percentile == 0.99


def test_a_value_that_many_share_lies_in_the_middle_of_them():
    many = ROW | {"quantiles": [0.0] * 7 + [1.0, 2.0, 3.0, 4.0, 5.0, 6.0]}
    found = Reference({"about": "", "lengths": {"150": {"speech.a": many}}}).standing("speech.a", 0.0, 150)
    assert found.percentile == pytest.approx((0.01 + 0.5) / 2)


def test_the_longest_length_that_the_text_reaches_is_taken(usual):
    assert [usual.standing("speech.a", 10, words).words for words in (150, 299, 300, 9000)] == [150, 150, 300, 300]


def test_reliability_grows_with_the_text_by_spearman_brown(usual):
    assert usual.standing("speech.a", 10, 600).reliability == pytest.approx(2 * 0.4 / 1.4)
    assert usual.standing("speech.a", 10, 600).stability == -0.1


def test_longer_texts_than_four_times_promise_no_more():
    assert stepped_up(0.4, 9) == stepped_up(0.4, 4) and stepped_up(None, 2) is None


def test_short_texts_nulls_and_unmeasured_markers_stand_nowhere(usual):
    assert usual.standing("speech.a", 10, 149) is None
    assert usual.standing("speech.a", None, 300) is None
    assert usual.standing("speech.b", 10, 300) is None


@pytest.mark.parametrize("name", REFERENCES)
def test_what_is_shipped_can_be_read_and_is_ordered(name):
    shipped = reference(name)
    assert shipped.least_words == 150
    for rows in shipped.lengths.values():
        for row in rows.values():
            assert row["quantiles"] == sorted(row["quantiles"]) and len(row["quantiles"]) == len(QUANTILES)
            assert row["speakers"] >= 30


def test_an_unknown_reference_is_named():
    with pytest.raises(ValueError, match="no reference 'friends'.*meetings"):
        reference("friends")


def test_a_marker_survives_a_transcript_if_its_order_and_its_place_do(monkeypatch):
    from pixel.voice.personality import reference as module

    rows = {"kept": (0.9, 0.1), "shuffled": (0.3, 0.0), "moved": (0.9, -0.9)}
    table = {name: {"rho": rho, "shift": shift} for name, (rho, shift) in rows.items()}
    monkeypatch.setattr(module, "transcribed", lambda: table)
    assert [survives(name) for name in ("kept", "shuffled", "moved", "unmeasured")] == [True, False, False, False]


def test_the_shipped_table_of_transcripts_names_measured_markers():
    measured = set(next(iter(reference().lengths.values())))
    assert transcribed() and set(transcribed()) <= measured
