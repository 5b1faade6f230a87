"""From what a person discloses to ranked differentials, with reasons by criterion."""
