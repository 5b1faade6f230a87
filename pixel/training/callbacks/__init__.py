"""Callbacks: what watches a training run from outside."""
