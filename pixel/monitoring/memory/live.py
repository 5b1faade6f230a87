"""Tensors that are alive, and who they are."""

import gc
import warnings
from collections import Counter

import torch


def live_tensors(device: str | None = None, most: int = 10) -> tuple[int, list[tuple[str, int, int]]]:
    """
    Count what Python can still reach; tensors that only C++ holds (autograd's own) are not seen.

    Walks all objects: tens to hundreds of milliseconds.

    Args:
        device: type of device to look at, such as `cpu`; all by default.
        most: kinds that are named.

    Returns:
        bytes (shared storage once), and the kinds that take most: shape and dtype, how many, bytes.
    """
    seen: set[int] = set()
    count: Counter = Counter()
    size: Counter = Counter()
    total = 0
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # objects that warn when they are looked at
        for thing in gc.get_objects():
            try:
                if not isinstance(thing, torch.Tensor) or (device is not None and thing.device.type != device):
                    continue
                storage = thing.untyped_storage()
                place, taken = storage.data_ptr(), storage.nbytes()
            except (ReferenceError, RuntimeError, NotImplementedError):  # gone, or of a kind without storage
                continue
            if place and place not in seen:
                seen.add(place)
                total += taken
                kind = f"{list(thing.shape)} {str(thing.dtype).removeprefix('torch.')}"
                count[kind] += 1
                size[kind] += taken
    return total, [(kind, count[kind], taken) for kind, taken in size.most_common(most)]
