"""All heads of a Pixel model, and which objective's turn states each of them reads."""

from torch import Tensor, nn

from .configuration_pixel import PixelConfig
from .head_clinical import ClinicalHead, RiskHead
from .head_emotion import EmotionHead
from .head_empathy import EmpathyHead
from .head_eq import EQHead
from .head_persona import PersonaHead
from .shared_layer import SharedLayer

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
    `config.fields`; and `shared`, the layer that they all read through, with `config.shared_size`.
    """

    def __init__(self, config: PixelConfig):
        super().__init__()
        inputs = config.turn_state_size
        if config.shared_size:
            self["shared"] = SharedLayer(inputs, config.shared_size, config.head_dropout)
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
        return self.read_out(self.share(turn_states), turn_mask)

    def share(self, turn_states: dict[str, Tensor]) -> dict[str, Tensor]:
        """Through the shared layer, where there is one; objectives that look at one tensor go through it once."""
        if "shared" not in self:
            return turn_states
        seen: dict[int, Tensor] = {}
        for states in turn_states.values():
            if id(states) not in seen:
                seen[id(states)] = self["shared"](states)
        return {name: seen[id(states)] for name, states in turn_states.items()}

    def read_out(self, turn_states: dict[str, Tensor], turn_mask: Tensor | None = None) -> dict[str, Tensor]:
        """What comes after the shared layer; arguments and answer as in `forward`."""
        readouts: dict[str, Tensor] = {}
        for name, objective in OBJECTIVE_OF_HEAD.items():
            if name in self:
                readouts |= self[name](turn_states[objective], turn_mask)
        return readouts
