import pytest
import torch
from torch.testing import assert_close

from pixel.models import PersonaState
from pixel.models.labels import PERSONA_MODES
from pixel.models.persona_prefix import PersonaPrefix
from tests.models.parts import conversation, network, tensors

THERAPY = {"therapy": 0.9, "assistant": 0.1, "hybrid": 0.0}
ASSISTANT = {"therapy": 0.1, "assistant": 0.9, "hybrid": 0.0}


def test_one_odd_turn_does_not_flip_the_mode_and_two_do():
    state = PersonaState(mode="assistant", smoothing=0.5, margin=0.1)
    # average of therapy and assistant after one turn .45 and .55, after two .675 and .325, then .3875 and .6125
    assert [state.update(THERAPY), state.update(THERAPY)] == ["assistant", "therapy"]
    assert state.average == pytest.approx({"therapy": 0.675, "assistant": 0.325, "hybrid": 0.0})
    assert state.update(ASSISTANT) == "assistant"


def test_a_lead_below_the_margin_changes_nothing():
    state = PersonaState(mode="assistant", smoothing=0.0, margin=0.1)
    assert state.update({"therapy": 0.52, "assistant": 0.48, "hybrid": 0.0}) == "assistant"
    assert state.update({"therapy": 0.56, "assistant": 0.44, "hybrid": 0.0}) == "therapy"


def test_a_certain_switch_does_not_wait_and_forgets_the_past():
    state = PersonaState(mode="assistant", smoothing=0.9, certain=0.8)
    assert state.update(THERAPY, switch=0.79) == "assistant"
    assert state.update(THERAPY, switch=0.8) == "therapy"
    assert state.average == THERAPY


def test_severe_risk_does_not_wait_and_holds_against_one_calm_turn():
    state = PersonaState(mode="assistant", smoothing=0.5, margin=0.1, alarm=0.5)
    assert state.update(ASSISTANT, risk=0.49) == "assistant"
    assert state.update(ASSISTANT, switch=0.9, risk=0.5) == "therapy"
    # after the alarm the average is all therapy; one calm turn makes it .55 and .45
    assert state.update(ASSISTANT) == "therapy"
    assert state.update(ASSISTANT) == "assistant"


def test_alternating_doubts_keep_the_mode():
    # at smoothing 1/2 the average swings to (1 + p) / 3 at most: a lead of (2p - 1) / 3, below .1 for p = .6
    yes = {"therapy": 0.4, "assistant": 0.6, "hybrid": 0.0}
    no = {"therapy": 0.6, "assistant": 0.4, "hybrid": 0.0}
    state = PersonaState(mode="assistant", smoothing=0.5, margin=0.1)
    assert {state.update(probabilities) for probabilities in [yes, no] * 20} == {"assistant"}
    assert state.consistency() == 1.0


def test_consistency_is_the_share_of_neighbours_alike():
    state = PersonaState(history=["therapy", "therapy", "assistant", "assistant", "therapy"])
    assert state.consistency() == 2 / 4
    assert PersonaState().consistency() == PersonaState(history=["hybrid"]).consistency() == 1.0


@pytest.mark.parametrize("mode", PERSONA_MODES)
def test_every_mode_has_a_prompt_of_its_own(mode):
    prompt = PersonaState(mode=mode).system_prompt()
    others = [PersonaState(mode=other).system_prompt() for other in PERSONA_MODES if other != mode]
    assert prompt.strip() and prompt not in others


def test_the_prefix_replaces_its_slots_and_nothing_else():
    prefix = PersonaPrefix(4, length=2)
    embeddings, slots = torch.randn(1, 5, 4), torch.tensor([[-1, 2, 3, -1, -1]])  # the second mode's two vectors
    out = prefix(embeddings, slots)
    assert_close(out[0, [0, 3, 4]], embeddings[0, [0, 3, 4]])
    assert_close(out[0, 1:3], prefix.vectors.weight[2:4])


def test_a_model_reads_the_vectors_in_place_of_the_reserved_tokens():
    model, talk = network(persona_prefix_length=2), tensors(conversation([3, 4]))
    none = torch.full_like(talk["input_ids"], -1)
    slots = none.clone()
    slots[0, :2] = torch.tensor([0, 1])
    with torch.no_grad():
        plain, unslotted = model(**talk), model(**talk, persona_slots=none)
        assert_close(unslotted.logits, plain.logits)
        embeddings = model.model.embed_tokens(talk["input_ids"]).clone()
        embeddings[0, :2] = model.persona_prefix.vectors.weight[:2]
        expected = model(inputs_embeds=embeddings, **{name: talk[name] for name in ("turn_spans", "turn_mask")})
        slotted = model(**talk, persona_slots=slots)
    assert_close(slotted.logits, expected.logits)
    assert_close(slotted.readouts, expected.readouts)
    assert not torch.allclose(slotted.logits, plain.logits, atol=1e-3)


def test_only_the_prefix_of_the_mode_in_use_learns():
    model, talk = network(persona_prefix_length=2), tensors(conversation([3, 4]))
    slots = torch.full_like(talk["input_ids"], -1)
    slots[0, :2] = torch.tensor([4, 5])
    model(**talk, persona_slots=slots).logits.square().sum().backward()
    gradient = model.persona_prefix.vectors.weight.grad
    assert gradient[4:].abs().sum(-1).all() and not gradient[:4].any()
