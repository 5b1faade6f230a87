"""All heads of a Pixel model, and which objective's turn states each of them reads."""

from torch import Tensor, nn

from .configuration_pixel import PixelConfig
from .head_clinical import ClinicalHead, RiskHead
from .head_emotion import EmotionHead
from .head_empathy import EmpathyHead
from .head_eq import EQHead
from .head_persona import PersonaHead

OBJECTIVE_OF_HEAD = {
    "emotion": "eq",
    "eq": "eq",
    "persona": "persona",
    "clinical": "clinical",
    "risk": "clinical",
    "empathy": "empathy",
}
HEAD_CLASSES = {
    "emotion": EmotionHead,
    "eq": EQHead,
    "persona": PersonaHead,
    "clinical": ClinicalHead,
    "risk": RiskHead,
    "empathy": EmpathyHead,
}


class PixelHeads(nn.ModuleDict):
    """
    The heads by name (`emotion`, `eq`, `persona`, `clinical`, `risk`, `empathy`): those with a field in
    `config.fields`.
    """

    def __init__(self, config: PixelConfig):
        super().__init__()
        inputs = config.turn_state_size
        for name, head in HEAD_CLASSES.items():
            fields = [field for field in head.NAMES if field in config.fields]
            if fields:
                more = {"attention": config.emotion_attention} if name == "emotion" else {}
                self[name] = head(fields, inputs, config.head_hidden_size, config.head_dropout, **more)

    def forward(self, turn_states: dict[str, Tensor], turn_mask: Tensor | None = None) -> dict[str, Tensor]:
        """
        Read the turns.

        Args:
            turn_states: `[batch, turns, inputs]` for each objective.
            turn_mask: int `[batch, turns]`, 0 where there is no turn, else the number of its conversation in the row.

        Returns:
            logits by field, `[batch, turns, width]`.
        """
        readouts: dict[str, Tensor] = {}
        for name, objective in OBJECTIVE_OF_HEAD.items():
            if name in self:
                readouts |= self[name](turn_states[objective], turn_mask)
        return readouts
