"""The winner of a study as files: a config to train with, and its settings alone."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import yaml

from pixel.training.arguments import SettingError


def best_trial(study):
    """
    The trial with the highest value; with several objectives, that on the Pareto front with the highest mean.

    Raises:
        SettingError: no trial is complete.
    """
    complete = [trial for trial in study.get_trials(deepcopy=False) if trial.state.name == "COMPLETE"]
    complete = [trial for trial in complete if "scores" in trial.user_attrs]  # else it diverged
    if not complete:
        raise SettingError("no trial came to its end. Mend: run more --trials, or --pruner none")
    return max(complete, key=lambda trial: np.mean(trial.values))


def default_trial(study):
    """The trial of the default settings, or `None` where it is not complete."""
    for trial in study.get_trials(deepcopy=False):
        if trial.user_attrs.get("default") and trial.state.name == "COMPLETE":
            return trial
    return None


def write_config(file: Path, config: Mapping[str, Any], settings: Mapping[str, Any], note: str) -> Path:
    """
    Write a config for `recipes/train.py`: the study's own with the winner's settings.

    Args:
        file: where to; its folder is made.
        config: of the study, with what was changed on the command line. `data_root` is left out, and `output_dir`
            gets `_tuned` at its end.
        settings: the winner's.
        note: a comment at the top.
    """
    content = {name: value for name, value in config.items() if name != "data_root"} | dict(settings)
    content["output_dir"] = f"{content.get('output_dir', 'outputs/pixel')}_tuned"
    return _write(file, content, note)


def write_settings(file: Path, settings: Mapping[str, Any], note: str) -> Path:
    """Write the winner's settings alone, for `recipes/ablate.py --best`."""
    return _write(file, settings, note)


def _write(file: Path, content: Mapping[str, Any], note: str) -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    text = "".join(f"# {line}\n" for line in note.splitlines())
    text += yaml.safe_dump(_rounded(dict(content)), sort_keys=False, allow_unicode=True)
    file.write_text(text, encoding="utf-8")
    return file


def _rounded(value: Any) -> Any:
    """Floats with six significant figures."""
    if isinstance(value, Mapping):
        return {name: _rounded(item) for name, item in value.items()}
    if isinstance(value, list):
        return [_rounded(item) for item in value]
    return float(f"{value:.6g}") if isinstance(value, float) else value
