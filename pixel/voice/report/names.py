"""What files and voices are called on the page: by number, so that it can be shown to others; or by name."""

from collections.abc import Iterable


class Names:
    """
    Args:
        files: in the order of `files.jsonl`: `file 3` is its third line.
        shown: call everything as it is called in the data. Paths and channels may name people.

    Example:
        >>> Names(["anna/talk.mp3"]).file("anna/talk.mp3")
        'file 1'
    """

    def __init__(self, files: Iterable[str], shown: bool = False):
        self.shown = shown
        self._files = {file: f"file {number}" for number, file in enumerate(files, start=1)}
        self._others: dict[str, dict[str, str]] = {}

    def file(self, name: str) -> str:
        """Of a recording."""
        return name if self.shown else self._files.get(name, "file ?")

    def of(self, kind: str, name: object) -> str:
        """Of a voice, source or whatever else: numbered within its kind as they come."""
        if name is None:
            return "not known"
        known = self._others.setdefault(kind, {})
        number = known.setdefault(str(name), f"{kind} {len(known) + 1}")
        return str(name) if self.shown else number

    def segment(self, id: str) -> str:
        """`file 3#000012340` for a segment's id."""
        file, mark, place = id.rpartition("#")
        return f"{self.file(file)}{mark}{place}"

    def within(self, text: str) -> str:
        """A message without the paths it names."""
        if self.shown:
            return text
        for file in sorted(self._files, key=len, reverse=True):
            text = text.replace(file, self._files[file])
            short = file.rpartition("/")[2]
            text = text.replace(short, self._files[file]) if len(short) > 3 else text
        return text
