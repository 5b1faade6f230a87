"""EmoBench: understanding emotions with their causes (EU) and choosing what helps (EA), asked in every order."""

from collections.abc import Mapping, Sequence

import numpy as np

from pixel.metrics.measure import Measure, defined, undefined


def emobench_ea(references: Sequence[int], predictions: Sequence[Sequence[int | None]]) -> Measure:
    """
    Accuracy of emotional application, averaged over the orders in which the options were shown.

    Shown in every rotation, an option stands once in each place: whoever always takes the same place scores exactly
    one over the number of options.

    Args:
        references: the right option of each question, numbered as in the source.
        predictions: for each question, the option taken in each order, numbered as in the source; `None`: no answer.

    Returns:
        `Measure` in [0, 1]; undefined without questions.

    Source: Sabour et al., "EmoBench: Evaluating the Emotional Intelligence of Large Language Models", ACL 2024.
    """
    shares = _shares(references, predictions)
    return defined(np.mean(shares)) if shares else undefined("no questions")


def emobench_eu(
    references: Sequence[Mapping[str, int]], predictions: Sequence[Mapping[str, Sequence[int | None]]]
) -> Measure:
    r"""
    Joint accuracy of emotional understanding: the emotion and its cause both right.

    .. math:: \frac{1}{n} \sum_i a^{emotion}_i \, a^{cause}_i

    where :math:`a` is the share of orders answered rightly. Emotion and cause are asked apart, each in every rotation
    of its options, so the product is the share of right pairs among all pairs of orders.

    Args:
        references: `{"emotion": right option, "cause": right option}` for each question.
        predictions: `{"emotion": [...], "cause": [...]}`: the options taken in each order.

    Returns:
        `Measure` in [0, 1]; undefined without questions.

    Source: as `emobench_ea`. Deviation: the paper asks for both in one prompt.
    """
    if not len(references):
        return undefined("no questions")
    parts = [
        _shares([reference[part] for reference in references], [prediction[part] for prediction in predictions])
        for part in ("emotion", "cause")
    ]
    return defined(np.mean(np.multiply(*parts)))


def _shares(references: Sequence[int], predictions: Sequence[Sequence[int | None]]) -> list[float]:
    if len(references) != len(predictions):
        raise ValueError(f"{len(predictions)} predictions for {len(references)} questions")
    return [
        float(np.mean([taken == right for taken in orders])) if len(orders) else 0.0
        for right, orders in zip(references, predictions, strict=True)
    ]
