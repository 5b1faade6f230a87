"""Pages of the evaluation dashboard, one a file."""
