"""Where to read a turn: layer by pooling on several corpora, frozen trunk, linear probes."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from datasets import Dataset
from tqdm.auto import tqdm

from pixel.benchmarks.linear_probe import fit_logits, is_regression, score
from pixel.benchmarks.turn_features import TurnFeatures, turn_features
from pixel.data.examples import encode_dataset
from pixel.data.splits import VALIDATION, side
from pixel.metrics.table import markdown
from pixel.models.labels import FIELDS

TASKS: dict[str, tuple[tuple[str, ...], str, str]] = {
    "epitome": (("emotional_reactions", "interpretations", "explorations"), "macro_f1", "mean macro-F1"),
    "goemotions": (("emotion",), "macro_f1", "macro-F1 over 28"),
    "emobank": (("vad",), "pearson", "mean Pearson's r"),
    "cssrs": (("risk",), "auc", "mean AUC at 1 and 4"),
    "dreaddit": (("distress",), "f1", "F1"),
    "meld": (("emotion",), "weighted_f1", "weighted F1 of 7"),
    "emorynlp": (("emotion",), "weighted_f1", "weighted F1 of 7"),
}
"""Corpus -> its fields, the prefix of the metrics that are averaged over them, and what to call the figure."""

LEXICAL, BOTH = "lexical", "mean+lexical"
STRENGTH = {"states": 0.01, "words": 3.0}
"""Inverse L2 penalties: states are standardised and many, words are TF-IDF of unit length."""


def readout_layers(
    network,
    tokenizer,
    corpora: Mapping[str, tuple[Dataset, Dataset]],
    layers: Sequence[int],
    poolings: Sequence[str] = ("mean", "last", "mean+last"),
    max_length: int = 512,
    seed: int = 0,
) -> dict[str, Any]:
    """
    Score every layer and pooling on every corpus.

    A logistic regression a logit (ridge where the label is a score between 0 and 1) on standardised pooled states.
    Multilabel thresholds are fitted on a fifth of the training conversations, which the probe does not train on.
    Beside it the words alone (TF-IDF of token ids), and their logits averaged with those of the mean.

    Args:
        network: a Pixel model; only its trunk is used.
        tokenizer: its tokenizer.
        corpora: name (of `TASKS`) -> training and validation conversations, no group in both.
        layers: decoder layers, counted from 1.
        poolings: as `TurnPooling`.
        max_length: tokens a window.
        seed: of the solvers and the threshold split.

    Returns:
        `corpora`: name -> `metric`, `turns`, `lexical`, `table` (layer -> pooling -> figure), `best`; `mean`: layer ->
        pooling -> mean over the corpora; `best` of that.
    """
    out: dict[str, Any] = {"corpora": {}, "layers": list(layers), "poolings": list(poolings), "seed": seed}
    for name, splits in corpora.items():
        fields, metric, title = TASKS[name]
        sides = [
            turn_features(
                network, encode_dataset(rows, tokenizer, max_length), fields, layers, poolings,
                tokenizer.pad_token_id, name=f"{name} ({part})",
            )
            for rows, part in zip(splits, ("train", "validation"), strict=True)
        ]  # fmt: skip
        out["corpora"][name] = {"metric": title} | _corpus(name, fields, metric, *sides, layers, poolings, seed)
    columns = [*poolings, *([BOTH] if "mean" in poolings else [])]
    tables = [entry["table"] for entry in out["corpora"].values()]
    out["mean"] = {
        str(layer): {kind: _mean(table[str(layer)][kind] for table in tables) for kind in columns} for layer in layers
    }
    out["best"] = _best(out["mean"], poolings)
    return out


def _corpus(name, fields, metric, train: TurnFeatures, test: TurnFeatures, layers, poolings, seed) -> dict[str, Any]:
    words = _tfidf(train.counts, test.counts)
    lexical = {field: _probe(field, *words, train, test, STRENGTH["words"], seed) for field in fields}
    table: dict[str, dict[str, float | None]] = {}
    bar = tqdm(total=len(layers) * len(poolings), desc=f"Probing {name}")
    for layer in layers:
        row = table[str(layer)] = {}
        for kind in poolings:
            states = _standardise(train.states[layer, kind], test.states[layer, kind])
            answers = {field: _probe(field, *states, train, test, STRENGTH["states"], seed) for field in fields}
            row[kind] = _mean(_score(field, name, answers[field], metric) for field in fields)
            if kind == "mean":
                both = {field: _average(answers[field], lexical[field]) for field in fields}
                row[BOTH] = _mean(_score(field, name, both[field], metric) for field in fields)
            bar.update()
    bar.close()
    return {
        "turns": [len(train.groups), len(test.groups)],
        LEXICAL: _mean(_score(field, name, lexical[field], metric) for field in fields),
        "table": table,
        "best": _best(table, poolings),
    }


class _Answers(NamedTuple):
    """What a probe says on the validation turns, and on those that thresholds are fitted on."""

    logits: np.ndarray
    targets: np.ndarray
    regression: bool
    tune: tuple[np.ndarray, np.ndarray] | None


def _probe(field, train_x, test_x, train: TurnFeatures, test: TurnFeatures, strength, seed) -> _Answers:
    truth, asked = train.targets[field], _known(field, test.targets[field])
    fit = known = _known(field, truth)
    tuning = np.zeros(len(truth), dtype=bool)
    if FIELDS[field].kind == "multilabel":
        tuning = known & np.array([side(group, 0.2, seed) == VALIDATION for group in train.groups])
        fit = known & ~tuning
    others = [test_x[asked], *([train_x[tuning]] if tuning.any() else [])]
    logits, *extra = fit_logits(field, train_x[fit], truth[fit], others, strength, seed)
    tune = (extra[0], truth[tuning]) if extra else None
    return _Answers(logits, test.targets[field][asked], is_regression(field, truth[known]), tune)


def _score(field: str, source: str, answers: _Answers, metric: str) -> float | None:
    return score(field, source, answers.logits, answers.targets, metric, answers.regression, answers.tune)


def _average(one: _Answers, other: _Answers) -> _Answers:
    """Mean of the logits (of the predicted scores, for a regression)."""
    tune = None if one.tune is None else ((one.tune[0] + other.tune[0]) / 2, one.tune[1])
    return one._replace(logits=(one.logits + other.logits) / 2, tune=tune)


def _known(field: str, targets: np.ndarray) -> np.ndarray:
    return ~np.isnan(targets).all(-1) if FIELDS[field].is_vector else targets >= 0


def _standardise(train: np.ndarray, test: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    mean, spread = train.mean(0), train.std(0) + 1e-6
    return (train - mean) / spread, (test - mean) / spread


def _tfidf(train, test):
    from sklearn.feature_extraction.text import TfidfTransformer

    transformer = TfidfTransformer(sublinear_tf=True).fit(train)
    return transformer.transform(train), transformer.transform(test)


def _mean(values: Iterable[float | None]) -> float | None:
    """Mean, or `None` where any value is missing (a mean over fewer would not compare)."""
    values = list(values)
    return None if not values or None in values else float(np.mean(values))


def _best(table: dict[str, dict[str, float | None]], poolings: Sequence[str]) -> dict[str, Any] | None:
    cells = [(row[kind], layer, kind) for layer, row in table.items() for kind in poolings if row[kind] is not None]
    if not cells:
        return None
    value, layer, kind = max(cells)
    return {"layer": int(layer), "pooling": kind, "value": value}


def readout_markdown(result: dict[str, Any]) -> str:
    """The tables, one a corpus and their mean; the best layer and pooling of each is bold."""
    parts = []
    for name, entry in result["corpora"].items():
        fitted, held_out = entry["turns"]
        lexical = "-" if entry[LEXICAL] is None else f"{entry[LEXICAL]:.3f}"
        heading = f"{name}: {entry['metric']}, {fitted} turns fitted, {held_out} held out; words alone {lexical}"
        parts.append(f"### {heading}\n\n{_layer_table(entry['table'], entry['best'])}")
    parts.append(f"### Mean over the corpora\n\n{_layer_table(result['mean'], result['best'])}")
    return "\n".join(parts)


def _layer_table(table: dict[str, dict[str, float | None]], best: dict[str, Any] | None) -> str:
    kinds = sorted(next(iter(table.values()), {}), key=lambda kind: kind == BOTH)  # the words come last
    chosen = (str(best["layer"]), best["pooling"]) if best else None
    rows = [
        [layer, *(f"**{row[kind]:.3f}**" if (layer, kind) == chosen else row[kind] for kind in kinds)]
        for layer, row in table.items()
    ]
    return markdown(["layer", *kinds], rows)
