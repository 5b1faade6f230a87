"""Evaluations by the number of tokens seen, which packing and batch size do not change."""

from transformers import TrainerCallback
from transformers.trainer_callback import ExportableState


class TokenEvaluation(TrainerCallback, ExportableState):
    """
    Asks for an evaluation each time another `every` tokens have been trained on (over all ranks).

    Args:
        every: tokens, at least 1.
        seen: how many the trainer has seen.
    """

    def __init__(self, every: int, seen=lambda: 0):
        if every < 1:
            raise ValueError(f"eval_tokens is {every}; it must be at least 1")
        self.every, self.seen, self.evaluated = every, seen, 0

    def state(self) -> dict:
        return {"args": {"every": self.every}, "attributes": {"evaluated": self.evaluated}}

    def on_step_end(self, args, state, control, **kwargs):
        if self.seen() - self.evaluated * self.every >= self.every:
            self.evaluated = int(self.seen() // self.every)
            control.should_evaluate = True
