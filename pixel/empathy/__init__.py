"""Empathy measured against people: genuine or simulated, steady or not, near to how human helpers behave or not."""
