import numpy as np
import pytest

from pixel.voice.report.measures import histograms, values_of
from pixel.voice.segment import Segment, Word


def made(count=100):
    return [
        Segment("a.wav", 10.0 * n, 10.0 * n + 5, "one two three", (Word(" one", 0, 1, n / count),),
                quality={"snr_db": float(n), "own_measure": None if n % 2 else 1.0})
        for n in range(count)
    ]  # fmt: skip


def test_values_are_those_of_the_segments():
    found = values_of(made())
    np.testing.assert_array_equal(found["snr_db"], np.arange(100.0))
    assert set(found["words_per_minute"]) == {36.0}  # three words in five seconds
    assert np.isnan(found["own_measure"][1]) and found["own_measure"][2] == 1.0


def test_a_histogram_counts_every_known_value_once():
    rows = {row["name"]: row for row in histograms(made())}
    snr = rows["snr_db"]
    assert sum(snr["counts"]) == snr["n"] == 100 and snr["missing"] == 0
    assert (snr["low"], snr["median"], snr["high"]) == pytest.approx((4.95, 49.5, 94.05))
    assert len(snr["edges"]) == len(snr["counts"]) + 1
    assert (rows["own_measure"]["n"], rows["own_measure"]["missing"]) == (50, 50)


def test_measures_nobody_took_are_left_out_and_known_ones_come_first():
    names = [row["name"] for row in histograms(made())]
    assert "agreement" not in names
    assert names[0] == "snr_db" and names[-1] == "own_measure"


def test_one_value_for_all_is_a_histogram_too():
    rows = {row["name"]: row for row in histograms(made())}
    assert sum(rows["words_per_minute"]["counts"]) == 100
    assert histograms([]) == []
