"""The trackers, one a file: each opens a run, takes numbers, alerts and files, and ends the run."""

from pixel.tracking.trackers.run_info import RunInfo, Tracker, tracker_for

__all__ = ["RunInfo", "Tracker", "tracker_for"]
