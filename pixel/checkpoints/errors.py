"""What is wrong with a checkpoint, in one line that says the mend."""


class CheckpointError(RuntimeError):
    """
    A checkpoint that cannot be written, trusted or used here.

    Args:
        problem: what is wrong, with the folder.
        mend: what the reader can do about it.
    """

    def __init__(self, problem: str, mend: str):
        self.problem, self.mend = problem, mend
        super().__init__(f"{problem}. Mend: {mend}")

    def __reduce__(self):
        return type(self), (self.problem, self.mend)
