"""Files for schedulers that own the machines: an sbatch file for SLURM, a Job for Kubernetes."""

import re
import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pixel.orchestration.accelerate_command import LaunchError, output_of, value_of

TEMPLATES = Path(__file__).with_name("templates")
FILES = {"slurm": "slurm.sbatch.jinja", "kubernetes": "kubernetes.yaml.jinja"}

DEFAULTS: dict[str, dict[str, Any]] = {
    "slurm": {
        "cpus": 64,
        "memory": "0",  # all that the node has
        "time": "2-00:00:00",
        "notice": 900,  # seconds before the end
        "grace": 600,
        "port": 29500,
        "partition": "",
        "account": "",
        "setup": "",  # lines of shell before the start: modules, a virtual environment
        "python": "python",
    },
    "kubernetes": {
        "namespace": "default",
        "image": "pixel:latest",
        "workdir": "/workspace",
        "claim": "pixel-outputs",
        "secret": "",  # with the key `token`: the Hub's
        "cpus": 32,
        "memory": "512Gi",
        "shm": "64Gi",
        "grace": 600,
        "port": 29500,
        "retries": 6,
        "python": "python",
    },
}
"""What `--set NAME=VALUE` can set, and what holds without."""


class TemplateError(LaunchError):
    """A template that cannot be filled in; one line with the mend."""


def settings_of(pairs: Sequence[str]) -> dict[str, str]:
    """
    `NAME=VALUE` words as a mapping.

    Raises:
        TemplateError: a word without `=`.
    """
    for pair in pairs:
        if "=" not in pair:
            raise TemplateError(f"--set {pair}: no value. Mend: --set {pair}=VALUE")
    return dict(pair.split("=", 1) for pair in pairs)


def render(
    scheduler: str,
    name: str,
    nodes: int,
    gpus: int,
    accelerate_config: str,
    arguments: Sequence[str],
    **settings: str,
) -> str:
    """
    A file for a scheduler, in which a supervisor a node runs `recipes/train.py`.

    The scheduler's warning comes as SIGTERM to every supervisor, which lets its ranks save and ends with 75; the job
    then comes back to the queue. The supervisor's own restarts go on inside the job.

    Args:
        scheduler: `slurm` or `kubernetes`.
        name: of the job: small letters, digits, hyphens, as Kubernetes wants.
        nodes, gpus: machines, and GPUs on each.
        accelerate_config: a YAML of accelerate_configs/.
        arguments: of the training; `--output_dir` must be on storage that all nodes share.
        settings: see `DEFAULTS`.

    Raises:
        TemplateError: an unknown setting, a name that cannot be one, or no GPU.
    """
    import jinja2

    if scheduler not in FILES:
        raise TemplateError(f"there is no template {scheduler!r}. Mend: {' or '.join(FILES)}")
    defaults = DEFAULTS[scheduler]
    for key in settings:
        if key not in defaults:
            raise TemplateError(f"--set {key}: {scheduler} knows no such setting. Mend: one of {', '.join(defaults)}")
    if not re.fullmatch(r"[a-z]([-a-z0-9]{0,48}[a-z0-9])?", name):
        raise TemplateError(f"--name {name}: no name of a job. Mend: small letters, digits and hyphens, at most 50")
    if nodes < 1 or gpus < 1:
        raise TemplateError("--nodes and --gpus: at least 1 of each. Mend: --nodes 1 --gpus 8")
    if not arguments or (value_of(arguments, "config") is None and value_of(arguments, "output_dir") is None):
        raise TemplateError("nothing to train. Mend: -- --config recipes/configs/X.yaml --output_dir outputs/X")
    filled = {key: type(value)(settings.get(key, value)) for key, value in defaults.items()}
    if scheduler == "slurm" and filled["notice"] < filled["grace"]:
        raise TemplateError(f"--set notice={filled['notice']}: less than grace. Mend: at least {filled['grace'] + 60}")
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES),
        undefined=jinja2.StrictUndefined,
        keep_trailing_newline=True,
        autoescape=False,  # noqa: S701  shell and YAML, not HTML
    )
    quoted = shlex.join(arguments)
    return environment.get_template(FILES[scheduler]).render(
        name=name,
        nodes=nodes,
        gpus=gpus,
        accelerate_config=shlex.quote(accelerate_config),
        # inside the single quotes of `bash -c '...'`
        arguments=quoted.replace("'", "'\\''"),
        words=list(arguments),
        output=output_of(arguments),
        **filled,
    )
