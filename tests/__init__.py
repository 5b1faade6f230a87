"""Pixel's tests: the folders mirror `pixel/`."""
