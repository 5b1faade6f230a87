"""A frozen study cut into folds of people, so that settings are chosen on everybody and reported on nobody's own."""

import numpy as np

from pixel.benchmarks.frozen_study import FrozenStudy

MOST = 1000
"""Conversations of a corpus that a fold measures at most."""


def group_folds(study: FrozenStudy, count: int) -> list[FrozenStudy]:
    """
    Cross-validation inside the training turns: the groups of every corpus are dealt out to `count` folds.

    The held-out people of `study` are in no fold, so that what is chosen here can be reported there.

    Args:
        study: with `examples`, which say what corpus each conversation is from.
        count: of folds, at least 2.

    Returns:
        a study a fold: it trains on the rows of the others and measures (`tune`) its own, at most `MOST` conversations
        a corpus. Rows keep their numbers, so that a curriculum works as before.

    Raises:
        ValueError: fewer than two folds, or a study without examples.
    """
    if count < 2:
        raise ValueError(f"{count} fold: cross-validation needs at least 2")
    if study.examples is None:
        raise ValueError("this study has no examples, so the corpus of a conversation is not known")
    corpora = np.array(study.examples()["source"]).astype(str)
    fold = np.empty(len(corpora), dtype=int)
    rng = np.random.default_rng(0)
    for corpus in np.unique(corpora):
        rows = np.flatnonzero(corpora == corpus)
        names, member = np.unique(study.train.groups[rows], return_inverse=True)
        fold[rows] = (rng.permutation(len(names)) % count)[member]
    studies = []
    for number in range(count):
        measured = {}
        for corpus in np.unique(corpora):
            own = np.flatnonzero((corpora == corpus) & (fold == number))
            if len(own):
                measured[str(corpus)] = study.train.select(sorted(rng.permutation(own)[:MOST].tolist()))
        order = [row for row in study.order if fold[row] != number]
        studies.append(
            FrozenStudy(study.network, study.settings, study.train, order, {"tune": measured}, study.examples)
        )
    return studies


def reporting_on_all(study: FrozenStudy) -> FrozenStudy:
    """The same study with both halves of the held-out people as `test`: nothing was chosen on either."""
    tune, test = study.held_out["tune"], study.held_out["test"]
    join = type(study.train).join
    whole = {name: join([part[name] for part in (tune, test) if name in part]) for name in tune.keys() | test.keys()}
    held_out = {"tune": {}, "test": dict(sorted(whole.items()))}
    return FrozenStudy(study.network, study.settings, study.train, study.order, held_out, study.examples)
