"""Figures of a study, as SVG in one HTML file that needs nothing else: history, importance, Pareto front."""

import io
from collections.abc import Callable, Sequence
from html import escape
from itertools import combinations
from pathlib import Path

import numpy as np

from pixel.benchmarks.tuning.installed import INSTALL_PLOTS, optuna
from pixel.training.arguments import SettingError

GREY, BLUE, ORANGE = "#9aa0a6", "#1a5fb4", "#c64600"


def write_figures(study, file: Path, names: Sequence[str] | None = None) -> Path:
    """
    Args:
        study: with at least one complete trial.
        file: HTML.
        names: of its objectives, where there are several.

    Raises:
        SettingError: matplotlib is not installed.
    """
    names = list(names or ["mean score"])
    complete = [t for t in study.get_trials(deepcopy=False) if t.state.name == "COMPLETE" and t.values]
    parts = [_section("History", [_history(study, complete, index, name) for index, name in enumerate(names)])]
    parts.append(_section("Importance", [_importance(study, complete, i, name) for i, name in enumerate(names)]))
    if len(names) > 1:
        parts.append(_section("Pareto front", [_front(study, complete, pair, names) for pair in _pairs(names)]))
    title = escape(study.study_name)
    style = "body{font:15px sans-serif;max-width:1100px;margin:2em auto}svg{max-width:100%;height:auto}"
    head = f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{title}</title><style>{style}</style>'
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(f"{head}<h1>Tuning: {title}</h1>{''.join(parts)}</html>\n", encoding="utf-8")
    return file


def importances(study, complete: Sequence, index: int = 0) -> dict[str, float]:
    """
    Parameter -> its share of the variance of one objective over complete trials (functional ANOVA by random forest),
    the greatest first; empty below four trials. Options of single schedules, which few trials have, are left out.

    With some dozens of trials it tells large from small, no more.

    Source: Hutter, Hoos & Leyton-Brown, "An Efficient Approach for Assessing Hyperparameter Importance", ICML 2014.
    """
    if len(complete) < 4 or len({trial.values[index] for trial in complete}) < 2:
        return {}
    importance = optuna().importance
    evaluator = importance.FanovaImportanceEvaluator(seed=0)
    return importance.get_param_importances(study, evaluator=evaluator, target=lambda trial: trial.values[index])


def _history(study, complete: Sequence, index: int, name: str) -> str:
    def draw(axes) -> None:
        numbers = [trial.number for trial in complete]
        values = [trial.values[index] for trial in complete]
        axes.scatter(numbers, values, s=18, color=GREY, label="complete")
        axes.step(numbers, np.maximum.accumulate(values) if values else [], where="post", color=BLUE, label="best")
        pruned = [t for t in study.get_trials(deepcopy=False) if t.state.name == "PRUNED" and t.intermediate_values]
        if pruned:
            last = [trial.intermediate_values[trial.last_step] for trial in pruned]
            axes.scatter([trial.number for trial in pruned], last, s=18, marker="x", color=GREY, label="pruned")
        for trial in complete:
            if trial.user_attrs.get("default"):
                axes.axhline(trial.values[index], color=ORANGE, linewidth=1, linestyle="--", label="default")
        axes.set(xlabel="trial", ylabel=name)
        axes.legend(frameon=False, fontsize=8)

    return _svg(draw, f"{name} of each trial, and the best so far")


def _importance(study, complete: Sequence, index: int, name: str) -> str:
    def draw(axes) -> None:
        shares = dict(reversed(importances(study, complete, index).items()))
        axes.barh(list(shares), list(shares.values()), color=BLUE)
        axes.set(xlabel=f"share of importance for {name}")
        if not shares:
            axes.text(0.5, 0.5, "too few trials", ha="center", transform=axes.transAxes)

    return _svg(draw, f"Importance of parameters for {name}")


def _front(study, complete: Sequence, pair: tuple[int, int], names: Sequence[str]) -> str:
    def draw(axes) -> None:
        front = {trial.number for trial in study.best_trials}
        for inside, color, label in ((False, GREY, "other trials"), (True, BLUE, "Pareto front")):
            chosen = [trial.values for trial in complete if (trial.number in front) is inside]
            axes.scatter([v[pair[0]] for v in chosen], [v[pair[1]] for v in chosen], s=18, color=color, label=label)
        for trial in complete:
            if trial.user_attrs.get("default"):
                axes.scatter(*[[trial.values[i]] for i in pair], s=60, marker="+", color=ORANGE, label="default")
        axes.set(xlabel=names[pair[0]], ylabel=names[pair[1]])
        axes.legend(frameon=False, fontsize=8)

    return _svg(draw, f"{names[pair[1]]} against {names[pair[0]]}")


def _pairs(names: Sequence[str]) -> list[tuple[int, int]]:
    return list(combinations(range(len(names)), 2))


def _section(title: str, figures: Sequence[str]) -> str:
    return f"<h2>{escape(title)}</h2>{''.join(figures)}"


def _svg(draw: Callable, told: str) -> str:
    """One figure, drawn by `draw(axes)`, told to those who do not see it."""
    try:
        from matplotlib.figure import Figure
    except ImportError as error:
        raise SettingError(f"figures need matplotlib, which is not installed. Mend: {INSTALL_PLOTS}") from error
    figure = Figure(figsize=(5.2, 3.4), layout="constrained")
    axes = figure.add_subplot()
    axes.spines[["top", "right"]].set_visible(False)
    draw(axes)
    out = io.StringIO()
    figure.savefig(out, format="svg", metadata={"Date": None})
    svg = out.getvalue()
    return f'<figure role="img" aria-label="{escape(told)}">{svg[svg.index("<svg") :]}</figure>'
