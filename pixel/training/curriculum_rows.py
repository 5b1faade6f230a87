"""From a dataset of examples and what a YAML file says to a curriculum over its rows."""

from collections.abc import Mapping, Sequence
from inspect import signature
from typing import Any

import numpy as np

from pixel.data.difficulty import difficulty, empathy_stages
from pixel.data.domains import PROGRESSION, domain_marks
from pixel.models.labels import EMPATHY_STAGES
from pixel.training.arguments import SettingError
from pixel.training.curriculum import Curriculum

OPTIONS = set(signature(Curriculum).parameters) - {"difficulty", "groups", "total"}
ROW_OPTIONS = {"difficulty_weights", "order", "seed"}


def row_groups(dataset, order: Sequence[str] = PROGRESSION) -> dict[str, np.ndarray]:
    """
    What the `domains` of a stage can name: bool `[rows]` by knowledge domain (objectives and DSM chapters), and by the
    highest stage of empathy that a row shows (`recognition`, `resonance`, `understanding`, `collaboration`).
    """
    groups = dict(zip(order, domain_marks(dataset, order).T, strict=True))
    highest = empathy_stages(dataset)
    return groups | {name: highest == at for at, name in enumerate(EMPATHY_STAGES) if at > 0}


def curriculum_over(
    dataset,
    options: Mapping[str, Any],
    *,
    loss: Sequence[float | None] | None = None,
    given: Sequence[float | None] | None = None,
) -> Curriculum:
    """
    A curriculum over the rows of a dataset.

    Args:
        dataset: examples of `encode_dataset`.
        options: `difficulty_weights`, `order`, `seed` (see `pixel.data.difficulty`), and those of `Curriculum`.
        loss, given: see `pixel.data.difficulty.components`.

    Raises:
        SettingError: an option that is unknown or out of range.
    """
    if unknown := set(options) - OPTIONS - ROW_OPTIONS:
        known = ", ".join(sorted(OPTIONS | ROW_OPTIONS))
        raise SettingError(f"curriculum: unknown {', '.join(sorted(unknown))}. Mend: use some of {known}")
    order = options.get("order") or PROGRESSION
    try:
        hard = difficulty(
            dataset,
            weights=options.get("difficulty_weights"),
            seed=options.get("seed", 0),
            order=order,
            loss=loss,
            given=given,
        )
        rest = {name: value for name, value in options.items() if name in OPTIONS}
        return Curriculum(hard, groups=row_groups(dataset, order), **rest)
    except ValueError as error:
        raise SettingError(str(error)) from None
