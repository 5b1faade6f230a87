import json
from pathlib import Path

import numpy as np
import pytest
import yaml

from pixel.clinical.crisis import KINDS, CrisisDetector, voices
from pixel.clinical.crisis.detector import join
from pixel.clinical.crisis.model_voice import risk_voice
from pixel.data.errors import ConversationError

SENTENCES = yaml.safe_load((Path(__file__).parent / "idioms.yaml").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def detector():
    return CrisisDetector(encoder=False)


def test_a_hundred_idioms_negations_and_sentences_of_others_are_all_but_never_flagged(detector):
    texts = [text for group in SENTENCES.values() for text in group]
    flagged = [text for text, one in zip(texts, detector.read(texts), strict=True) if one.flag]
    assert len(texts) == 100 and len(flagged) <= 6, flagged


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("I'm going to kill myself tonight, I have the pills here.", "suicide"),
        ("I took 40 pills of paracetamol an hour ago.", "overdose"),
        ("I'm going to shoot my boss tomorrow.", "harm_to_others"),
        ("My husband hits me when he is drunk and I'm scared of him.", "abuse"),
        ("The voices in my head won't stop and they are watching me.", "psychosis"),
        ("I make myself throw up after every meal.", "disordered_eating"),
        ("I keep cutting myself on my arms.", "self_harm"),
        ("We had pasta and watched a film.", "none"),
    ],
)
def test_the_kind_of_crisis_is_named(detector, text, kind):
    one = detector.read([text])[0]
    assert one.kind == kind and one.flag == (kind != "none") and kind in KINDS


def test_severity_is_a_distribution_that_rises_with_the_rung(detector):
    calm, wish, act = detector.read(
        ["I like gardening.", "I wish I was dead.", "I took the pills and wrote the note, I tried to kill myself."]
    )
    expected = [float(np.arange(7) @ one.severity) for one in (calm, wish, act)]
    assert expected == sorted(expected) and expected[2] > 4
    assert all(sum(one.severity) == pytest.approx(1, abs=1e-4) for one in (calm, wish, act))


def test_what_stands_beside_a_message_does_not_change_it(detector):
    texts = ["I feel suicidal.", "Nice weather. " * 300, ""]
    together = detector.read(texts)
    assert [detector.read([text])[0] for text in texts] == together


def test_abstaining_never_hides_a_rule_that_fires(detector):
    one = detector.read(["quiero morir, no quiero vivir con esta tristeza tan grande y oscura"])[0]
    assert one.abstain and one.flag and one.kind == "suicide" and "abstain:other_language" in one.reasons
    empty = detector.read([""])[0]
    assert empty.abstain and not empty.flag and empty.kind == "none"


def test_a_cry_for_help_in_the_middle_of_a_hundred_thousand_characters_is_found(detector):
    talk = "We walked along the river and talked about the garden. "
    text = talk * 300 + "I am going to kill myself tonight, I have a plan and the rope. " + talk * 300
    assert len(text) > 30_000 and detector.read([text])[0].flag


def test_reasons_never_repeat_what_was_said(detector):
    one = detector.read(["Zanzibar marmalade, I want to kill myself with the Zanzibar rope tonight."])[0]
    assert one.reasons and not any("zanzibar" in reason.lower() for reason in one.reasons)
    json.dumps(one.record())


def test_a_model_is_averaged_in(detector):
    sure = np.array([[0, 0, 0, 0, 0, 0, 1.0]])
    with_model = CrisisDetector(encoder=False, model=lambda texts: np.repeat(sure, len(texts), axis=0))
    text = ["I feel low today."]
    assert sum(with_model.read(text)[0].severity[4:]) > sum(detector.read(text)[0].severity[4:])


def test_the_risk_head_reads_each_text_as_one_turn():
    class Reader:
        def read(self, conversations):
            return [[{"risk": {"severity": [1, 0, 0, 0, 0, 0, len(c[0]["content"])]}}] for c in conversations]

    assert risk_voice(Reader())(["abc", ""])[:, 6].tolist() == [3, 1]


def test_windows_are_joined_half_by_the_strongest():
    assert join(np.array([[0.0] * 6, [4.0] * 6])).tolist() == [3.0] * 6


def test_weights_survive_saving_and_other_rules_are_refused(tmp_path, monkeypatch):
    loaded = voices.load()
    voices.save(loaded, tmp_path)
    again = voices.load(tmp_path)
    assert again.thresholds == loaded.thresholds and np.array_equal(again.text.weights, loaded.text.weights)
    monkeypatch.setattr(voices, "rule_names", lambda: ["another"])
    with pytest.raises(ConversationError, match="other rules"):
        voices.load(tmp_path)


def test_missing_weights_are_told(tmp_path):
    with pytest.raises(ConversationError, match="Mend"):
        voices.load(tmp_path)


def test_weights_hold_no_text_and_are_small():
    assert sum(file.stat().st_size for file in voices.WEIGHTS.iterdir()) < 4_000_000


def test_a_swallowed_bottle_is_an_overdose_and_a_bottle_of_water_is_not(detector):
    taken, water = detector.read(["I took the whole bottle an hour ago.", "I took the whole bottle of water with me."])
    assert taken.flag and taken.kind == "overdose"
    assert water.kind != "overdose"


def test_a_short_sentence_of_another_language_is_abstained_from(detector):
    for text in ("Je veux mourir, je n'en peux plus.", "Ich kann heute leider nicht kommen."):
        assert detector.read([text])[0].abstain
