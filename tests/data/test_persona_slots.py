import pytest
import torch

from pixel.data.errors import ConversationError
from pixel.data.persona_slots import persona_slots, reserve_slots
from pixel.data.rendering import render
from pixel.models import PixelConfig, PixelForCausalLM
from pixel.training.chat_tokenizer import byte_tokenizer
from pixel.training.loading import tiny_config


@pytest.fixture
def tokenizer():
    return byte_tokenizer()


def rendered(tokenizer, length):
    prompt = reserve_slots("Be kind.", tokenizer, length)
    messages = [{"role": "system", "content": prompt}, {"role": "user", "content": "hello<|endoftext|>"}]
    return render(tokenizer, messages)


def test_the_slots_are_the_modes_vectors_in_order_at_the_reserved_tokens(tokenizer):
    ids, blocks = rendered(tokenizer, 2)
    slots = persona_slots(ids, tokenizer, "hybrid", 2, blocks[0].content, blocks[0].content_end)
    reserved = [i for i, token in enumerate(ids) if token == tokenizer.pad_token_id][:2]  # the third is the user's
    assert {i: slot for i, slot in enumerate(slots) if slot >= 0} == {reserved[0]: 4, reserved[1]: 5}
    assert len(slots) == len(ids)


def test_no_length_is_no_slot_and_an_unreserved_prompt_is_an_error(tokenizer):
    ids, blocks = rendered(tokenizer, 0)
    assert set(persona_slots(ids, tokenizer, "therapy", 0)) == {-1}
    with pytest.raises(ConversationError, match="2 reserved tokens"):
        persona_slots(ids, tokenizer, "therapy", 2, blocks[0].content, blocks[0].content_end)
    with pytest.raises(ConversationError, match="no persona mode is called 'doctor'"):
        persona_slots(ids, tokenizer, "doctor", 0)


def test_gradients_reach_the_vectors_of_the_mode_and_no_others(tokenizer):
    torch.manual_seed(0)
    text = tiny_config("llama", len(tokenizer))
    network = PixelForCausalLM(PixelConfig(text_config=text, persona_prefix_length=2))
    ids, blocks = rendered(tokenizer, 2)
    slots = persona_slots(ids, tokenizer, "assistant", 2, blocks[0].content, blocks[0].content_end)
    spans = torch.tensor([[[block.content, block.content_end - 1] for block in blocks]])
    tokens = torch.tensor([ids])
    for part in ("loss", "readouts"):
        network.zero_grad()
        output = network(tokens, labels=tokens, turn_spans=spans, persona_slots=torch.tensor([slots]))
        (output.loss if part == "loss" else output.readouts["vad"][0, 1].sum()).backward()
        moved = network.persona_prefix.vectors.weight.grad.abs().sum(-1) > 0
        assert moved.tolist() == [False, False, True, True, False, False], part
