"""The outer supervisor: stages of a pipeline, restarts, schedulers."""
