"""What each optimisation is worth."""
