"""
The benchmark's baselines, measured once and kept beside it in `baselines.json`.

    python -m pixel.persona.baseline_figures

measures them again (a minute or two). Each regression is trained on the training part of the seed corpus and the
development part of the benchmark; its hysteresis is chosen on out-of-fold probabilities of the latter.
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from pixel.models.labels import PERSONA_MODES
from pixel.persona.baselines import (
    EmbeddingFeatures,
    KeywordBaseline,
    MajorityBaseline,
    RegressionBaseline,
    Talk,
    length_features,
)  # fmt: skip
from pixel.persona.dialogues import BENCHMARK, Dialogue, load_dialogues
from pixel.persona.scores import Followed, scores
from pixel.persona.state_fit import fit_state
from pixel.persona.tracks import likeliest, steady

FILE = BENCHMARK / "baselines.json"
FOLDS = 5


def benchmark_digest(folder: Path = BENCHMARK) -> str:
    """Sixteen hex digits over the benchmark's files; figures measured on others are not shown."""
    digest = hashlib.sha256()
    for file in sorted(folder.glob("*.yaml")):
        digest.update(file.name.encode() + file.read_bytes())
    return digest.hexdigest()[:16]


def known_figures(file: Path = FILE) -> dict[str, dict[str, dict[str, float | None]]]:
    """Baseline -> measure -> score, as kept; empty where the benchmark has changed since."""
    if not file.is_file():
        return {}
    kept = json.loads(file.read_text(encoding="utf-8"))
    return kept["figures"] if kept["benchmark"] == benchmark_digest(file.parent) else {}


def seed_talks() -> list[Talk]:
    """The training part of the seed corpus."""
    from pixel.data.seed import load_seed

    out = []
    for row in load_seed()["train"]:
        labels = row["persona_mode"] or [None] * len(row["messages"])
        pairs = zip(row["messages"], labels, strict=True)
        modes = [None if label is None else PERSONA_MODES[label] for m, label in pairs if m["role"] == "user"]
        out.append((row["messages"], modes))
    return out


def as_talks(dialogues: Sequence[Dialogue]) -> list[Talk]:
    """Dialogues as a baseline takes them."""
    return [(one.messages(), one.modes) for one in dialogues]


def followed(model: Any, dialogues: Sequence[Dialogue], state: dict[str, float] | None = None) -> list[Followed]:
    """How a fitted baseline goes through dialogues: turn by turn, or with hysteresis where options are given."""
    out = []
    for one in dialogues:
        said = model.probabilities(one.messages())
        given = likeliest(said) if state is None else steady(said, **state)
        out.append(Followed(one.id, one.modes, given, said))
    return out


def out_of_fold(make, training: Sequence[Talk], dialogues: Sequence[Dialogue]) -> list[np.ndarray]:
    """Probabilities of each dialogue by a model that was trained on `training` and the other folds."""
    said: list[np.ndarray] = [np.empty(0)] * len(dialogues)
    for fold in range(FOLDS):
        rest = [one for place, one in enumerate(dialogues) if place % FOLDS != fold]
        model = make().fit([*training, *as_talks(rest)])
        for place in range(fold, len(dialogues), FOLDS):
            said[place] = model.probabilities(dialogues[place].messages())
    return said


def measure(encoder: Any, resamples: int = 500) -> dict[str, dict[str, Any]]:
    """Baseline -> measure -> `Score` as a dict, on the test part."""
    development, test, seed = load_dialogues("dev"), load_dialogues("test"), seed_talks()
    training = [*seed, *as_talks(development)]
    encoded = EmbeddingFeatures(encoder)
    ways = {
        "majority": (MajorityBaseline, False),
        "length": (lambda: RegressionBaseline(length_features, balanced=False), True),
        "keywords": (KeywordBaseline, False),
        "encoder": (lambda: RegressionBaseline(encoded, balanced=False), True),
    }
    out = {}
    for name, (make, smoothed) in ways.items():
        model = make().fit(training)
        out[name] = scores(followed(model, test), resamples=resamples)
        if smoothed:
            state = fit_state(out_of_fold(make, seed, development), [one.modes for one in development])
            out[f"{name}_steady"] = scores(followed(model, test, state), resamples=resamples)
    return {name: {key: asdict(score) for key, score in table.items()} for name, table in out.items()}


def main() -> None:
    from pixel.text.sentence_encoder import RememberingEncoder, default_encoder

    figures = measure(RememberingEncoder(default_encoder()))
    for table in figures.values():
        for score in table.values():
            score |= {key: round(value, 4) for key, value in score.items() if isinstance(value, float)}
    kept = {"benchmark": benchmark_digest(), "figures": figures}
    FILE.write_text(json.dumps(kept, indent=1) + "\n", encoding="utf-8")
    print(FILE)


if __name__ == "__main__":
    main()
