"""The one error that bad conversations raise: it names the file, the row, the field and the mend."""


class ConversationError(ValueError):
    """
    A conversation that cannot be used, said in one line.

    Args:
        problem: what is wrong.
        file: file or dataset it came from.
        row: row number (0-based) or conversation id.
        field: column or label.
        mend: what the reader can do about it.
    """

    def __init__(self, problem: str, *, file=None, row=None, field: str | None = None, mend: str | None = None):
        self.problem, self.file, self.row, self.field, self.mend = problem, file, row, field, mend
        place = ", ".join(
            f"{name} {value}"
            for name, value in (("file", file), ("row", row), ("field", field and repr(field)))
            if value is not None
        )
        super().__init__(f"{place + ': ' if place else ''}{problem}{'. Mend: ' + mend if mend else ''}")

    def at(self, *, file=None, row=None) -> "ConversationError":
        """The same error, with the place filled in where it was not known."""
        return ConversationError(
            self.problem,
            file=self.file if self.file is not None else file,
            row=self.row if self.row is not None else row,
            field=self.field,
            mend=self.mend,
        )
