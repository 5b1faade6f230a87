"""EQ head: five domains, and one EQ out of them."""

import torch
from torch import Tensor, nn

from .head_layers import ReadoutMLP
from .labels import EQ_DOMAINS


class EQHead(nn.Module):
    """
    `[batch, turns, inputs]` -> `eq` logits `[batch, turns, 5]`, one head a domain, and `eq_total` `[batch, turns, 1]`.

    The total is a weighted mean of the domain scores with learned non-negative weights that sum to 1 (softmax), so it
    lies between the lowest and the highest domain. It is handed on as a logit, like every other score.
    """

    NAMES = ("eq", "eq_total")

    def __init__(self, fields: list[str], inputs: int, hidden: int, dropout: float):
        super().__init__()
        self.domains = nn.ModuleDict({name: ReadoutMLP(inputs, 1, hidden, dropout) for name in EQ_DOMAINS})
        self.weighting = nn.Linear(len(EQ_DOMAINS), 1, bias=False)

    def weights(self) -> Tensor:
        """The domains' weights in the total: `[5]`, non-negative, summing to 1."""
        return self.weighting.weight.float().squeeze(0).softmax(-1)

    def forward(self, states: Tensor, turn_mask: Tensor | None = None) -> dict[str, Tensor]:
        domains = torch.cat([head(states) for head in self.domains.values()], -1)
        # through the module, not its parameter, so that sharded weights are gathered
        scale = torch.eye(len(EQ_DOMAINS), device=states.device, dtype=domains.dtype)
        weights = self.weighting(scale).float().squeeze(-1).softmax(-1)
        total = (domains.float().sigmoid() * weights).sum(-1, keepdim=True)
        return {"eq": domains, "eq_total": torch.logit(total, eps=1e-6)}
