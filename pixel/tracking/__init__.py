"""What a run tells a tracker, where its data and code came from, and how runs compare."""
