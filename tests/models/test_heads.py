import pytest
import torch
from torch.testing import assert_close

from pixel.models import PixelConfig, PixelForCausalLM
from pixel.models.head_eq import EQHead
from pixel.models.head_layers import ReadoutMLP, TurnAttention
from pixel.models.head_persona import PersonaHead
from pixel.models.heads import HEAD_CLASSES, OBJECTIVE_OF_HEAD
from pixel.models.labels import FIELDS
from tests.models.parts import conversation, network, tensors

WIDTHS = {
    "emotion": 28, "vad": 3, "distress": 1, "eq": 5, "eq_total": 1, "persona_mode": 3, "persona_context": 8,
    "persona_trigger": 7, "persona_switch": 1, "dsm": 100, "pdm_syndrome": 12, "pdm_organisation": 4,
    "pdm_capacities": 12, "attachment": 4, "defence": 6, "appropriateness": 1, "intervention": 20, "safety": 8,
    "risk": 6, "emotional_reactions": 2, "interpretations": 2, "explorations": 2, "empathy_dimensions": 6,
    "genuine": 1, "empathy_stage": 4,
}  # fmt: skip
"""Logits a field: classes, dimensions, or one less than the levels, counted by hand."""
TALK = tensors(conversation([2, 3, 1, 4]))


@pytest.mark.parametrize("hidden", [0, 8])
@pytest.mark.parametrize("pooling", ["mean", "mean+last"])
def test_every_field_has_as_many_logits_as_labels_need(hidden, pooling):
    readouts = network(head_hidden_size=hidden, readout_pooling=pooling)(**TALK).readouts
    assert {name: tuple(logits.shape) for name, logits in readouts.items()} == {
        name: (1, 4, width) for name, width in WIDTHS.items()
    }


def test_only_the_fields_asked_for_get_a_head():
    model = network(fields=["risk", "vad"])
    assert set(model.heads) == {"emotion", "risk"}
    assert set(model(**TALK).readouts) == {"risk", "vad"}


def test_every_field_belongs_to_one_head_of_its_own_objective():
    homes = [(field, name) for name, head in HEAD_CLASSES.items() for field in head.NAMES]
    assert sorted(field for field, _ in homes) == sorted(FIELDS)
    assert all(OBJECTIVE_OF_HEAD[name] == FIELDS[field].objective for field, name in homes)


def started(plain, way, **options):
    """A network as training gets it: from a configuration, or around a plain checkpoint."""
    folder, model = plain("llama")
    config = PixelConfig(text_config=model.config, **options)
    return PixelForCausalLM(config) if way == "built" else PixelForCausalLM.from_pretrained(folder, config=config)


@pytest.mark.parametrize("way", ["built", "loaded"])
def test_multilabel_heads_expect_one_label_at_the_start(plain, way):
    model = started(plain, way)
    for name, head in (("emotion", "emotion"), ("dsm", "clinical"), ("intervention", "clinical")):
        bias = model.heads[head].read.fields[name].out.bias.detach()
        assert_close(bias.sigmoid().sum(), torch.tensor(1.0), atol=1e-4, rtol=0)
    assert not model.heads["risk"].read.fields["risk"].out.bias.any()


@pytest.mark.parametrize("way", ["built", "loaded"])
def test_the_query_starts_as_the_mean_and_the_words_start_silent(plain, way):
    model = started(plain, way, readout_pooling="attention", lexical_fields=["risk"], persona_prefix_length=2)
    assert not model.pooling.query.weight.any()
    assert not any(weight.any() for weight in model.lexical.parameters())
    assert model.persona_prefix.vectors.weight.std().item() == pytest.approx(0.02, rel=0.3)  # initializer_range


def test_heads_work_in_their_own_dtype_whatever_the_trunks():
    head = ReadoutMLP(8, 3, hidden=4)
    assert head(torch.randn(2, 8, dtype=torch.bfloat16)).dtype == torch.float32


def test_the_eq_weights_are_shares_and_the_total_lies_between_the_domains():
    head = EQHead(["eq", "eq_total"], 16, 0, 0.0)
    with torch.no_grad():
        head.weighting.weight.normal_(std=3.0)
        said = head(4 * torch.randn(3, 7, 16))
    weights = head.weights()
    assert weights.shape == (5,) and (weights >= 0).all()
    assert weights.sum().item() == pytest.approx(1.0, abs=1e-6)
    domains, total = said["eq"].sigmoid(), said["eq_total"].sigmoid()
    assert_close(total.squeeze(-1), domains @ weights, atol=1e-5, rtol=1e-5)
    assert (total.squeeze(-1) >= domains.min(-1).values - 1e-5).all()
    assert (total.squeeze(-1) <= domains.max(-1).values + 1e-5).all()


def test_every_eq_domain_and_its_weight_learn_from_the_total():
    head = EQHead(["eq", "eq_total"], 16, 4, 0.0)
    head(torch.randn(2, 3, 16))["eq_total"].sum().backward()
    assert all(domain.out.weight.grad.any() for domain in head.domains.values())
    assert head.weighting.weight.grad.any()


TWO = torch.tensor([[1, 1, 2, 2, 2, 0]])
"""Two packed conversations of two and three turns, and a missing turn."""


def shifts(layer, states, turn):
    """Which turns' outputs move when one turn's state does."""
    changed = states.clone()
    changed[0, turn] += 1.0 + torch.arange(states.size(-1))
    with torch.no_grad():
        before, after = layer(states, TWO), layer(changed, TWO)
    if isinstance(before, dict):
        before, after = torch.cat([*before.values()], -1), torch.cat([*after.values()], -1)
    return {place for place in range(6) if not torch.allclose(before[0, place], after[0, place], atol=1e-6)}


@pytest.mark.parametrize("turn, moved", [(0, {0, 1}), (1, {1}), (2, {2, 3, 4}), (3, {3, 4}), (4, {4}), (5, {5})])
def test_turn_attention_looks_back_and_stays_in_its_conversation(turn, moved):
    torch.manual_seed(0)
    assert shifts(TurnAttention(8), torch.randn(1, 6, 8), turn) == moved


@pytest.mark.parametrize("turn, moved", [(0, {0, 1}), (1, {1}), (2, {2, 3}), (3, {3, 4}), (4, {4})])
def test_a_change_of_persona_is_measured_against_the_turn_before_in_its_conversation(turn, moved):
    torch.manual_seed(0)
    head = PersonaHead(list(PersonaHead.CHANGE), 8, 0, 0.0)
    assert shifts(head, torch.randn(1, 6, 8), turn) == moved


def test_the_first_turn_of_a_packed_conversation_reads_as_the_first_of_a_row():
    torch.manual_seed(0)
    head, states = PersonaHead(list(PersonaHead.NAMES), 8, 4, 0.0), torch.randn(1, 6, 8)
    with torch.no_grad():
        packed, alone = head(states, TWO), head(states[:, 2:5], None)
    for name in PersonaHead.NAMES:
        assert_close(packed[name][:, 2:5], alone[name])


def test_the_shared_layer_starts_as_the_identity_and_serves_every_head():
    from pixel.models.shared_layer import SharedLayer

    layer = SharedLayer(6, 3)
    torch.nn.init.zeros_(layer.up.weight)
    torch.nn.init.zeros_(layer.up.bias)
    states = torch.randn(2, 3, 6)
    assert torch.equal(layer(states), states)
    torch.nn.init.ones_(layer.up.weight)
    assert not torch.equal(layer(states), states)
