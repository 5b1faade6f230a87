"""Files that pip packages carry, and where Pixel keeps what it has made of them."""

import importlib.util
import os
from pathlib import Path


def cache_home() -> Path:
    """Where converted models and computed states are kept: `$PIXEL_CACHE`, or `~/.cache/pixel`."""
    return Path(os.environ.get("PIXEL_CACHE", Path.home() / ".cache" / "pixel"))


def package_folder(package: str, install: str) -> Path:
    """
    Where a package's files lie, without importing it (these packages import things Pixel does not need).

    Raises:
        FileNotFoundError: not installed; says how to install it.
    """
    spec = importlib.util.find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise FileNotFoundError(f"the package {install} is not installed. Mend: pip install --no-deps {install}")
    return Path(spec.submodule_search_locations[0])
