"""Dashboards as code: the sections of `panels.yaml` as a W&B workspace and as trackio's order of plots."""

from collections.abc import Iterable, Mapping
from typing import Any

from pixel.tracking.panels import sections
from pixel.tracking.settings import TrackingError
from pixel.tracking.trackers.wandb_run import STEP


def dashboard(project: str, names: Iterable[str] = (), *, title: str = "Pixel") -> dict[str, Any]:
    """
    What a dashboard shows, as plain data.

    Args:
        project: in the tracker.
        names: `section/panel`, as logged; each gets a panel of its own besides the one of all of a section.
        title: of the workspace.

    Returns:
        `title`, `project`, `sections` (`title`, `open`, `panels` of `title`, `x`, and `y` or `regex`), and
        `trackio` with the environment that orders its plots.
    """
    known = sorted(set(names))
    drawn = []
    for number, section in enumerate(sections()):
        panels: list[dict[str, Any]] = [{"title": section.title, "x": STEP, "regex": f"^{section.name}/.*"}]
        panels += [
            {"title": name.partition("/")[2].replace("_", " "), "x": STEP, "y": [name]}
            for name in known
            if name.startswith(f"{section.name}/")
        ]
        drawn.append({"title": section.title, "open": number < 3, "panels": panels})
    order = ",".join(f"{section.name}/*" for section in sections())
    return {"title": title, "project": project, "sections": drawn, "trackio": {"TRACKIO_PLOT_ORDER": order}}


def wandb_workspace(said: Mapping[str, Any], entity: str):
    """
    A `wandb_workspaces` workspace of `dashboard`; its `save()` needs W&B's server.

    Raises:
        TrackingError: wandb-workspaces is not installed.
    """
    try:
        import wandb_workspaces.reports.v2 as reports
        import wandb_workspaces.workspaces as workspaces
    except ImportError as error:
        raise TrackingError(
            "a W&B workspace needs wandb-workspaces. Mend: pip install wandb-workspaces, or take dashboard.json"
        ) from error

    def panel(one: Mapping[str, Any]):
        lines = {"metric_regex": one["regex"]} if "regex" in one else {"y": list(one["y"])}
        return reports.LinePlot(title=one["title"], x=one["x"], **lines)

    return workspaces.Workspace(
        entity=entity,
        project=said["project"],
        name=said["title"],
        sections=[
            workspaces.Section(
                name=section["title"], panels=[panel(one) for one in section["panels"]], is_open=section["open"]
            )
            for section in said["sections"]
        ],
    )
