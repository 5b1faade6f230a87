"""Seconds of sound heard, how many times faster than listening, and the time left."""

import sys
import time
from datetime import timedelta


class Progress:
    """
    A bar on a terminal; silent elsewhere.

    Args:
        total: seconds of sound in all, as far as known.
        done: of these, heard in earlier runs.
    """

    def __init__(self, total: float, done: float):
        self.total, self.done, self.heard, self.started = max(total, done), done, 0.0, time.monotonic()
        self.bar = None
        if sys.stderr.isatty():
            from tqdm import tqdm

            self.bar = tqdm(total=self.total, initial=done, bar_format="{percentage:3.0f}%|{bar}| {desc}")
            self.bar.set_description_str("loading the model", refresh=True)

    def add(self, seconds: float) -> None:
        """So much more was heard."""
        self.heard += seconds
        if self.bar is not None:
            self.bar.update(min(seconds, max(self.total - self.bar.n, 0.0)))
            self.bar.set_description_str(self.line(), refresh=True)

    def shrink(self, seconds: float) -> None:
        """So much will never be heard: its recording is quarantined."""
        self.total = max(self.total - max(seconds, 0.0), self.done + self.heard)
        if self.bar is not None:
            self.bar.total = self.total

    @property
    def seconds(self) -> float:
        """Since the start."""
        return time.monotonic() - self.started

    @property
    def x_realtime(self) -> float:
        """Seconds of sound a second."""
        return self.heard / max(self.seconds, 1e-9)

    def line(self) -> str:
        """
        Example:
            >>> progress = Progress(7200.0, 3600.0)
            >>> progress.started -= 60.0
            >>> progress.add(1800.0)
            >>> progress.line()
            '1:30:00 of 2:00:00 heard, 30.0x real time, 0:01:00 left'
        """
        left = (self.total - self.done - self.heard) / self.x_realtime if self.heard else 0.0
        heard, total, left = (
            timedelta(seconds=round(value)) for value in (self.done + self.heard, self.total, max(left, 0.0))
        )
        return f"{heard} of {total} heard, {self.x_realtime:.1f}x real time, {left} left"

    def close(self) -> None:
        if self.bar is not None:
            self.bar.close()
