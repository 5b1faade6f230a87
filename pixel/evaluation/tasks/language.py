"""Published and self-made question sets, asked through lm-eval: EmoBench, EQ-Bench, SECEU, persona, DSM and PDM."""

from typing import TYPE_CHECKING, Any

from pixel.evaluation.lm_eval import GENERATED, TASKS
from pixel.evaluation.lm_eval.benchmarks import MissingData
from pixel.evaluation.task import TaskResult, TaskSkipped

if TYPE_CHECKING:
    from pixel.evaluation.context import Context

BATCH = 8
"""Requests at once."""
_NO_LETTERS = "an endpoint gives no log-likelihoods"
_NO_WORDS = "the model has no chat template to ask it with"


class Language:
    """
    The same figures come from the command line, for a folder written by `pixel.models.export_backbone`:

        lm_eval --model hf --model_args pretrained=FOLDER --include_path pixel/evaluation/lm_eval --batch_size 8 \\
            --tasks pixel_dsm --metadata '{"data_root": "DATA", "questions": 200}'

    with `--apply_chat_template` for the tasks that are answered in words (`GENERATED`).
    """

    name = "language"
    group = "language"
    needs = ("generation",)
    about = "emotional intelligence, persona, DSM and PDM questions through lm-eval, beside constant answers"

    code = ("pixel.evaluation.lm_eval.functions",)  # named in the YAML files only

    def __init__(self, tasks: tuple[str, ...] = TASKS):
        self.tasks = tasks

    def run(self, context: "Context") -> TaskResult:
        """
        Ask every question set that can be asked here; what is missing is said in the notes.

        Raises:
            TaskSkipped: lm-eval is not installed, or none can be asked.
        """
        from pixel.evaluation.lm_eval.figures import report
        from pixel.evaluation.lm_eval.running import run

        try:
            letters, words = models(context)
        except ImportError as error:
            raise TaskSkipped(f'needs the package {error.name}. Mend: pip install -e ".[eval]"') from None
        rows, items, notes = [], [], []
        for task in self.tasks:
            model = words if task in GENERATED else letters
            if model is None:
                notes.append(f"{task}: left out, {_NO_WORDS if task in GENERATED else _NO_LETTERS}")
                continue
            try:
                ran = run(task, model, context.data_root, context.limit)
            except MissingData as error:
                notes.append(f"{task}: left out, {error}")
                continue
            found = report(ran, resamples=context.resamples, seed=context.seed)
            for whole, part in zip((rows, items, notes), found, strict=True):
                whole += part
        if not rows:
            raise TaskSkipped("no question set could be asked: " + "; ".join(notes))
        return TaskResult(rows, items, notes)


def models(context: "Context") -> tuple[Any, Any]:
    """
    What chooses letters and what writes answers, as lm-eval's models: the local model for both, an endpoint for the
    answers where there is one; `None` for what cannot be done.
    """
    from pixel.evaluation.cache import LineCache
    from pixel.evaluation.depends import code_fingerprint
    from pixel.evaluation.lm_eval import asking
    from pixel.evaluation.processes import is_first

    letters = None
    if "loglikelihood" in context.model.abilities:
        tokenizer, network = context.network()
        name = f"lm-eval-{context.model.fingerprint[:16]}-{code_fingerprint(asking.__name__)[:8]}.jsonl"
        cache = LineCache(None if context.cache is None else context.cache / name, writes=is_first())
        letters = asking.KeptAnswers(asking.local(network, tokenizer, BATCH), cache)
    if letters is None or getattr(context.model, "endpoint", None) is not None:
        return letters, asking.Replies(context.generate)
    return letters, letters if tokenizer.chat_template else None
