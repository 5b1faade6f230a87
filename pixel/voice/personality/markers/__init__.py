"""What can be counted in the way a person speaks: one family of markers a file."""
