"""A metric as a folder that `evaluate.load` reads offline, and as a Space on the Hub."""

import inspect
import re
import shutil
from pathlib import Path

from pixel.metrics.catalogue import cases, sheet

SCRIPT = '''"""{says}"""

import pixel.metrics.huggingface.metric as pixel_metric


class {class_name}(pixel_metric.PixelMetric):
    """See README.md."""

    metric = "{name}"
'''
APP = '''"""The page of this Space."""

from pixel.metrics.huggingface import demo

if __name__ == "__main__":
    demo("{name}").launch()
'''
REQUIREMENTS = "numpy>=2.2\nscipy>=1.15\nscikit-learn>=1.8\nkrippendorff>=0.9\nevaluate>=0.4.6\n"
CARRIED = ("metrics", "models")
"""The packages of Pixel that a metric needs, beside it in its folder: Pixel is on no package index."""


def save_metric(name: str, folder: str | Path, module: str | None = None, where: str | None = None) -> Path:
    """
    Write a metric as `evaluate` wants it: script, card, requirements and the page of a Space, and beside them the part
    of Pixel that they need. The page finds it there; `evaluate.load` takes the script alone, so that Pixel must be
    installed, or the folder on `sys.path`.

    Args:
        name: of the metric.
        folder: parent of the metric's folder.
        module: name of the folder and its script; `None`: the metric's own. `evaluate` wants the two to be equal.
        where: what the card says to load; `None`: the folder.

    Returns:
        `folder/module`, for `evaluate.load(str(path))`.

    Raises:
        ValueError: no such metric, or a module name with other characters than letters, digits, `_` and `-`.
    """
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    known, module = sheet(name), module or name
    if not re.fullmatch(r"[A-Za-z][A-Za-z0-9_-]*", module):
        raise ValueError(f"{module!r} is no name for a metric. Mend: letters, digits, _ and -, a letter first")
    target = Path(folder) / module
    target.mkdir(parents=True, exist_ok=True)
    camel = "".join(part.capitalize() for part in re.split(r"[_-]", module))
    loader = FileSystemLoader(Path(__file__).parent)
    card = Environment(loader=loader, undefined=StrictUndefined, keep_trailing_newline=True).get_template("card.jinja")
    files = {
        f"{module}.py": SCRIPT.format(says=known.says, class_name=camel, name=name),
        "app.py": APP.format(name=name),
        "requirements.txt": REQUIREMENTS,
        "README.md": card.render(
            title=name.replace("_", " ").capitalize(),
            module=module,
            sheet=known,
            where=where or f"./{module}",
            example=cases(name)[0],
            cases=cases(name),
            documentation=inspect.getdoc(known.function),
        ),
    }
    for file, text in files.items():
        (target / file).write_text(text, encoding="utf-8")
    source, beside = Path(__file__).parents[2], target / "pixel"
    for part in CARRIED:
        shutil.copytree(source / part, beside / part, ignore=shutil.ignore_patterns("__pycache__"), dirs_exist_ok=True)
    shutil.copy(source / "__init__.py", beside)
    return target


def push_metric(name: str, repo_id: str, private: bool = False, token: str | None = None) -> str:
    """
    Put a metric on the Hub as a Space. Where Pixel is installed `evaluate.load(repo_id)` takes it from there; its card
    says how to load it elsewhere.

    Args:
        name: of the metric.
        repo_id: `owner/name`; the script is named after it.
        private: only when the Space is made now.
        token: of the Hub; `None`: the one signed in with.

    Returns:
        address of the Space.

    Raises:
        ValueError: no such metric, or a `repo_id` without an owner.
        huggingface_hub.errors.HfHubHTTPError: not allowed, or the Hub cannot be reached.
    """
    import tempfile

    from huggingface_hub import HfApi

    sheet(name)
    if not re.fullmatch(r"[^/\s]+/[^/\s]+", repo_id):
        raise ValueError(f"{repo_id!r} is no repository. Mend: give owner/name, for instance me/{name}")
    api = HfApi(token=token)
    api.create_repo(repo_id, repo_type="space", space_sdk="gradio", private=private, exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch:
        folder = save_metric(name, scratch, module=repo_id.split("/")[1], where=repo_id)
        api.upload_folder(
            repo_id=repo_id, repo_type="space", folder_path=folder, commit_message=f"Metric {name} of Pixel"
        )
    return f"{api.endpoint}/spaces/{repo_id}"
