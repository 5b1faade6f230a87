"""State that survives a checkpoint as JSON, to the last bit."""

import math
from collections.abc import Mapping

import torch
from torch import Tensor


def to_json(values: Tensor) -> list[float | None]:
    """A float64 `[k]` as a list. Python writes floats so that they read back exactly; NaN becomes None."""
    return [None if math.isnan(value) else value for value in values.tolist()]


def from_json(values: list[float | None]) -> Tensor:
    """The float64 `[k]` that [`to_json`] wrote."""
    return torch.tensor([math.nan if value is None else value for value in values], dtype=torch.float64)


class JsonState:
    """
    Saves and loads the attributes named in `kept`: float64 tensors `[k]`, integers and floats.

    Two objects built with the same options, one loaded with the other's state, go on alike to the last bit.
    """

    kept: tuple[str, ...] = ()

    def state_dict(self) -> dict:
        """What a resumed run needs: lists, floats, integers and None."""
        values = {name: getattr(self, name) for name in self.kept}
        return {name: to_json(value) if isinstance(value, Tensor) else value for name, value in values.items()}

    def load_state_dict(self, state: Mapping) -> None:
        """
        Resume from [`state_dict`].

        Raises:
            ValueError: it is the state of something else, or of another number of objectives.
        """
        if set(state) != set(self.kept):
            raise ValueError(
                f"this is no state of {type(self).__name__}: it holds {sorted(state)}, needed are "
                f"{sorted(self.kept)}; resume with the options that the checkpoint was saved with"
            )
        loaded = {}
        for name in self.kept:
            now = getattr(self, name)
            loaded[name] = from_json(state[name]) if isinstance(now, Tensor) else type(now)(state[name])
            if isinstance(now, Tensor) and loaded[name].shape != now.shape:
                raise ValueError(
                    f"the state of {type(self).__name__} has {len(loaded[name])} objectives, this run {len(now)}; "
                    "resume with the objectives that the checkpoint was saved with"
                )
        for name, value in loaded.items():
            setattr(self, name, value)
