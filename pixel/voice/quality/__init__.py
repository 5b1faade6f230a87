"""How good a recording and its transcript are: one measure a file, thresholds with reasons, what is kept and why."""
