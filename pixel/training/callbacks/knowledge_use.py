"""What knowledge a run was given, in the log beside its losses."""

from transformers import TrainerCallback

from pixel.training.knowledge_context import KnowledgeContext


class KnowledgeUse(TrainerCallback):
    """
    Adds `knowledge_relevance`, `knowledge_diversity`, `knowledge_cache_hits`, `knowledge_coverage`,
    `knowledge_share_given`, `knowledge_rows_given` and `knowledge_tokens` to every log of a training step.

    They say what was put into the rows (see `KnowledgeContext.summary`) and stay as they are unless rows are added.
    Callbacks that write logs elsewhere see them if they come later.

    Args:
        context: that prepared the training rows.
    """

    def __init__(self, context: KnowledgeContext):
        self.context = context

    def on_log(self, args, state, control, logs=None, **kwargs):
        if logs is None or "loss" not in logs:
            return
        numbers = {f"knowledge_{name}": value for name, value in self.context.summary().items()}
        logs.update(numbers)
        if state.log_history:
            state.log_history[-1].update(numbers)

    def report(self) -> dict[str, float]:
        """For the training report."""
        return self.context.summary()
