"""A speaker's fingerprint: a vector of how somebody talks, compared by cosine."""
