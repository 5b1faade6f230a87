"""The load test of the expert review counts what it says it counts; the real thing, smaller, is slow."""

import pytest

from pixel.benchmarks.review_load import PASSWORD, compare, load_markdown, prepare, review_load, times
from pixel.review import ReviewDatabase

GOOD = {"clinical_accuracy": 4, "appropriateness": 4, "empathy": 4, "safety": 3}


def rated(folder):
    """Two people have each rated the one item; what they were told is handed back."""
    prepare(folder / "review.db", ["ann", "bob"], items=1, overlap=2)
    acknowledged = {}
    with ReviewDatabase(folder / "review.db") as store:
        assert store.sign_in("ann", PASSWORD)
        for name in ("ann", "bob"):
            given = store.next_item(name)
            store.submit(name, given.item_id, given.token, GOOD)
            acknowledged[name, given.item_id] = GOOD
    return acknowledged


def test_a_faithful_store_has_nothing_to_report(tmp_path):
    found = compare(tmp_path / "review.db", ["ann", "bob"], rated(tmp_path), overlap=2)
    assert found.pop("acknowledged") == found.pop("kept") == 2
    assert set(found.values()) == {0}


def test_lost_changed_unacknowledged_and_over_assigned_ratings_are_each_found(tmp_path):
    told = rated(tmp_path)
    pair = ("ann", "item-00000")
    found = compare(tmp_path / "review.db", ["ann", "bob"], {**told, ("ann", "item-00009"): GOOD}, overlap=1)
    assert found["lost"] == 1 and found["over_assigned"] == 1
    found = compare(tmp_path / "review.db", ["ann", "bob"], {pair: GOOD | {"empathy": 1}}, overlap=2)
    assert found["changed"] == 1 and found["unacknowledged"] == 1


def test_percentiles_are_of_the_calls():
    found = times([float(second) for second in range(1, 102)])
    assert (found["n"], found["p50"], found["p95"], found["max"]) == (101, 51.0, 96.0, 101.0)


@pytest.mark.slow
def test_no_acknowledged_rating_is_lost_or_doubled_when_the_server_is_killed(tmp_path):
    pytest.importorskip("gradio")
    result = review_load(tmp_path, reviewers=8, items=40, overlap=3, kills=2)
    print(f"\n{load_markdown(result)}")
    assert result["acknowledged"] == result["kept"] == result["wanted"] == 120
    assert [result[name] for name in ("lost", "changed", "doubled", "unacknowledged", "over_assigned")] == [0] * 5
