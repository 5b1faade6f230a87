"""Tiny networks with a shared trunk, for the tests of balancing."""

import torch
from torch import Tensor, nn

from pixel.balancing.fork import Fork

OBJECTIVES = ("language", "eq", "persona", "clinical", "empathy")
TARGETS = dict(zip(OBJECTIVES, (0.5, -1.0, 2.0, -0.3, 0.1), strict=True))


def mean_pooling(spans: list[list[tuple[int, int] | None]], tokens: int) -> Tensor:
    """`[batch, turns, tokens]`: 1/length inside a turn's first..last token, an all-zero row for a padding turn."""
    pooling = torch.zeros(len(spans), len(spans[0]), tokens)
    for row, turns in enumerate(spans):
        for turn, span in enumerate(turns):
            if span is not None:
                pooling[row, turn, span[0] : span[1] + 1] = 1 / (span[1] + 1 - span[0])
    return pooling


def conversations(batch: int = 3, tokens: int = 7, width: int = 6, seed: int = 0) -> tuple[Tensor, Tensor]:
    """Inputs `[batch, tokens, width]` and a pooling with three turns: two overlap, every other row lacks the third."""
    inputs = torch.randn(batch, tokens, width, generator=torch.Generator().manual_seed(seed))
    spans = [[(0, 2), (2, 4), (5, tokens - 1) if row % 2 == 0 else None] for row in range(batch)]
    return inputs, mean_pooling(spans, tokens)


class Toy(nn.Module):
    """A trunk of two linear layers with a bottleneck, a head that reads every token, and heads that read turns."""

    def __init__(self, fork: Fork | None = None, seed: int = 0):
        super().__init__()
        torch.manual_seed(seed)
        self.trunk = nn.Sequential(nn.Linear(6, 8), nn.Tanh(), nn.Linear(8, 4))
        self.heads = nn.ModuleDict({name: nn.Linear(4, 3) for name in OBJECTIVES})
        self.heads["persona"].load_state_dict(self.heads["eq"].state_dict())  # one reading, two targets: a conflict
        self.fork = fork

    def read(self, hidden: Tensor, pooling: Tensor) -> dict[str, Tensor]:
        """Each objective's loss, a mean over the samples, from the hidden states."""
        if self.fork is None:
            states = dict.fromkeys(OBJECTIVES[1:], pooling.to(hidden) @ hidden)
        else:
            hidden, states = self.fork(hidden, pooling)
        states = {"language": hidden, **states}
        return {name: (self.heads[name](states[name]) - TARGETS[name]).square().mean() for name in OBJECTIVES}

    def forward(self, inputs: Tensor, pooling: Tensor) -> Tensor:
        return sum(self.read(self.trunk(inputs), pooling).values())


def dense_gradients(toy: Toy, inputs: Tensor, pooling: Tensor) -> Tensor:
    """Each objective's gradient with respect to the hidden states, by plain autograd, `[k, batch * tokens * 4]`."""
    plain = Toy()
    plain.load_state_dict(toy.state_dict())
    hidden = plain.trunk(inputs).detach().requires_grad_()
    losses = plain.read(hidden, pooling)
    rows = [torch.autograd.grad(losses[name], hidden, retain_graph=True)[0].flatten() for name in OBJECTIVES]
    return torch.stack(rows)


def gradients(module: nn.Module) -> dict[str, Tensor]:
    return {name: p.grad.clone() for name, p in module.named_parameters() if p.grad is not None}


class TinyPixel(nn.Module):
    """A random three-layer Llama whose second layer holds the fork in a plain forward hook, and four heads."""

    def __init__(self, fork: Fork | None = None):
        super().__init__()
        from transformers import LlamaConfig, LlamaForCausalLM

        config = LlamaConfig(
            vocab_size=50,
            hidden_size=32,
            intermediate_size=48,
            num_hidden_layers=3,
            num_attention_heads=4,
            num_key_value_heads=2,
            attn_implementation="eager",
        )
        torch.manual_seed(0)
        self.llama = LlamaForCausalLM(config)
        self.heads = nn.ModuleDict({name: nn.Linear(32, 3) for name in OBJECTIVES[1:]})
        self.heads["persona"].load_state_dict(self.heads["eq"].state_dict())
        self.fork, self.pooling, self.states, self.calls = fork, None, None, 0
        self.llama.model.layers[1].register_forward_hook(self.branch)

    def branch(self, layer: nn.Module, inputs: tuple, output):
        self.calls += 1
        hidden = output[0] if isinstance(output, tuple) else output
        if self.fork is None:
            self.states = dict.fromkeys(OBJECTIVES[1:], self.pooling.to(hidden) @ hidden)
            return None
        hidden, self.states = self.fork(hidden, self.pooling)
        return (hidden, *output[1:]) if isinstance(output, tuple) else hidden

    def forward(self, input_ids: Tensor, pooling: Tensor, rows: dict[str, slice] | None = None) -> dict[str, Tensor]:
        """Each objective's loss; `rows` restricts an objective to some rows of the batch."""
        rows = dict.fromkeys(OBJECTIVES, slice(None)) if rows is None else rows
        self.pooling = pooling
        logits = self.llama(input_ids=input_ids, use_cache=False).logits[rows["language"]]
        targets = input_ids[rows["language"]][:, 1:]
        losses = {"language": nn.functional.cross_entropy(logits[:, :-1].flatten(0, 1).float(), targets.flatten())}
        for name, head in self.heads.items():
            reading = head(self.states[name][rows[name]])
            losses[name] = (reading.float() - TARGETS[name]).square().mean()
        return losses


def token_batch(batch: int = 2, tokens: int = 9) -> tuple[Tensor, Tensor]:
    ids = torch.randint(0, 50, (batch, tokens), generator=torch.Generator().manual_seed(1))
    spans = [[(0, 3), (4, 5), (6, 8) if row % 2 == 0 else None] for row in range(batch)]
    return ids, mean_pooling(spans, tokens)
