"""Text files that are there whole or not at all."""

import os
from pathlib import Path


def write_in_one_step(file: Path, text: str, durable: bool = True) -> Path:
    """
    Write a file so that a reader, or a kill, meets the old one or the new one, never a half.

    Args:
        file: its folder is made where it is missing. One process writes it at a time.
        text: half surrogates, as a broken tokenizer gives them, are written as escapes.
        durable: wait for the disk; not needed where the next write comes in seconds.

    Returns:
        the file.
    """
    file.parent.mkdir(parents=True, exist_ok=True)
    partial = file.with_name(f"{file.name}.partial")
    with partial.open("w", encoding="utf-8", errors="backslashreplace") as stream:
        stream.write(text)
        if durable:
            stream.flush()
            os.fsync(stream.fileno())
    os.replace(partial, file)
    return file
