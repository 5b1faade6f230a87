"""Judges by name."""

from collections.abc import Sequence
from pathlib import Path

from pixel.evaluation.judges.fitted import FittedJudge
from pixel.evaluation.judges.judge import Judge
from pixel.evaluation.judges.likelihood import LikelihoodJudge

LOCAL = ("fitted:meanings", "fitted:words")
"""What is there without any download beside the sentence encoder."""


def load_judges(names: Sequence[str] = LOCAL, *, device: str = "auto") -> list[Judge]:
    """
    Make judges. Models are loaded when first asked.

    Args:
        names: each `fitted:meanings`, `fitted:words`, `embedded:smollm2`, a folder or Hub id of a causal language
            model (it judges pairs), `rating:` and one of these (it rates), or `endpoint:URL#MODEL`, a judge behind an
            OpenAI-compatible address: texts leave this machine only where that is written.
        device: for language models.

    Raises:
        ValueError: a kind of fitted judge or an endpoint that does not exist, or a folder that is not there.
    """
    judges: list[Judge] = []
    for name in names:
        kind, _, rest = name.partition(":")
        if kind == "fitted":
            judges.append(FittedJudge(rest))
        elif kind == "endpoint":
            from pixel.evaluation.judges.served import EndpointJudge

            judges.append(EndpointJudge(rest))
        else:
            model, mode = (rest, "rating") if kind == "rating" else (name, "pair")
            if model.startswith(("/", ".")) and not Path(model).is_dir():
                raise ValueError(f"--judges {model}: no such folder. Mend: name a folder with a language model")
            judges.append(LikelihoodJudge(model, mode, device=device))
    return judges
