from zlib import crc32

import numpy as np
import pytest

from pixel.voice.personality.marker_reliability import Speaker, discriminability, measure, reliability


def planted(speakers=2000, own=1.0, chance=1.0, place=0.0, seed=0):
    """Two samples of speakers in fours, with known variances."""
    generator = np.random.default_rng(seed)
    places = np.repeat(np.arange(speakers // 4), 4)
    true = generator.normal(0, own, speakers) + generator.normal(0, place, speakers // 4)[places]
    return (
        true + generator.normal(0, chance, speakers),
        true + generator.normal(0, chance, speakers),
        places.astype(str),
    )


def test_reliability_is_the_speakers_share_of_the_variance():
    first, last, places = planted(own=1.0, chance=0.5)
    assert reliability(first, last, places).value == pytest.approx(1 / 1.25, abs=0.03)


def test_what_a_place_has_in_common_is_no_stability_of_speakers():
    first, last, places = planted(own=0.0, chance=1.0, place=3.0)
    assert abs(reliability(first, last, places).value) < 0.06
    assert reliability(first, last).value == pytest.approx(0.9, abs=0.03)


def test_without_places_it_is_the_one_way_intraclass_correlation():
    from scipy.stats import f_oneway

    first, last, _ = planted(40)
    ratio = f_oneway(*zip(first, last, strict=True)).statistic  # mean square between over within
    assert reliability(first, last).value == pytest.approx((ratio - 1) / (ratio + 1))


def test_speakers_without_a_value_are_left_out():
    first, last, places = planted(400)
    with_gaps = np.where(np.arange(len(first)) % 7 == 0, np.nan, first)
    kept = ~np.isnan(with_gaps)
    assert reliability(with_gaps, last, places) == reliability(first[kept], last[kept], places[kept])


def test_few_speakers_or_no_variance_are_undefined():
    assert reliability(np.ones(5), np.ones(5)).value is None
    assert reliability(np.ones(50), np.ones(50)).reason == "nothing varies"


def test_discriminability_counts_pairs_like_an_auc():
    from sklearn.metrics import roc_auc_score

    first, last, places = planted(40, own=1.5)
    same = [(1, -abs(first[at] - last[at])) for at in range(40)]
    other = [(0, -abs(first[a] - last[b])) for a in range(40) for b in range(40) if a != b and places[a] == places[b]]
    targets, scores = zip(*same, *other, strict=True)
    assert discriminability(first, last, places).value == pytest.approx(roc_auc_score(targets, scores))


def test_a_marker_that_says_nothing_tells_nobody_apart():
    first, last, places = planted(own=0.0)
    assert discriminability(first, last, places).value == pytest.approx(0.5, abs=0.02)


def talker(habit: str, seed: int, sentences: int = 90) -> str:
    """Says `habit` in most sentences; every sentence has six to ten words."""
    generator = np.random.default_rng(seed)
    out = []
    for _ in range(sentences):
        body = " ".join(f"w{generator.integers(50)}" for _ in range(generator.integers(5, 9)))
        out.append(f"{habit if generator.random() < 0.8 else 'other'} {body}.")
    return " ".join(out)


@pytest.fixture(scope="module")
def table():
    speakers = [Speaker(talker(f"h{n % 4}", n), f"m{n // 4}", f"g{n // 8}") for n in range(40)]

    def markers(text):
        said = text.split()
        return {"habit": 100 * said.count("h1") / len(said), "noise": float(crc32(text.encode()) % 997), "same": 1.0}

    return measure(speakers, markers, "planted", lengths=(150, 5000), resamples=40)


def test_a_habit_is_reliable_stable_and_tells_speakers_apart(table):
    habit = table["lengths"]["150"]["habit"]
    assert habit["reliability"] > 0.9 and habit["stability"] > 0.9 and habit["auc"] > 0.6
    assert habit["low"] <= habit["reliability"] <= habit["high"]


def test_noise_is_not_reliable(table):
    noise = table["lengths"]["150"]["noise"]
    assert noise["low"] < 0 < noise["high"] + 0.3 and noise["reliability"] < 0.5


def test_lengths_that_nobody_reaches_and_constants_are_left_out(table):
    assert set(table["lengths"]) == {"150"} and "same" not in table["lengths"]["150"]


def test_sessions_of_one_group_are_never_taken_for_two_people():
    # ten people, four sessions each, compared with everybody: each one's samples are alike in all sessions
    speakers = [Speaker(talker(f"h{n // 4}", n), "all", f"person {n // 4}") for n in range(40)]

    def habit(text):
        return {"which": float(max(range(10), key=lambda n: text.count(f"h{n} ")))}

    row = measure(speakers, habit, "planted", lengths=(150,), nested=False, resamples=20)["lengths"]["150"]["which"]
    assert row["auc"] == 1.0
