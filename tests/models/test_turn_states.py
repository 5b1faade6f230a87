"""What a read-out may depend on: its own turn and what came before it, in its own conversation."""

import pytest
import torch
from torch.testing import assert_close

from pixel.data.collator import PixelCollator
from pixel.data.packing import pack_examples
from pixel.models import StreamingReader
from pixel.models.labels import FIELDS
from tests.models.parts import POOLINGS, VOCABULARY, all_fields, conversation, network, tensors

TURNS = [3, 5, 1, 4, 2]
FULL = {"emotion_attention": True, "lexical_fields": all_fields()}
TALKS = [conversation([3, 5, 2], 1), conversation([4, 1], 2), conversation([2, 2, 6, 3], 3)]


def read(model, example):
    with torch.no_grad():
        return model(**tensors(example)).readouts


@pytest.mark.parametrize("pooling", POOLINGS)
def test_changing_a_later_turn_does_not_move_an_earlier_read_out(pooling):
    model = network(readout_pooling=pooling, **FULL)
    talk = conversation(TURNS)
    before = read(model, talk)
    assert set(before) == set(FIELDS)
    for changed in range(1, len(TURNS)):
        start = talk["turn_spans"][changed][0] - 2  # its header
        ids = [token if place < start else (token + 1) % VOCABULARY for place, token in enumerate(talk["input_ids"])]
        after = read(model, talk | {"input_ids": ids})
        for name in FIELDS:
            assert_close(after[name][:, :changed], before[name][:, :changed], atol=1e-5, rtol=1e-5)
            assert not torch.allclose(after[name][:, changed:], before[name][:, changed:], atol=1e-3), name


def test_changing_an_earlier_turn_moves_a_later_read_out():
    model, talk = network(), conversation(TURNS)
    changed = talk | {"input_ids": [(talk["input_ids"][3] + 1) % VOCABULARY, *talk["input_ids"][1:]]}
    assert not torch.allclose(read(model, changed)["risk"][:, -1], read(model, talk)["risk"][:, -1], atol=1e-4)


@pytest.mark.parametrize("pooling", POOLINGS)
@pytest.mark.parametrize("chunk", [1, 2, 99])
def test_reading_a_stream_equals_reading_the_whole_conversation(pooling, chunk):
    model, talk = network(readout_pooling=pooling, **FULL), conversation(TURNS)
    whole = read(model, talk)
    reader, at = StreamingReader(model), 0
    for number, (first, last) in enumerate(talk["turn_spans"]):
        reader.feed(talk["input_ids"][at:first])
        for place in range(first, last + 1, chunk):
            logits = reader.feed(torch.tensor(talk["input_ids"][place : min(place + chunk, last + 1)]), in_turn=True)
        at = last + 1
        said = reader.end_turn()
        assert set(said) == set(FIELDS)
        for name in FIELDS:
            assert_close(said[name], whole[name][0, number], atol=2e-5, rtol=1e-4)
    with torch.no_grad():
        expected = model(torch.tensor([talk["input_ids"][:at]])).logits[0, -1]
    assert_close(logits, expected, atol=1e-5, rtol=1e-4)


def test_ending_a_turn_without_content_is_an_error():
    reader = StreamingReader(network())
    reader.feed([1, 2, 3])
    with pytest.raises(ValueError, match="the turn is empty"):
        reader.end_turn()


@pytest.mark.parametrize("kind", ["llama", "qwen3", "qwen3_moe"])
def test_packed_conversations_read_as_they_do_alone(kind):
    model = network(kind, readout_pooling="mean+last+attention", **FULL)
    batch = PixelCollator(0)([pack_examples(TALKS[:2]), pack_examples(TALKS[2:])])
    del batch["turn_roles"]
    with torch.no_grad():
        packed = model(**{name: value for name, value in batch.items() if name != "labels"})
    places = [(0, 0, 0, TALKS[0]), (0, 3, len(TALKS[0]["input_ids"]), TALKS[1]), (1, 0, 0, TALKS[2])]
    for row, turn, token, talk in places:
        with torch.no_grad():
            alone = model(**tensors(talk))
        length, turns = len(talk["input_ids"]), len(talk["turn_spans"])
        assert_close(packed.logits[row, token : token + length], alone.logits[0], atol=2e-5, rtol=1e-4)
        for name in FIELDS:
            there = packed.readouts[name][row, turn : turn + turns]
            assert_close(there, alone.readouts[name][0], atol=2e-5, rtol=1e-4)


def losses(model, batch):
    """Sum of the language loss's terms and of the squared logits of every turn: a loss without an average."""
    batch = {name: value for name, value in batch.items() if name != "turn_roles"}
    output = model(**batch, num_items_in_batch=1)
    there = (batch["turn_mask"] > 0).unsqueeze(-1)
    return output.loss, sum((logits.square() * there).sum() for logits in output.readouts.values())


@pytest.mark.parametrize("kind", ["llama", "qwen3"])
@pytest.mark.parametrize("layout", ["packed", "padded"])
def test_loss_and_gradients_of_a_packed_or_padded_row_are_the_sum_over_its_conversations(kind, layout):
    model = network(kind, readout_pooling="mean+attention", head_dropout=0.0, emotion_attention=True).train()
    collate = PixelCollator(0)
    language, heads = 0.0, 0.0
    for talk in TALKS:
        parts = losses(model, collate([talk]))
        sum(parts).backward()
        language, heads = language + parts[0].detach(), heads + parts[1].detach()
    expected = {name: weight.grad.clone() for name, weight in model.named_parameters()}
    model.zero_grad()
    batch = collate([pack_examples(TALKS)] if layout == "packed" else TALKS)
    assert ("position_ids" in batch) == (layout == "packed")
    parts = losses(model, batch)
    assert_close(parts[0].detach(), language, atol=1e-4, rtol=1e-5)
    assert_close(parts[1].detach(), heads, atol=1e-4, rtol=1e-5)
    sum(parts).backward()
    for name, weight in model.named_parameters():
        scale = expected[name].abs().max().item()
        assert scale > 0, name
        assert_close(weight.grad, expected[name], atol=1e-4 * scale + 1e-6, rtol=1e-3)


def test_padding_does_not_matter():
    model = network(readout_pooling="mean+last+attention", **FULL)
    short, wide = PixelCollator(0)([TALKS[0]]), PixelCollator(0, pad_to_multiple_of=32)([TALKS[0], TALKS[2]])
    with torch.no_grad():
        alone, padded = (
            model(**{name: value for name, value in batch.items() if name not in ("labels", "turn_roles")})
            for batch in (short, wide)
        )
    assert wide["input_ids"].shape[1] == 32
    for name in FIELDS:
        assert_close(padded.readouts[name][:1, :3], alone.readouts[name], atol=2e-5, rtol=1e-4)


@pytest.mark.parametrize("pooling", POOLINGS)
def test_a_missing_turn_reads_without_nan_and_leaves_the_others_alone(pooling):
    model = network(readout_pooling=pooling, **FULL).train()
    talk = conversation([3, 4])
    batch = tensors(talk)
    batch["turn_spans"] = torch.cat([batch["turn_spans"], torch.full((1, 2, 2), -1)], 1)
    batch["turn_mask"] = torch.tensor([[1, 1, 0, 0]])
    readouts = model(**batch).readouts
    sum(logits.sum() for logits in readouts.values()).backward()
    assert all(logits.isfinite().all() for logits in readouts.values())
    assert all(weight.grad is None or weight.grad.isfinite().all() for weight in model.parameters())
    model.eval()
    alone = read(model, talk)
    with torch.no_grad():
        padded = model(**batch).readouts
    for name in FIELDS:
        assert_close(padded[name][:, :2], alone[name], atol=1e-5, rtol=1e-5)
