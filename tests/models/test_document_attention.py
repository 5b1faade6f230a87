"""Attention by document: the numbers of plain SDPA, at the price of each conversation's own triangle."""

import json

import pytest
import torch
from torch.testing import assert_close

from pixel.data.collator import PixelCollator
from pixel.data.packing import pack_examples
from pixel.models import PixelForCausalLM, document_attention
from pixel.models.document_attention import NAME, Documents, attend_by_document, can_attend_by_document
from pixel.models.labels import FIELDS
from tests.models.parts import conversation, network

TALKS = [conversation([3, 5, 2], 1), conversation([4, 1], 2), conversation([2, 2, 6, 3], 3)]
LAYOUTS = {
    "packed": [pack_examples(TALKS[:2]), pack_examples(TALKS[2:])],
    "padded": TALKS,
}


def batch_of(layout: str) -> dict:
    batch = PixelCollator(0)(LAYOUTS[layout])
    assert ("position_ids" in batch) == (layout == "packed")
    del batch["turn_roles"]
    return batch


def losses(model, batch):
    """A sum over tokens and turns, so that every weight has a gradient."""
    output = model(**batch, num_items_in_batch=1, use_cache=False)
    there = (batch["turn_mask"] > 0).unsqueeze(-1)
    return output, output.loss + sum((logits.square() * there).sum() for logits in output.readouts.values())


def real(batch) -> torch.Tensor:
    """Which tokens are not padding."""
    if "attention_mask" in batch:
        return batch["attention_mask"].bool()
    lengths = torch.tensor([sum(len(talk["input_ids"]) for talk in talks) for talks in (TALKS[:2], TALKS[2:])])
    return torch.arange(batch["input_ids"].shape[1]) < lengths[:, None]


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("kind", ["llama", "qwen3", "qwen3_moe"])
def test_logits_read_outs_and_gradients_are_those_of_sdpa(kind, layout):
    options = {"readout_pooling": "mean+attention", "head_dropout": 0.0, "emotion_attention": True}
    plain, ours = network(kind, **options).train(), network(kind, **options).train()
    attend_by_document(ours.model)
    batch = batch_of(layout)
    expected, expected_loss = losses(plain, dict(batch))
    got, loss = losses(ours, dict(batch))
    assert_close(got.logits[real(batch)], expected.logits[real(batch)], atol=2e-5, rtol=1e-4)
    for name in FIELDS:
        there = batch["turn_mask"] > 0
        assert_close(got.readouts[name][there], expected.readouts[name][there], atol=2e-5, rtol=1e-4)
    assert_close(loss, expected_loss, atol=1e-4, rtol=1e-5)
    expected_loss.backward()
    loss.backward()
    weights = dict(plain.named_parameters())
    for name, weight in ours.named_parameters():
        if weights[name].grad is None:
            assert weight.grad is None, name
            continue
        scale = weights[name].grad.abs().max().item()
        assert_close(weight.grad, weights[name].grad, atol=1e-4 * scale + 1e-6, rtol=1e-3)


def test_each_conversation_is_attended_to_by_itself_and_no_mask_is_built(monkeypatch):
    model, batch, seen = network(), batch_of("packed"), []
    real_sdpa = document_attention.scaled_dot_product_attention

    def watched(query, key, value, **options):
        seen.append(query.shape[2])
        assert options["is_causal"] and "attn_mask" not in options
        return real_sdpa(query, key, value, **options)

    monkeypatch.setattr(document_attention, "scaled_dot_product_attention", watched)
    attend_by_document(model.model)
    losses(model, batch)
    lengths = [len(talk["input_ids"]) for talk in TALKS]
    padding = lengths[0] + lengths[1] - lengths[2]
    assert seen == [*lengths, padding] * model.config.text_config.num_hidden_layers


def test_documents_are_found_by_restarting_positions_and_by_padding():
    packed = Documents.packed(torch.tensor([[0, 1, 2, 0, 1, 0], [0, 1, 2, 3, 4, 0]]))
    assert packed.lengths == [3, 2, 1, 5, 1]
    assert packed.edges.tolist() == [0, 3, 5, 6, 11, 12] and packed.edges.dtype == torch.int32
    padded = Documents.padded(torch.tensor([[1, 1, 1, 0], [1, 1, 1, 1], [1, 0, 0, 0]]))
    assert padded.lengths == [3, 1, 4, 1, 3]
    assert Documents.padded(torch.tensor([[0, 1, 1], [1, 1, 1]])) is None  # padded on the left: SDPA as before
    cut = Documents.packed(torch.tensor([[3, 4, 0, 1], [1, 2, 3, 4]]))  # rows that begin inside a conversation
    assert cut.lengths == [2, 2, 4]


def test_left_padding_and_generation_with_a_cache_are_as_before():
    plain, ours = network(), network()
    attend_by_document(ours.model)
    ids = torch.tensor([[0, 0, 5, 6, 7], [1, 2, 3, 4, 5]])
    mask = torch.tensor([[0, 0, 1, 1, 1], [1, 1, 1, 1, 1]])
    with torch.no_grad():
        expected, got = (model(ids, attention_mask=mask, use_cache=False).logits for model in (plain, ours))
    assert_close(got[mask.bool()], expected[mask.bool()])
    said = [model.generate(ids, attention_mask=mask, max_new_tokens=6, do_sample=False) for model in (plain, ours)]
    assert said[0].tolist() == said[1].tolist()


def test_positions_shared_by_all_rows_are_no_packing():
    plain, ours = network(), network()
    attend_by_document(ours.model)
    ids, positions = torch.tensor([[5, 6, 7, 8], [1, 2, 3, 4]]), torch.arange(4)[None]
    with torch.no_grad():
        expected, got = (model(ids, position_ids=positions, use_cache=False).logits for model in (plain, ours))
    assert_close(got, expected)


def test_a_saved_model_names_no_attention_and_loads_without_it(tmp_path):
    model = network()
    attend_by_document(model.model)
    assert model.model.config._attn_implementation == NAME
    model.save_pretrained(tmp_path)
    assert NAME not in (tmp_path / "config.json").read_text()
    assert "attn_implementation" not in json.dumps(json.loads((tmp_path / "config.json").read_text()))
    loaded = PixelForCausalLM.from_pretrained(tmp_path)
    assert loaded.model.config._attn_implementation == "sdpa"


def test_windows_dropout_and_eager_attention_are_refused():
    hindrances = {"attention_dropout": 0.1, "sliding_window": 4, "layer_types": ["sliding_attention"] * 4}
    for option, value in hindrances.items():
        model = network()
        assert can_attend_by_document(model.model)
        setattr(model.model.config, option, value)
        assert not can_attend_by_document(model.model), option
        with pytest.raises(ValueError, match="Mend: document_attention: never"):
            attend_by_document(model.model)
    model = network()
    model.model.config.model_type = "gemma2"
    assert not can_attend_by_document(model.model)
    model = network()
    model.set_attn_implementation("eager")
    assert not can_attend_by_document(model.model)


def test_the_gpu_kernel_gets_edges_and_a_causal_window(monkeypatch):
    """On CUDA one kernel does it; a stand-in for it checks what it is given."""
    import torch.nn.attention.varlen as varlen

    def standin(query, key, value, edges_q, edges_k, max_q, max_k, *, scale, window_size, enable_gqa):
        assert window_size == (-1, 0) and enable_gqa and max_q == max_k == 3 and edges_q is edges_k
        out = torch.zeros_like(query)
        for first, last in zip(edges_q[:-1].tolist(), edges_q[1:].tolist(), strict=True):
            q, k, v = (x[first:last].transpose(0, 1) for x in (query, key, value))
            out[first:last] = torch.nn.functional.scaled_dot_product_attention(
                q[None], k[None], v[None], is_causal=True, scale=scale, enable_gqa=True
            )[0].transpose(0, 1)
        return out

    monkeypatch.setattr(varlen, "varlen_attn", standin)
    torch.manual_seed(0)
    query, key, value = torch.randn(6, 4, 8), torch.randn(6, 2, 8), torch.randn(6, 2, 8)
    documents = Documents.of_lengths([3, 1, 2], torch.device("cpu"))
    one, other = (
        attend(query, key, value, documents, 0.0, 0.5)
        for attend in (document_attention._varlen, document_attention._one_by_one)
    )
    assert_close(one, other)
