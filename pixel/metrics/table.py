"""A Markdown table from rows of cells."""

from collections.abc import Iterable, Sequence


def markdown(header: Sequence[str], rows: Iterable[Sequence[object]], digits: int = 3) -> str:
    """
    Args:
        header: the columns' names.
        rows: cells; floats are rounded, `None` becomes a dash, a bar or a new line within a cell breaks no row.
        digits: after the point.

    Returns:
        the table, ending in a newline.

    Example:
        >>> print(markdown(["a", "b"], [[1.0, None]], digits=1), end="")
        | a | b |
        | --- | --- |
        | 1.0 | - |
    """
    lines = [_line(header), _line("---" for _ in header)]
    lines += [_line(_cell(cell, digits) for cell in row) for row in rows]
    return "\n".join(lines) + "\n"


def _cell(cell: object, digits: int) -> str:
    if cell is None:
        return "-"
    return f"{cell:.{digits}f}" if isinstance(cell, float) else str(cell)


def _line(cells: Iterable[str]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in cells) + " |"
