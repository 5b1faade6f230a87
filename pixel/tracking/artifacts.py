"""What a run leaves in a tracker besides numbers: data, report and model, each with where it comes from."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pixel.tracking.lineage import without_secrets

TOLD = ("run", "config_hash", "data_hash", "parent", "code", "packages", "machine", "seeds")


@dataclass(frozen=True)
class Artifact:
    """
    Attributes:
        name: without slashes.
        kind: `dataset`, `report` or `model`.
        files: that are kept; none where the hashes in `metadata` are enough.
        metadata: for JSON.
    """

    name: str
    kind: str
    files: list[Path] = field(default_factory=list)
    metadata: dict[str, Any] = field(default_factory=dict)


def brief_lineage(lineage: Mapping[str, Any]) -> dict[str, Any]:
    """The part of a lineage that goes along with everything: hashes and versions, not the settings themselves."""
    return without_secrets({key: lineage[key] for key in TOLD if key in lineage})


def artifacts_of(
    lineage: Mapping[str, Any], files: Sequence[Path], model: Path | None = None, weights: bool = False
) -> list[Artifact]:
    """
    Args:
        lineage: of the run.
        files: lineage, metrics, report.
        model: folder of the saved model.
        weights: whether the model's files go along, or its lineage and its checkpoints' hashes alone.
    """
    said, run = brief_lineage(lineage), lineage.get("run", "")
    found = [
        Artifact(f"data-{_plain(name)}", "dataset", [], {key: about.get(key) for key in ("hash", "rows")})
        for name, about in (lineage.get("data") or {}).items()
    ]
    found.append(Artifact(f"report-{run}", "report", list(files), said))
    if model is not None:
        kept = sorted([*model.glob("*.safetensors"), *model.glob("*.json")]) if weights else []
        known = {**said, "checkpoints": lineage.get("checkpoints", {}), "folder": model.name}
        found.append(Artifact(f"model-{run}", "model", kept, known))
    return found


def _plain(name: str) -> str:
    """
    Example:
        >>> _plain("talks/of 2026/talks 1.jsonl")
        'talks-1.jsonl'
    """
    return "".join(letter if letter.isalnum() or letter in "-_." else "-" for letter in name.rsplit("/", 1)[-1])[:100]
