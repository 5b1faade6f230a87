"""Faults on purpose, and what the run makes of them."""
