"""The mechanism reader and what stands around it, with an encoder that only knows words."""

import hashlib

import numpy as np
import pytest

from pixel.empathy.exchanges import Exchange, exchanges, lengths_of, levels_of
from pixel.empathy.human_baselines import distress_changes, shipped_baselines
from pixel.empathy.mechanism_fit import fit_mechanisms, keep, out_of_fold
from pixel.empathy.mechanisms import MechanismReader, apply, mechanism_features, unseen
from pixel.empathy.paraphrases import paraphrase_sets
from pixel.empathy.profile import PROFILE, profiles, specificity_of
from pixel.empathy.subgroups import by_named_group, by_named_groups, named_groups, topic_group
from tests.evaluation.parts import talk


class WordEncoder:
    """Every word has a random direction; a text is the mean of its words."""

    size = 384

    def encode(self, texts):
        return np.stack([self._of(text) for text in texts])

    def _of(self, text):
        seeds = [int(hashlib.sha256(word.strip(".,?!").lower().encode()).hexdigest()[:8], 16) for word in text.split()]
        total = sum(np.random.default_rng(seed).normal(size=self.size) for seed in seeds or [0])
        return (total / np.linalg.norm(total)).astype(np.float32)


def test_exchanges_are_replies_to_people_with_their_levels():
    row = talk("1", "I lost my job", "Oh no.", "Yes", "Tell me.", explorations=[None, 0, None, 2])
    found = exchanges([row])
    assert [(one.message, one.reply) for one in found] == [("I lost my job", "Oh no."), ("Yes", "Tell me.")]
    levels = levels_of(found)
    assert levels[:, 2].tolist() == [0, 2] and np.isnan(levels[:, :2]).all()
    assert lengths_of(found) == pytest.approx(np.log([3, 3]))


def test_a_planted_mechanism_is_read_in_threads_that_were_not_fitted_on():
    draw = np.random.default_rng(0)
    features = draw.normal(size=(600, 12))
    levels = np.clip(np.round(features[:, :3] + 1), 0, 2)
    levels[::7, 0] = np.nan
    groups = draw.integers(0, 100, size=600).astype(str)
    read = out_of_fold(features, levels, groups)
    known = ~np.isnan(levels[:, 0])
    assert np.corrcoef(read[known, 0], levels[known, 0])[0, 1] > 0.8
    noise = out_of_fold(features, draw.permutation(levels), groups)
    assert abs(np.corrcoef(noise[:, 1], levels[:, 1])[0, 1]) < 0.2
    assert read.min() >= 0 and read.max() <= 2


def test_ridge_weights_equal_those_of_scikit_learn():
    from sklearn.linear_model import Ridge

    draw = np.random.default_rng(0)
    features, levels = draw.normal(size=(80, 5)), draw.integers(0, 3, size=(80, 1)).astype(float)
    ours = fit_mechanisms(features, levels, penalty=3.0)
    theirs = Ridge(alpha=3.0).fit(features, levels[:, 0])
    np.testing.assert_allclose(ours["weight"][:, 0], theirs.coef_, rtol=1e-9)
    assert ours["bias"][0] == pytest.approx(theirs.intercept_)


def test_as_many_are_read_as_present_as_people_saw():
    draw = np.random.default_rng(0)
    features = draw.normal(size=(500, 4))
    levels = (features[:, :1] + draw.normal(size=(500, 1)) > 0.8).astype(float)
    tensors = fit_mechanisms(features, levels)
    read = apply(tensors, features) >= tensors["present"]
    assert read.mean() == pytest.approx((levels >= 1).mean(), abs=0.01)


def test_what_nobody_showed_is_never_read_as_present():
    tensors = fit_mechanisms(np.random.default_rng(0).normal(size=(50, 3)), np.zeros((50, 1)))
    assert tensors["present"].tolist() == [np.inf]


def test_weights_are_kept_and_read_again(tmp_path):
    pairs = [Exchange(str(n), str(n), "I am sad", "so sorry " * (n % 3) + "indeed") for n in range(30)]
    features = mechanism_features(pairs, WordEncoder())
    levels = np.array([[n % 3, 0, 2 - n % 3] for n in range(30)], dtype=float)
    keep(fit_mechanisms(features, levels, 1.0), tmp_path / "folder" / "w.safetensors")
    reader = MechanismReader(tmp_path / "folder" / "w.safetensors", WordEncoder())
    assert np.corrcoef(reader.read(pairs)[:, 0], levels[:, 0])[0, 1] > 0.9
    assert reader.read([]).shape == (0, 3)


def test_missing_weights_say_how_to_make_them(tmp_path):
    with pytest.raises(FileNotFoundError, match="recipes/empathy.py fit"):
        MechanismReader(tmp_path / "none.safetensors")


def test_the_shipped_reader_has_the_shape_of_its_features():
    reader = MechanismReader(encoder=WordEncoder())
    read = reader.read([Exchange("1", "1", "My cat died", "I am so sorry. What was it like?")])
    assert read.shape == (1, 3) and np.isfinite(reader.tensors["present"]).all()


def test_a_tenth_of_the_threads_is_unseen():
    share = np.mean([unseen(str(number)) for number in range(3000)])
    assert share == pytest.approx(0.1, abs=0.02)


def test_profiles_have_ten_finite_numbers_and_own_words_are_specific():
    pairs = [Exchange(word, word, f"my {word} hurts", f"your {word} hurts") for word in ("knee", "pride", "cat")]
    found = profiles(pairs, WordEncoder())
    assert found.shape == (3, len(PROFILE)) and np.isfinite(found).all()
    borrowed = [pair._replace(reply=other.reply) for pair, other in zip(pairs, pairs[1:] + pairs[:1], strict=True)]
    assert (specificity_of(pairs, WordEncoder()) > specificity_of(borrowed, WordEncoder(), pairs)).all()


def test_paraphrases_are_at_least_forty_sets_of_four_different_wordings():
    sets = paraphrase_sets()
    assert len(sets) >= 40 and {len(one.says) for one in sets} == {4}
    every = [text for one in sets for text in one.says]
    assert len(set(every)) == len(every)


def test_a_set_that_repeats_itself_is_refused(tmp_path):
    file = tmp_path / "sets.yaml"
    file.write_text('- {id: a, topic: x, says: ["one", "one"]}\n')
    with pytest.raises(ValueError, match="repeats a text"):
        paraphrase_sets(file)


def test_subgroups_are_named_by_words_and_not_by_parts_of_words():
    assert named_groups("My wife left; the other day she rang", "gender") == {"female"}
    assert named_groups("Shelter and history", "gender") == set()  # she, her, his are inside
    parts = by_named_group(["he", "she", "he and she", "nobody"], "gender")
    assert {name: rows.tolist() for name, rows in parts.items()} == {"female": [1], "male": [0], "none": [3]}
    assert named_groups("a black mood, a White lie", "ethnicity") == {"white"}
    every = by_named_groups(["she said"] + ["a Black man"] * 10 + ["a Roma man"])
    assert {name: len(rows) for name, rows in every.items()} == {
        "gender_words_female": 1, "gender_words_male": 11, "ethnicity_words_black": 10,
    }  # fmt: skip
    assert [topic_group(t) for t in ("reducing alcohol consumption", "asthma management", "charging battery")] == [
        "substances", "health", "other",
    ]  # fmt: skip


def test_change_of_distress_is_in_points_of_the_seekers_scale():
    row = talk("1", "bad", "oh", "better", distress=[1.0, None, 0.25])  # 5 to 2
    unrated = talk("2", "bad", "oh", "better")
    found = distress_changes([row, unrated])
    assert found[0] == pytest.approx(3.0) and np.isnan(found[1])


def test_shipped_figures_of_people_agree_with_the_published_order():
    known = shipped_baselines()
    assert known["annomi_reflections_high"]["mean"] > 2 * known["annomi_reflections_low"]["mean"]
    assert known["annomi_advice_low"]["mean"] > 5 * known["annomi_advice_high"]["mean"]
    assert known["epitome_emotional_reactions"]["mean"] == pytest.approx(0.389, abs=0.01)  # measured elsewhere too
    assert all(entry["n"] > 100 and entry["source"] for entry in known.values())
