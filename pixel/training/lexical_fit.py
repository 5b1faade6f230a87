"""Fits the lexical expert: logistic regression on the TF-IDF of labelled turns, a label at a time."""

import numpy as np
import torch
from datasets import Dataset
from torch import Tensor
from tqdm.auto import tqdm

from pixel.models import PixelForCausalLM
from pixel.models.labels import FIELDS
from pixel.models.lexical import LexicalExpert, bag_of_tokens
from pixel.training.closed_form import fold_of_groups

LEAST = 5
"""Positive turns a label needs before words may speak for it."""


def fit_lexical(
    network: PixelForCausalLM,
    examples: Dataset,
    fields: list[str],
    *,
    strength: float = 3.0,
    groups: np.ndarray | None = None,
    folds: int = 3,
    seed: int = 0,
) -> dict[str, Tensor]:
    """
    Give a network a lexical expert for some fields.

    Each logit is a logistic regression of its own (an ordinal step is "at least level k" or not), so it is convex and
    takes seconds. Labels with fewer than five positive or negative turns keep the logit of their prior.

    Args:
        network: gets a new `lexical`, and `config.lexical_fields`.
        examples: training examples (not packed), without repeats.
        fields: multilabel, categorical or ordinal fields.
        strength: inverse of the L2 penalty (scikit-learn's `C`).
        groups: the person or thread of every turn of `examples`; if given, out-of-fold logits come back.
        folds, seed: of those.

    Returns:
        field -> out-of-fold logits `[turns, width]` of every turn, NaN where it has no label (all NaN without
        `groups`), for the fields that had labels.

    Raises:
        ValueError: a field of kind `score`, which this does not fit.
    """
    for name in fields:
        if FIELDS[name].kind == "score":
            raise ValueError(f"{name} is a score; the lexical expert speaks about labels, classes and levels only")
    fields = [name for name in fields if name in examples.column_names and name in network.config.fields]
    if not fields:
        return {}
    vocabulary = network.config.text_config.vocab_size
    counts, targets, place = _turns(examples, fields, vocabulary)
    features, idf = _tfidf(counts)
    fold = None if groups is None else fold_of_groups(groups, folds, seed)[place]
    turns = sum(len(spans) for spans in examples["turn_spans"])
    held_out = {name: torch.full((turns, FIELDS[name].logits), torch.nan) for name in fields}
    columns, biases = [], []
    bar = tqdm(total=sum(FIELDS[name].logits for name in fields), desc="Lexical expert")
    for name in fields:
        for logit, (known, present) in enumerate(_questions(name, targets[name])):
            weight, bias = _fit(features[known], present[known], strength)
            columns.append(weight)
            biases.append(bias)
            for number in range(folds if fold is not None else 0):
                train, test = known & (fold != number), known & (fold == number)
                part, constant = _fit(features[train], present[train], strength)
                held_out[name][place[test], logit] = torch.from_numpy(features[test] @ part + constant).float()
            bar.update()
    bar.close()
    expert = LexicalExpert(vocabulary, fields)
    with torch.no_grad():
        expert.idf.weight.copy_(torch.from_numpy(idf).float().unsqueeze(-1))
        expert.weights.weight.copy_(torch.from_numpy(np.stack(columns, 1)).float())
        expert.bias.weight.copy_(torch.tensor(biases).float().unsqueeze(0))
    network.lexical = expert.to(network.device)
    network.config.lexical_fields = fields
    return held_out


def _turns(examples: Dataset, fields: list[str], vocabulary: int):
    """Sparse token counts `[labelled turns, vocabulary]`, each field's labels with NaN, and the turns' numbers."""
    from scipy.sparse import csr_matrix

    rows, tokens, values, place, number, before = [], [], [], [], 0, 0
    targets: dict[str, list] = {name: [] for name in fields}
    for example in examples.select_columns(["input_ids", "turn_spans", *fields]):
        labels = [[per_turn[i] if (per_turn := example[name]) else None for name in fields]
                  for i in range(len(example["turn_spans"]))]  # fmt: skip
        wanted = [i for i, per_field in enumerate(labels) if any(label is not None for label in per_field)]
        place += [before + i for i in wanted]
        before += len(labels)
        if not wanted:
            continue
        spans = torch.tensor([[example["turn_spans"][i] for i in wanted]])
        turn, token, count = bag_of_tokens(torch.tensor([example["input_ids"]]), spans)
        rows.append(turn.numpy() + number)
        tokens.append(token.numpy())
        values.append(count.numpy())
        number += len(wanted)
        for column, name in enumerate(fields):
            for i in wanted:
                targets[name].append(labels[i][column])
    shape = (number, vocabulary)
    counts = csr_matrix((np.concatenate(values), (np.concatenate(rows), np.concatenate(tokens))), shape, dtype=float)
    return counts, {name: _as_array(name, values) for name, values in targets.items()}, np.array(place)


def _as_array(name: str, labels: list) -> np.ndarray:
    field = FIELDS[name]
    if not field.is_vector:
        return np.array([np.nan if label is None else label for label in labels], dtype=float)
    blank = [np.nan] * field.size
    return np.array(
        [blank if label is None else [np.nan if v is None else v for v in label] for label in labels], dtype=float
    )


def _tfidf(counts):
    """L2-normalised sub-linear TF-IDF of tokens that stand in two turns or more, and the idf `[vocabulary]`."""
    from sklearn.feature_extraction.text import TfidfTransformer

    seen = np.asarray((counts > 0).sum(0)).ravel()
    transformer = TfidfTransformer(sublinear_tf=True, norm="l2").fit(counts)
    idf = np.where(seen >= 2, transformer.idf_, 0.0)
    weighted = counts.copy()
    weighted.data = (1 + np.log(weighted.data)) * idf[weighted.indices]
    norm = np.sqrt(np.asarray(weighted.multiply(weighted).sum(1)).ravel())
    weighted.data /= np.repeat(np.maximum(norm, 1e-12), np.diff(weighted.indptr))
    return weighted, idf


def _questions(name: str, target: np.ndarray):
    """For each logit: which turns are known, and which of them say yes."""
    field = FIELDS[name]
    if field.kind == "multilabel":
        for label in range(field.size):
            yield ~np.isnan(target[:, label]), np.nan_to_num(target[:, label]) >= 0.5
    elif field.kind == "ordinal":
        for step in range(1, field.size):
            yield ~np.isnan(target), np.nan_to_num(target, nan=-1) >= step
    else:
        for label in range(field.size):
            yield ~np.isnan(target), target == label


def _fit(features, present: np.ndarray, strength: float) -> tuple[np.ndarray, float]:
    from sklearn.linear_model import LogisticRegression

    positive = int(present.sum())
    if min(positive, len(present) - positive) < LEAST:
        prior = (positive + 0.5) / (len(present) + 1.0)
        return np.zeros(features.shape[1]), float(np.log(prior / (1 - prior)))
    model = LogisticRegression(C=strength, solver="liblinear").fit(features, present)
    return model.coef_[0], float(model.intercept_[0])
