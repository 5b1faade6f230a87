"""Bytes by component, against sums worked out by hand and against what autograd is known to keep."""

import torch
from torch import nn

from pixel.monitoring.memory.components import (
    component_of,
    gradients,
    optimizer_states,
    saved_activations,
    stored,
    weights,
)


class Small(nn.Module):
    """Named as Pixel names its parts: a trunk of two linear layers, a head, a tied LM head."""

    def __init__(self):
        super().__init__()
        layers = nn.ModuleList([nn.Linear(8, 8)])
        self.model = nn.ModuleDict({"embed_tokens": nn.Embedding(10, 8), "layers": layers})
        self.lm_head = nn.Linear(8, 10, bias=False)
        self.lm_head.weight = self.model["embed_tokens"].weight
        self.heads = nn.ModuleDict({"eq": nn.Linear(8, 3)})

    def forward(self, ids):
        states = torch.tanh(self.model["layers"][0](self.model["embed_tokens"](ids)))
        return self.lm_head(states), self.heads["eq"](states)


def test_weights_count_once_where_they_are_tied():
    assert weights(Small()) == {"embeddings": 10 * 8 * 4, "trunk": (64 + 8) * 4, "head eq": (24 + 3) * 4}


def test_gradients_and_optimizer_states_belong_to_their_parameters():
    model = Small()
    model.heads["eq"].requires_grad_(False)
    optimizer = torch.optim.AdamW([p for p in model.parameters() if p.requires_grad])
    assert gradients(model) == {} == optimizer_states(optimizer, model)
    model(torch.tensor([[1, 2]]))[0].sum().backward()
    assert gradients(model) == {"embeddings": 320, "trunk": 288}
    optimizer.step()
    found = optimizer_states(optimizer, model)  # two moments, and a step count of one float a parameter
    assert found == {"embeddings": 2 * 320 + 4, "trunk": 2 * 288 + 2 * 4}


def test_saved_activations_are_those_that_autograd_keeps():
    model, ids = Small(), torch.randint(0, 10, (5, 7))
    with saved_activations(model) as found:
        model(ids)
    states = 5 * 7 * 8 * 4
    # the embedding keeps the tokens (int64); the layer its input; tanh its output, which both heads keep as well
    assert found["embeddings"] == 5 * 7 * 8
    assert found["trunk"] == states
    assert sum(found.values()) == 5 * 7 * 8 + 2 * states


def test_nothing_is_kept_without_gradients_and_no_hook_stays():
    model = Small()
    with torch.no_grad(), saved_activations(model) as found:
        model(torch.tensor([[1]]))
    assert found == {}
    assert not any(module._forward_hooks or module._forward_pre_hooks for module in model.modules())


def test_names_lead_to_components():
    names = {
        "base_model.model.model.layers.1.self_attn.q_proj.lora_B.default.weight": "adapters",
        "module.model.layers.1.mlp.experts.gate_up_proj": "trunk", "lm_head.weight": "lm_head",
        "base_model.model.heads.risk.modules_to_save.default.read.fields.risk.out.bias": "head risk",
        "pooling.query.weight": "pooling", "model.norm.weight": "trunk",
    }  # fmt: skip
    assert {name: component_of(name) for name in names} == names


def test_views_share_their_storage():
    block = torch.zeros(100)
    assert stored([block, block[:10], None, torch.zeros(5)]) == 400 + 20
