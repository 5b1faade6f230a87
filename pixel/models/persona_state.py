"""Which persona speaks: smoothed over turns, so that one odd turn does not flip it."""

from dataclasses import dataclass, field

from .labels import PERSONA_MODES

PERSONA_PROMPTS = {
    "therapy": (
        "You are a warm, attentive counsellor. Listen first, reflect what the person feels in your own words, ask one "
        "open question at a time, and do not rush to advice. You do not diagnose and you do not replace a clinician. "
        "If someone may be in danger, ask directly and calmly, and help them reach people and emergency services."
    ),
    "assistant": "You are a capable, friendly assistant. Answer plainly, get the task done, and keep to the point.",
    "hybrid": (
        "You are a capable assistant who also notices how the person is doing. Help with the task, acknowledge what "
        "they feel in a sentence, and leave room to talk about it if they want to."
    ),
}
"""System prompt of each mode."""


@dataclass
class PersonaState:
    """
    The mode that conditions generation, with hysteresis.

    Each turn's mode probabilities enter an exponential average. The mode changes only when another one leads by
    `margin`, or at once when the switch head is at least `certain`. Severe risk does not wait either: from `alarm` on
    the mode is therapy, and stays so until the average itself leads elsewhere.

    Args:
        smoothing: weight of the past in the average, in [0, 1).
        margin: lead another mode needs, in [0, 1].
        certain: switch probability from which the turn's own best mode is taken without waiting.
        alarm: probability of severe risk from which therapy is taken without waiting.

    Example:
        >>> state = PersonaState(mode="assistant")
        >>> state.update({"therapy": 0.55, "assistant": 0.4, "hybrid": 0.05}, switch=0.2)
        'assistant'
        >>> state.update({"therapy": 0.9, "assistant": 0.05, "hybrid": 0.05}, switch=0.2)
        'therapy'
    """

    mode: str = "assistant"
    smoothing: float = 0.5
    margin: float = 0.1
    certain: float = 0.8
    alarm: float = 0.5
    average: dict[str, float] = field(default_factory=dict)
    history: list[str] = field(default_factory=list)

    def update(self, probabilities: dict[str, float], switch: float = 0.0, risk: float = 0.0) -> str:
        """
        Take in one user turn.

        Args:
            probabilities: mode -> probability.
            switch: of a switch.
            risk: of C-SSRS severity 4 or above (`pixel.inference.severe_risk`); 0 where it is not read.

        Returns:
            the mode to answer in.
        """
        if not self.average:
            self.average = {name: float(name == self.mode) for name in PERSONA_MODES}
        keep = self.smoothing
        self.average = {
            name: keep * self.average[name] + (1 - keep) * probabilities.get(name, 0.0) for name in PERSONA_MODES
        }
        if risk >= self.alarm:
            self.mode = "therapy"
            self.average = {name: float(name == self.mode) for name in PERSONA_MODES}
        elif switch >= self.certain:
            self.mode = max(probabilities, key=probabilities.get)
            self.average = {name: probabilities.get(name, 0.0) for name in PERSONA_MODES}
        else:
            best = max(self.average, key=self.average.get)
            if self.average[best] >= self.average[self.mode] + self.margin:
                self.mode = best
        self.history.append(self.mode)
        return self.mode

    def consistency(self) -> float:
        """Share of neighbouring turns that kept the mode, in [0, 1]; 1.0 with fewer than two turns."""
        pairs = list(zip(self.history, self.history[1:], strict=False))
        return sum(a == b for a, b in pairs) / len(pairs) if pairs else 1.0

    def system_prompt(self) -> str:
        """The prompt of the current mode."""
        return PERSONA_PROMPTS[self.mode]
