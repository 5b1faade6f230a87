"""Figures as files: PNG, and one HTML page that needs nothing else."""

import base64
import html
import io
from collections.abc import Iterable, Sequence


def png(figure, dpi: int = 144) -> bytes:
    """A figure as PNG."""
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=dpi)
    return buffer.getvalue()


def figure_page(title: str, parts: Iterable[tuple[str, bytes | None, Sequence[Sequence[object]]]]) -> str:
    """
    A self-contained page.

    Args:
        title: of the page.
        parts: heading, figure as PNG (or `None`), and a table whose first row names the columns (or an empty one)
            each. All text is escaped.

    Returns:
        HTML.
    """
    body = []
    for heading, figure, table in parts:
        body.append(f"<h2>{html.escape(heading)}</h2>")
        if figure is not None:
            image = base64.b64encode(figure).decode("ascii")
            body.append(f'<img alt="{html.escape(heading, quote=True)}" src="data:image/png;base64,{image}">')
        if len(table) > 1:
            head = "".join(f"<th>{html.escape(str(name))}</th>" for name in table[0])
            rows = "".join(
                "<tr>" + "".join(f"<td>{html.escape(_shown(value))}</td>" for value in row) + "</tr>"
                for row in table[1:]
            )
            body.append(f"<table><tr>{head}</tr>{rows}</table>")
    return _PAGE.replace("TITLE", html.escape(title)).replace("BODY", "\n".join(body))


def _shown(value: object) -> str:
    if value is None:
        return "–"
    return f"{value:.3f}" if isinstance(value, float) else str(value)


_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>TITLE</title>
<style>
 body { font: 15px/1.5 system-ui, sans-serif; max-width: 64rem; margin: 2rem auto; padding: 0 1rem; color: #1d2733 }
 h2 { margin-top: 2.2rem; border-bottom: 1px solid #d8dee6 } img { max-width: 100% }
 table { border-collapse: collapse; font-size: 13px; font-variant-numeric: tabular-nums }
 th, td { text-align: left; padding: .25rem .6rem; border-bottom: 1px solid #e7ebf0 } th { background: #f4f6f9 }
</style></head><body><h1>TITLE</h1>
BODY
</body></html>
"""
