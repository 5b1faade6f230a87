import numpy as np
import pytest

from pixel.benchmarks.voice.markers import HEADER, compared, how_many_reliable, reliabilities


def test_markers_that_come_through_are_first_and_shifts_are_in_deviations():
    generator = np.random.default_rng(0)
    true, noise = generator.normal(size=60), generator.normal(size=60)
    written = [{"kept": value, "lost": value, "null": None} for value in true]
    heard = [{"kept": value + 1, "lost": other, "null": 1.0} for value, other in zip(true, noise, strict=True)]
    rows = compared(written, heard)
    assert [row["marker"] for row in rows] == ["kept", "lost"]
    assert rows[0]["rho"] == pytest.approx(1) and rows[0]["shift"] == pytest.approx(1 / true.std())
    assert rows[1]["low"] < 0.1 and abs(rows[1]["rho"]) < 0.3


def test_the_shipped_table_is_told_by_length_and_reliability():
    rows = reliabilities()
    assert all(set(row) == set(HEADER) for row in rows)
    order = [(row["words"], -(row["reliability"] or -1)) for row in rows]
    assert order == sorted(order)


def test_longer_samples_have_more_reliable_markers():
    counts = [row["reliable"] for row in how_many_reliable()]
    assert counts == sorted(counts) and counts[-1] > counts[0]
