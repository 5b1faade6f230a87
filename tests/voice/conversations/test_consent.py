"""What may be pushed."""

import datetime

import pytest

from pixel.data.errors import ConversationError
from pixel.voice.conversations.consent import lacks, refuse_push, withdrawn
from tests.voice.conversations.conftest import CONSENT

TODAY = datetime.date(2026, 6, 1)


def facts(**changes):
    return {"file": "a.wav", "consent": CONSENT | changes}


def test_recorded_consent_to_training_lets_a_private_push_pass_and_a_public_one_not():
    assert lacks(facts(), today=TODAY) is None
    assert lacks(facts(), public=True, today=TODAY) == "consent leaves out publication"
    assert lacks(facts(scope=["training", "publication"]), public=True, today=TODAY) is None


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ({"file": "a.wav"}, "no recorded consent"),
        ({"file": "a.wav", "consent": "yes, she said so"}, "no recorded consent"),
        ({"file": "a.wav", "consent": CONSENT | {"evidence": None}}, "no recorded consent"),
        (facts(scope=["transcription"]), "consent leaves out training"),
        (facts(date="2027-01-01"), "consent begins on 2027-01-01"),
        (facts(withdrawn="2026-05-31"), "consent withdrawn"),
    ],
)
def test_what_is_not_recorded_in_full_is_refused(given, reason):
    assert lacks(given, today=TODAY) == reason


def test_consent_is_withdrawn_from_its_day_on():
    assert withdrawn(facts(withdrawn="2026-06-01"), TODAY)
    assert not withdrawn(facts(withdrawn="2026-06-02"), TODAY)
    assert withdrawn(facts(withdrawn="some day"), TODAY)


def test_the_refusal_says_how_many_why_and_what_to_do():
    with pytest.raises(ConversationError, match="2 files.*no recorded consent: 2.*--only_consented"):
        refuse_push([{"file": "a.wav"}, facts(), {"file": "b.wav"}])
    refuse_push([facts()])
