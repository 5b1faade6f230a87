"""Clinical head: DSM-5-TR picture, PDM-2, appropriateness, intervention, safety; and the risk head."""

from torch import Tensor, nn

from .head_layers import FieldHeads


class ClinicalHead(nn.Module):
    """
    `[batch, turns, inputs]` -> logits of the clinical fields (`dsm` 100, `pdm_*`, `attachment`, `defence`,
    `appropriateness`, `intervention`, `safety`).

    `dsm` is multi-label: no category above its threshold is an abstention, never "healthy".
    """

    NAMES = (
        "dsm", "pdm_syndrome", "pdm_organisation", "pdm_capacities", "attachment", "defence", "appropriateness",
        "intervention", "safety",
    )  # fmt: skip

    def __init__(self, fields: list[str], inputs: int, hidden: int, dropout: float):
        super().__init__()
        self.read = FieldHeads(fields, inputs, hidden, dropout)

    def forward(self, states: Tensor, turn_mask: Tensor | None = None) -> dict[str, Tensor]:
        return self.read(states)


class RiskHead(ClinicalHead):
    """`[batch, turns, inputs]` -> `risk` cumulative logits `[batch, turns, 6]`, seven C-SSRS-derived levels."""

    NAMES = ("risk",)
