"""Print what setup.cfg requires, extras included, and the embedded models, one requirement a line (for deptry)."""

from configparser import ConfigParser
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
EMBEDDED = ("embedded.txt", "embedded_voice.txt")


def requirements(root: Path = ROOT) -> list[str]:
    """Every requirement in `setup.cfg` and in the lists of embedded models, without hashes."""
    setup = ConfigParser()
    setup.read(root / "setup.cfg")
    blocks = [setup["options"]["install_requires"], *setup["options.extras_require"].values()]
    lines = [line for block in blocks for line in block.splitlines()]
    lines += [line.split(" --hash")[0] for name in EMBEDDED for line in (root / name).read_text().splitlines()]
    return [line.strip() for line in lines if line.strip() and not line.startswith("#")]


if __name__ == "__main__":
    print("\n".join(requirements()))
