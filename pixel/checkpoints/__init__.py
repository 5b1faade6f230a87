"""Checkpoints that are whole: written in one step, hashed, checked before use, kept or removed by rule."""
