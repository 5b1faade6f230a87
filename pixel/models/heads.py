"""All heads of a Pixel model, and which objective's turn states each of them reads."""

import torch
from torch import Tensor, nn

from .configuration_pixel import PixelConfig
from .head_clinical import ClinicalHead, RiskHead
from .head_emotion import EmotionHead
from .head_empathy import EmpathyHead
from .head_eq import EQHead
from .head_persona import PersonaHead
from .lexical import LexicalFeatures

OBJECTIVE_OF_HEAD = {
    "emotion": "eq",
    "eq": "eq",
    "persona": "persona",
    "clinical": "clinical",
    "risk": "clinical",
    "empathy": "empathy",
}
_CLASSES = {
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
    `config.fields`, and the `lexical` features they share if `config.lexical_size` is set.
    """

    def __init__(self, config: PixelConfig):
        super().__init__()
        size, inputs = config.lexical_size, config.text_config.hidden_size + config.lexical_size
        if size:
            self["lexical"] = LexicalFeatures(config.text_config.vocab_size, size)
        for name, head in _CLASSES.items():
            fields = [field for field in head.NAMES if field in config.fields]
            if fields:
                more = {"attention": config.emotion_attention} if name == "emotion" else {}
                self[name] = head(fields, inputs, config.head_hidden_size, config.head_dropout, **more)

    def forward(
        self,
        turn_states: dict[str, Tensor],
        turn_mask: Tensor | None = None,
        input_ids: Tensor | None = None,
        pooling: Tensor | None = None,
        lexical: Tensor | None = None,
    ) -> dict[str, Tensor]:
        """
        Read the turns.

        Args:
            turn_states: `[batch, turns, hidden]` for each objective.
            turn_mask: int `[batch, turns]`, 0 where there is no turn, else the number of its conversation in the row.
            input_ids: `[batch, tokens]`, for the lexical features.
            pooling: `[batch, turns, tokens]`, for the lexical features.
            lexical: the lexical features `[batch, turns, lexical_size]`, where they were computed already.

        Returns:
            logits by field, `[batch, turns, width]`.
        """
        if "lexical" in self and lexical is None:
            lexical = self["lexical"](input_ids, pooling)
        readouts: dict[str, Tensor] = {}
        for name, objective in OBJECTIVE_OF_HEAD.items():
            if name in self:
                states = turn_states[objective]
                if lexical is not None:
                    states = torch.cat([states, lexical.to(states.dtype)], -1)
                readouts |= self[name](states, turn_mask)
        return readouts
