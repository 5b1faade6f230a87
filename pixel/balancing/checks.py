"""Options of the weights over time, checked: every message names the option, what was found and the mend."""

import inspect
from collections.abc import Mapping, Sequence

import torch
from torch import Tensor


def number(
    option: str,
    value,
    least: float | None = None,
    above: float | None = None,
    most: float | None = None,
    below: float | None = None,
) -> float:
    """
    `value` as a float within its range.

    Numbers written as text pass: YAML reads `1e-3` as a string.

    Raises:
        ValueError: not a finite number, or out of the range, which the message spells out.
    """
    limits = {"at least": least, "above": above, "at most": most, "below": below}
    limits = {word: limit for word, limit in limits.items() if limit is not None}
    wanted = " and ".join(f"{word} {limit:g}" for word, limit in limits.items())
    try:
        found = float(value)
    except (TypeError, ValueError):
        found = float("nan")
    tests = (
        abs(found) < float("inf"),  # false for NaN too
        least is None or found >= least,
        above is None or found > above,
        most is None or found <= most,
        below is None or found < below,
    )
    if not all(tests):
        raise ValueError(f"{option} must be a number{' ' + wanted if wanted else ''}, found {value!r}")
    return found


def whole(option: str, value, least: int = 1) -> int:
    """`value` as an integer of at least `least`; ValueError otherwise."""
    found = number(option, value, least=least)
    if found != int(found):
        raise ValueError(f"{option} must be a whole number, found {value!r}")
    return int(found)


def distinct_names(objectives: Sequence[str]) -> tuple[str, ...]:
    """The k objectives as a tuple; ValueError where there is none or one comes twice."""
    names = tuple(objectives)
    if not names or len(set(names)) != len(names):
        raise ValueError(f"objectives must be distinct names, at least one, found {names}")
    return names


def known_objectives(option: str, values: Mapping | None, objectives: Sequence[str]) -> Mapping:
    """`values` if it maps some of the objectives to something ({} for None); ValueError otherwise."""
    if values is None:
        return {}
    if not isinstance(values, Mapping):
        raise ValueError(f"{option} must map objectives to values, as {{{objectives[0]}: ...}}, found {values!r}")
    if unknown := sorted(set(map(str, values)) - set(objectives)):
        raise ValueError(f"{option} names unknown objectives {unknown}; the objectives are {', '.join(objectives)}")
    return values


def per_objective(
    option: str, values: Mapping[str, float] | None, objectives: Sequence[str], default: float = 1.0
) -> Tensor:
    """
    Weights as float64 `[k]`, `default` where an objective is not named.

    Raises:
        ValueError: an unknown objective, a negative weight, or all weights zero.
    """
    values = known_objectives(option, values, objectives)
    weights = [number(f"{option}[{name}]", values.get(name, default), least=0) for name in objectives]
    if sum(weights) == 0:
        raise ValueError(f"{option} leaves no objective with a weight: set at least one above 0")
    return torch.tensor(weights, dtype=torch.float64)


def known_options(option: str, given: Mapping | None, built: type, beside: Sequence[str]) -> dict:
    """
    `given` as keyword arguments for `built`.

    Args:
        option: what the user calls this mapping.
        given: option names and values, or None.
        built: the class that takes them.
        beside: its parameters that are not options.

    Raises:
        ValueError: not a mapping, or a name that `built` does not take; the message lists those it takes.
    """
    given = {} if given is None else given
    taken = [name for name in inspect.signature(built).parameters if name not in beside]
    if not isinstance(given, Mapping) or set(given) - set(taken):
        lists = f"the options are {', '.join(taken)}" if taken else "there are no options"
        found = sorted(set(given) - set(taken)) if isinstance(given, Mapping) else given
        raise ValueError(f"{option} does not take {found!r}: {lists}")
    return dict(given)
