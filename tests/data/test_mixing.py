from collections import Counter

import pytest
from datasets import Dataset

from pixel.data.mixing import mix, mixture_sizes, objectives_of


def corpus(name, size, **labels):
    return Dataset.from_list([{"id": f"{name}{number}", "source": name, **labels} for number in range(size)])


def test_temperature_one_keeps_the_sizes():
    assert mixture_sizes({"a": 900, "b": 100}) == {"a": 900, "b": 100}


def test_a_higher_temperature_evens_the_shares_out():
    # square roots 30 and 10: three quarters and one quarter of 1000
    assert mixture_sizes({"a": 900, "b": 100}, temperature=2) == {"a": 750, "b": 250}
    even = mixture_sizes({"a": 900, "b": 100}, temperature=1e9, total=200)
    assert even == {"a": 100, "b": 100}


def test_empty_corpora_are_left_out_and_tiny_ones_give_a_row():
    assert mixture_sizes({"a": 10_000, "b": 1, "c": 0}, total=100) == {"a": 100, "b": 1}


@pytest.mark.parametrize("temperature", [0, -1])
def test_a_temperature_that_is_not_positive_is_an_error(temperature):
    with pytest.raises(ValueError, match=f"temperature is {temperature}; it must be above 0"):
        mixture_sizes({"a": 1}, temperature)


def test_nothing_to_mix_is_an_error():
    with pytest.raises(ValueError, match="every corpus is empty"):
        mixture_sizes({"a": 0})


def test_a_corpus_repeats_whole_before_any_row_comes_a_third_time():
    mixed = mix({"a": corpus("a", 80), "b": corpus("b", 20)}, temperature=1e9, total=100)
    counts = Counter(mixed["id"])
    assert Counter(mixed["source"]) == {"a": 50, "b": 50}
    assert all(counts[f"b{number}"] in (2, 3) for number in range(20))
    assert max(counts[f"a{number}"] for number in range(80)) == 1


def labelled():
    return {
        "plain": corpus("plain", 100, risk=None, persona_mode=None),
        "risk": corpus("risk", 5, risk=[1], persona_mode=None),
        "mode": corpus("mode", 4, risk=None, persona_mode=[0]),
    }


def test_every_quota_holds_at_once():
    mixed = mix(labelled(), quotas={"clinical": 0.3, "persona": 0.3})
    shares = {name: rows.mean() for name, rows in objectives_of(mixed).items()}
    assert shares["clinical"] >= 0.3 and shares["persona"] >= 0.3
    assert shares["clinical"] < 0.33 and shares["persona"] < 0.33  # no more than it takes
    assert set(mixed["id"]) == {row for part in labelled().values() for row in part["id"]}


def test_a_quota_already_met_adds_nothing():
    assert len(mix(labelled(), quotas={"clinical": 0.01})) == 109


def test_a_quota_that_cannot_be_met_is_an_error():
    with pytest.raises(ValueError, match="quota for 'empathy', but no row is labelled for it"):
        mix(labelled(), quotas={"empathy": 0.1})
    with pytest.raises(ValueError, match="quotas sum to 1.00; they must leave room below 1"):
        mix(labelled(), quotas={"clinical": 0.5, "persona": 0.5})


def test_a_token_to_learn_counts_for_language():
    data = Dataset.from_list([{"labels": [-100, -100]}, {"labels": [-100, 4]}])
    assert objectives_of(data)["language"].tolist() == [False, True]


def test_the_seed_decides_the_order():
    def drawn(seed):
        return mix(labelled(), temperature=2, quotas={"clinical": 0.2}, seed=seed)["id"][:]

    assert drawn(0) == drawn(0) != drawn(1)
