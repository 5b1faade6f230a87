"""Plain text out of the HTML that web forms keep."""

import re
from html.parser import HTMLParser

_BLOCKS = {"p", "br", "div", "li", "ul", "ol", "h1", "h2", "h3", "h4", "tr"}
_SILENT = {"style", "script", "xml", "head"}


def plain_text(html: str) -> str:
    """
    Text of an HTML fragment: a line a block, entities resolved, tags, styles and office markup gone.

    Example:
        >>> plain_text("<p>It&nbsp;helps to <b>talk</b>.</p><p>Be kind.</p>")
        'It helps to talk.\\nBe kind.'
    """
    reader = _Reader()
    reader.feed(html)
    reader.close()
    lines = (re.sub(r"\s+", " ", line).strip() for line in "".join(reader.parts).split("\n"))
    return "\n".join(line for line in lines if line)


class _Reader(HTMLParser):
    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self.silent = 0

    def handle_starttag(self, tag, attrs):
        self.silent += tag in _SILENT
        if tag in _BLOCKS:
            self.parts.append("\n")

    def handle_endtag(self, tag):
        self.silent = max(0, self.silent - (tag in _SILENT))
        if tag in _BLOCKS:
            self.parts.append("\n")

    def handle_data(self, data):
        if not self.silent:
            self.parts.append(re.sub(r"\s+", " ", data))
