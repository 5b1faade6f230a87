"""What is said about a recording that cannot be used."""


class AudioError(ValueError):
    """One line: the file, what is wrong with it, and the mend."""
