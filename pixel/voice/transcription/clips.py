"""
Clips of at most 29 s for Whisper, out of stretches of speech.

Long pauses are taken out, as Faster Whisper does. It fills each clip to the brim, though, and so cuts where the brim
happens to be; here the cuts that cost least are looked for: few clips, each ending in a long pause.
"""

from bisect import bisect_right
from dataclasses import dataclass

import numpy as np

from pixel.voice.audio.activity import FRAME, RATE, SILENCE, Activity

LONGEST = 29.0  # seconds; Whisper hears 30
A_CLIP = 0.5  # what one more clip costs, where a cut without any pause costs 1
GRID = RATE // 100  # cuts lie on 10 ms, the grid of Whisper's features


@dataclass(frozen=True)
class Packed:
    """
    Speech without its long pauses, and the way back to true times.

    Attributes:
        samples: float32 `[samples]`, the pieces one after the other.
        pieces: `(start, end)` of each in the recording, in samples.
        clips: `(start, end)` in `samples`, in order, each at most 29 s.
    """

    samples: np.ndarray
    pieces: tuple[tuple[int, int], ...]
    clips: tuple[tuple[int, int], ...]

    def true_times(self, start: float, end: float) -> tuple[float, float]:
        """Seconds in the recording of a word at these seconds of `samples`: moved with the piece its middle is in."""
        begins = self._begins()
        place = max(0, bisect_right(begins, (start + end) / 2 * RATE) - 1)
        first, last = self.pieces[place]
        low, high = first / RATE, last / RATE
        moved = low - begins[place] / RATE
        return min(max(low, start + moved), high), min(max(low, end + moved), high)

    def true_span(self, clip: tuple[int, int]) -> tuple[float, float]:
        """Seconds in the recording from a clip's first sample to its last."""
        begins, found = self._begins(), []
        for sample in (clip[0], max(clip[0], clip[1] - 1)):
            place = max(0, bisect_right(begins, sample) - 1)
            found.append((self.pieces[place][0] + sample - begins[place]) / RATE)
        return found[0], found[1]

    def _begins(self) -> list[int]:
        lengths = [0] + [end - start for start, end in self.pieces[:-1]]
        return np.cumsum(lengths).tolist()


def pack(samples: np.ndarray, pieces: list[tuple[int, int]], activity: Activity) -> Packed:
    """
    Args:
        samples: float32 `[samples]`, 16 kHz mono.
        pieces: what to keep, in samples, in order, without overlap.
        activity: of the same samples.
    """
    kept = np.concatenate([samples[a:b] for a, b in pieces]) if pieces else np.zeros(0, np.float32)
    places, prices = cuts(pieces, activity)
    return Packed(kept, tuple(pieces), tuple(cheapest(places, prices)))


def cuts(pieces: list[tuple[int, int]], activity: Activity) -> tuple[list[int], list[float]]:
    """
    Where the packed samples may be cut, and at what price in [0, 2].

    The middle of every quiet run, cheaper the longer it is; and where there is none for a second, the frame that is
    least speech. The first place and the last are the ends, for nothing.
    """
    quiet, begin, total = [], 0, sum(end - start for start, end in pieces)
    for start, end in pieces:
        probabilities = activity.probabilities[start // FRAME : -(-end // FRAME)]
        quiet.append((begin, probabilities))
        begin += end - start
    found: dict[int, float] = {}
    run_start = None
    for begin, probabilities in [*quiet, (total, np.ones(1))]:
        for place, probability in enumerate(probabilities):
            here = begin + place * FRAME
            if probability < SILENCE:
                run_start = here if run_start is None else run_start
            elif run_start is not None:
                found[(run_start + here) // 2] = float(np.exp(-(here - run_start) / RATE / 0.3))
                run_start = None
        for place in range(0, len(probabilities), RATE // FRAME):
            second = probabilities[place : place + RATE // FRAME]
            least = int(second.argmin())
            found.setdefault(begin + (place + least) * FRAME, 1.0 + float(second[least]))
    inside = {place // GRID * GRID: price for place, price in sorted(found.items(), reverse=True)}
    places = [0, *sorted(place for place in inside if 0 < place < total), total]
    return places, [0.0, *(inside[place] for place in places[1:-1]), 0.0]


def cheapest(places: list[int], prices: list[float], longest: float = LONGEST) -> list[tuple[int, int]]:
    """The cuts that cost least together, each clip costing `A_CLIP` and being at most `longest` seconds."""
    if places[-1] == 0:
        return []
    most = round(longest * RATE)
    best, back, first = [0.0], [0], 0
    for here in range(1, len(places)):
        while places[here] - places[first] > most and first < here - 1:
            first += 1
        costs = [best[before] + A_CLIP for before in range(first, here)]
        least = int(np.argmin(costs))
        best.append(costs[least] + prices[here])
        back.append(first + least)
    clips, here = [], len(places) - 1
    while here:
        clips.append((places[back[here]], places[here]))
        here = back[here]
    return clips[::-1]
