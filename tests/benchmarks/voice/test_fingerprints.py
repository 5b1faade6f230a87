import json
from functools import partial

import numpy as np
import pytest

from pixel.benchmarks.voice import fingerprints as benchmark
from pixel.benchmarks.voice.fingerprints import calibration_error, fingerprints, read_heard, scores
from pixel.benchmarks.voice.other_speakers import annomi_therapists, meld_characters, other_speakers
from pixel.benchmarks.voice.spoken_meetings import one_meeting_a_group
from pixel.voice.personality.fingerprint.ami import Pairs, Speaker
from pixel.voice.personality.fingerprint.fitting import Settings
from tests.voice.personality.fingerprint.planted import planted


def test_planted_speakers_are_told_apart_by_the_fingerprint_on_words_and_on_what_was_heard(tmp_path, monkeypatch):
    few = partial(benchmark.bootstrap_interval, resamples=40)
    monkeypatch.setattr(benchmark, "bootstrap_interval", few)
    (tmp_path / "ami").mkdir()
    said = planted(groups=5, words=1300)
    for one in said:
        (tmp_path / "ami" / f"{one.meeting}.{one.channel}.transcript.txt").write_text(one.text, encoding="utf-8")
    (tmp_path / "heard").mkdir()
    for one in (one for one in said if one.group == "XX0001"):
        row = {"meeting": one.meeting, "channel": one.channel, "words": 1300, "heard": one.text}
        (tmp_path / "heard" / f"{one.channel}.json").write_text(json.dumps(row), encoding="utf-8")
    small = Settings(step=300, restyled=0, components=20)
    rows = fingerprints(tmp_path, tmp_path / "heard", lengths=(300,), only=["fingerprint"], settings=small)
    found = {(row["text"], row["pairs"]): row for row in rows}
    words = found["words", "next"]
    assert words["n"] == 5 * 120 and words["same"] == 5 * 24 and words["groups"] == 5
    assert words["auc"] > 0.9 and words["low"] <= words["auc"] <= words["high"] and 0 <= words["ece"] < 0.2
    assert found["heard by a machine", "next"]["auc"] == found["words of those heard", "next"]["auc"] > 0.9
    assert found["words", "apart"]["n"] == 5 * (8 * 8)


def test_scores_count_pairs_and_groups():
    found = scores(Pairs(np.array([0.9, 0.1, 0.8, 0.2]), np.array([True, False, False, True]), np.array(list("aabb"))))
    assert found["auc"] == 0.75 and (found["n"], found["same"], found["groups"]) == (4, 2, 2)


def test_a_calibration_that_holds_in_other_folds_has_a_small_error_and_a_shifted_one_a_large_one():
    rng = np.random.default_rng(0)

    def part(shift):
        same = rng.random(3000) < 0.2
        return Pairs(np.where(same, 0.2, -0.2) + shift + 0.2 * rng.normal(size=3000), same, np.full(3000, "g"))

    assert calibration_error([part(0), part(0), part(0)], 300) < 0.05
    assert calibration_error([part(0), part(0.6)], 300) > 0.2


def test_the_meeting_in_which_most_was_said_stands_for_its_group():
    said = [Speaker("G", "Ga", "A", "x " * 50), Speaker("G", "Gb", "A", "x " * 40), Speaker("G", "Gb", "B", "x " * 30)]
    assert [one.meeting for one in one_meeting_a_group(said)] == ["Gb", "Gb"]
    assert [one.meeting for one in one_meeting_a_group(said, words=20)] == ["Gb", "Gb"]
    assert [one.meeting for one in one_meeting_a_group(said[:2])] == ["Ga"]


def test_what_was_heard_is_read_by_meeting_and_channel(tmp_path):
    (tmp_path / "Ga.A.json").write_text(json.dumps({"meeting": "Ga", "channel": "A", "words": 9, "heard": "so"}))
    assert read_heard(tmp_path) == {("Ga", "A"): "so"}


def test_speakers_of_different_places_are_never_compared():
    texts = {"one": {"A": "x x x x", "B": "y y"}, "two": {"A": "x x"}}
    found = other_speakers(texts, lambda text: np.array([1.0, 0.0] if "x" in text else [0.0, 1.0]), 2)
    assert (found["n"], found["same"], found["auc"]) == (3, 1, 1.0)


def test_utterances_that_several_people_labelled_are_read_once(tmp_path):
    (tmp_path / "annomi").mkdir()
    rows = [
        "transcript_id,utterance_id,interlocutor,topic,utterance_text",
        "0,0,therapist,drink,so",
        "0,0,therapist,drink,so",
    ]
    (tmp_path / "annomi" / "annomi-full.csv").write_text("\n".join([*rows, "0,1,client,drink,yes"]), encoding="utf-8")
    assert annomi_therapists(tmp_path) == {"drink": {"0": "so"}}


def test_characters_with_few_words_are_left_out(tmp_path):
    (tmp_path / "meld").mkdir()
    (tmp_path / "meld" / "train.csv").write_text("Speaker,Utterance\nA,x y z\nB,x\nA,w\n", encoding="utf-8")
    assert meld_characters(tmp_path, least=4) == {"MELD": {"A": "x y z w"}}
    with pytest.raises(FileNotFoundError):
        meld_characters(tmp_path / "nowhere")
