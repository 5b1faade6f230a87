"""What cannot be planned, said in one line with its mend."""


class PlanError(ValueError):
    """A model, a machine or a setting that the planner does not know; the message ends with what to do about it."""
