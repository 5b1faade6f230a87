"""How large the read-out heads are, and what they keep for the backward pass; counted without building them."""

from dataclasses import dataclass

from pixel.models.labels import EQ_DOMAINS, FIELDS, PERSONA_MODES

CHANGE = ("persona_trigger", "persona_switch")
"""Fields whose heads also read how a turn differs from the one before, so that their input is twice as wide."""
VIEWS = 4
"""Objectives that read turn states: each gets its own view of them at the fork."""


@dataclass(frozen=True)
class Heads:
    """
    Attributes:
        fields: label fields with a head; empty for all.
        hidden: width of each head's hidden layer.
        states: poolings and taps that stand side by side in a turn state.
        attends: whether pooling has a learned query.
        shared: width of the shared layer, 0 for none.
        emotion_attention: whether the emotion head attends over earlier turns.
        prefix: soft-prompt vectors a persona mode.
    """

    fields: tuple[str, ...] = ()
    hidden: int = 256
    states: int = 1
    attends: bool = False
    shared: int = 0
    emotion_attention: bool = False
    prefix: int = 0

    @property
    def widths(self) -> list[tuple[int, int]]:
        """`(inputs in turn states, outputs)` of every small network there is."""
        found = []
        names = self.fields or tuple(FIELDS)
        for name in names:
            if name not in ("eq", "eq_total"):
                found.append((2 if name in CHANGE else 1, FIELDS[name].logits))
        if {"eq", "eq_total"} & set(names):
            found += [(1, 1)] * len(EQ_DOMAINS)
        return found

    def parameters(self, hidden_size: int) -> int:
        """All parameters that are not the backbone's."""
        total = 0
        for share, outputs in self.widths:
            inputs = share * self.states * hidden_size
            total += 2 * inputs + outputs
            total += (inputs + 1 + outputs) * self.hidden if self.hidden else inputs * outputs
        inputs = self.states * hidden_size
        if {"eq", "eq_total"} & set(self.fields or FIELDS):
            total += len(EQ_DOMAINS)
        if self.shared:
            total += 2 * inputs + self.shared * (2 * inputs + 1) + inputs
        if self.emotion_attention:
            total += 2 * inputs + 3 * inputs * (inputs + 1) + inputs * (inputs + 1)
        total += hidden_size if self.attends else 0
        return total + self.prefix * len(PERSONA_MODES) * hidden_size

    def activations(self, hidden_size: int, turns: int, width: int) -> int:
        """
        Bytes kept for the backward pass: the views of the turn states, and in each network (float32) the normed and
        dropped-out input, its dropout mask, the hidden layer before and after its activation, and that one's mask.

        Args:
            turns: in the batch.
            width: bytes of a number of the trunk.
        """
        inputs = self.states * hidden_size
        kept = VIEWS * inputs * width
        for share, outputs in self.widths:
            kept += share * inputs * (12 + (4 if width < 4 else 0)) + 16 * self.hidden + 4 * outputs
        return turns * kept
