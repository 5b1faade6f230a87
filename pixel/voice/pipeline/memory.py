"""Memory that is free goes back to the system."""

import ctypes
import sys
from functools import lru_cache
from typing import Any


def give_back() -> None:
    """
    Free pages of the heap back to the system, where that is glibc's; elsewhere nothing.

    What one step leaves free is too scattered for the large blocks of the next, so that a worker's peaks would add up.
    """
    trim = _trim()
    if trim is not None:
        trim(0)


@lru_cache(maxsize=1)
def _trim() -> Any:
    return getattr(ctypes.CDLL(None), "malloc_trim", None) if sys.platform.startswith("linux") else None
