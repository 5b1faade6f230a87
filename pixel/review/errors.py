"""The one error of the review: one line, what is wrong and what mends it. It never repeats what a message says."""


class ReviewError(ValueError):
    """Something a reviewer, an administrator or the command line can mend; safe to show to whoever caused it."""
