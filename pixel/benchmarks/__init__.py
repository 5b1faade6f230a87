"""Measurements of Pixel itself: step time, memory and packing beside TRL, where to read turns, faithful conflicts."""
