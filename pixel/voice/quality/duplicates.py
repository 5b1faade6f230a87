"""The same talk twice: a re-upload, or an excerpt of a longer recording, told by the words alone."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import combinations

from pixel.voice.segment import Segment

RUN = 5
"""Words in a run. Two people hardly ever share many runs of five; two decodings of one talk at 10 percent errors share
about a third (.9 ** 10)."""
SHARED = 0.2
LEAST_RUNS = 30
_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")


@dataclass(frozen=True)
class Duplicate:
    """`file` says what `of` says; `shared` is the share of its runs of words that stand there too, in [0, 1]."""

    file: str
    of: str
    shared: float


def duplicate_files(
    segments: Iterable[Segment], shared: float = SHARED, least_runs: int = LEAST_RUNS
) -> list[Duplicate]:
    """
    Recordings to leave out since a longer one holds the same talk.

    Args:
        segments: of all recordings; the order within a recording is by time.
        shared: share of the shorter one's runs of five words from which two recordings are the same talk.
        least_runs: recordings with fewer different runs are never called duplicates.

    Returns:
        one a recording to leave out, by name; the longer recording stays, of equally long ones the first by name.
        A recording is only left out for one that stays.

    Falls short: what stands in more than five recordings (or one in twenty) is taken for a greeting, so that of six
    copies of one talk none is found.
    """
    runs = {file: found for file, found in _runs(segments).items() if len(found) >= least_runs}
    order = sorted(runs, key=lambda file: (-len(runs[file]), file))
    common = _common(runs)
    found, gone = [], set()
    for place, file in enumerate(order):
        best = max(
            (
                (common[frozenset((file, longer))] / len(runs[file]), longer)
                for longer in order[:place]
                if longer not in gone
            ),
            key=lambda pair: pair[0],
            default=(0.0, ""),
        )
        if best[0] >= shared:
            gone.add(file)
            found.append(Duplicate(file, best[1], best[0]))
    return sorted(found, key=lambda one: one.file)


def _runs(segments: Iterable[Segment]) -> dict[str, set[tuple[str, ...]]]:
    """The different runs of words of each recording, across its segments."""
    words: Mapping[str, list[str]] = defaultdict(list)
    for segment in sorted(segments, key=lambda one: (one.file, one.start)):
        words[segment.file] += [word.casefold() for word in _WORD.findall(segment.text)]
    return {file: set(zip(*(said[start:] for start in range(RUN)), strict=False)) for file, said in words.items()}


def _common(runs: Mapping[str, set[tuple[str, ...]]]) -> Counter:
    """How many runs two recordings share; runs that many recordings hold (a channel's greeting) are no evidence."""
    holders: dict[tuple[str, ...], list[str]] = defaultdict(list)
    for file, own in runs.items():
        for run in own:
            holders[run].append(file)
    common: Counter = Counter()
    for files in holders.values():
        if 1 < len(files) <= max(5, len(runs) // 20):
            common.update(frozenset(pair) for pair in combinations(files, 2))
    return common
