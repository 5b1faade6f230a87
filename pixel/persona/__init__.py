"""Persona modes over a conversation: switching at known points, its measures, and a benchmark of it."""
