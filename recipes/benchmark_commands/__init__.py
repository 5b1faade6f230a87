"""One command of `recipes/benchmark.py` a file: its options and what it runs."""
