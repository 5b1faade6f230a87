import ctypes
import os
import sys
from pathlib import Path

import pytest

from pixel.voice.pipeline.memory import give_back


@pytest.mark.skipif(
    not sys.platform.startswith("linux") or not hasattr(ctypes.CDLL(None), "malloc_trim"), reason="not glibc"
)
def test_what_is_free_between_things_that_are_kept_goes_back_to_the_system():
    pieces = [bytes(20_000) for _ in range(3_000)]
    kept = pieces[::30]  # so that the heap cannot simply end earlier
    del pieces  # 58 MB
    before = resident_mb()
    give_back()
    assert resident_mb() < before - 30 and len(kept) == 100


def test_where_there_is_no_such_heap_nothing_happens(monkeypatch):
    from pixel.voice.pipeline import memory

    monkeypatch.setattr(memory, "_trim", lambda: None)
    give_back()


def resident_mb():
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6
