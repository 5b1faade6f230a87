"""A Space as one folder that runs by itself: its own files, and Pixel beside them."""

import shutil
from pathlib import Path

PACKAGE = Path(__file__).resolve().parents[1]
LEFT_OUT = shutil.ignore_patterns("__pycache__", "*.pyc", "*.db", "*.db-*", "*.journal", "*.lock")


def build_space(space: str | Path, into: str | Path) -> Path:
    """
    Copy a Space's folder and the package `pixel`, which is on no package index, into one folder to push.

    Args:
        space: with `app.py`, `README.md` (its header names the SDK) and `requirements.txt`.
        into: made anew; must be empty or not there.

    Returns:
        `into`.

    Raises:
        FileNotFoundError: no such Space, or a file that a Space needs is missing.
        FileExistsError: `into` has files in it.
    """
    space, into = Path(space), Path(into)
    missing = [name for name in ("app.py", "README.md", "requirements.txt") if not (space / name).is_file()]
    if missing:
        raise FileNotFoundError(f"{space}: no {', '.join(missing)}. Mend: name a folder in spaces/")
    if into.exists() and any(into.iterdir()):
        raise FileExistsError(f"{into}: has files in it. Mend: name an empty folder")
    shutil.copytree(space, into, ignore=LEFT_OUT, dirs_exist_ok=True)
    shutil.copytree(PACKAGE, into / "pixel", ignore=LEFT_OUT)
    return into
