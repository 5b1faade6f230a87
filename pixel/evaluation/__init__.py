"""A model version, measured: tasks, the runner that asks them, comparison of versions, judges, reports."""
