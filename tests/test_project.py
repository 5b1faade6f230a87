"""The house rules that a machine can check."""

import ast
import os
import shutil
import subprocess
import sys
from configparser import ConfigParser
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parent.parent
CODE = ("pixel", "recipes", "datasets_scripts", "spaces", "tests", ".ci")
PICKLERS = {"pickle", "cPickle", "dill", "cloudpickle", "joblib", "shelve", "marshal"}


def files(*suffixes: str) -> list[Path]:
    """The project's own files, no build or cache among them."""
    inside = [path for folder in (*CODE, "accelerate_configs") for path in (ROOT / folder).rglob("*")]
    inside += [path for path in ROOT.glob("*") if path.is_file()]
    return sorted(p for p in inside if p.suffix in suffixes and "__pycache__" not in p.parts)


def in_repository(path: Path) -> str:
    return str(path.relative_to(ROOT))


def setup() -> ConfigParser:
    parser = ConfigParser()
    parser.read(ROOT / "setup.cfg")
    return parser


def requirements(block: str) -> list[Requirement]:
    lines = (line.split("#")[0].split(" --hash")[0].strip() for line in block.splitlines())
    return [Requirement(line) for line in lines if line]


def run(*command: str, **environment: str) -> subprocess.CompletedProcess:
    environment = {**os.environ, "PYTHONPATH": str(ROOT), **environment}
    return subprocess.run(command, capture_output=True, text=True, cwd=ROOT, env=environment, timeout=300)


# ── light on its feet ──


def test_importing_pixel_loads_nothing_heavy():
    heavy = "'torch', 'transformers', 'datasets', 'numpy', 'sklearn', 'huggingface_hub'"
    done = run(sys.executable, "-c", f"import sys, pixel; print([m for m in ({heavy}) if m in sys.modules])")
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "[]"


def test_importing_the_hub_helpers_loads_nothing_heavy():
    done = run(sys.executable, "-c", "import sys, pixel.hub; print('torch' in sys.modules, 'jinja2' in sys.modules)")
    assert done.stdout.split() == ["False", "False"], done.stderr


@pytest.mark.parametrize("recipe", sorted((ROOT / "recipes").glob("*.py")), ids=lambda path: path.name)
def test_a_recipe_answers_help_without_loading_torch(recipe):
    if recipe.name == "__init__.py" or "__main__" not in recipe.read_text():
        pytest.skip("not a script")
    program = f"""
import runpy, sys
sys.argv = [{str(recipe)!r}, "--help"]
sys.path.insert(0, {str(recipe.parent)!r})
try:
    runpy.run_path(sys.argv[0], run_name="__main__")
    code = "did not stop"
except SystemExit as stop:
    code = stop.code
print("ended with", code or 0, "torch" in sys.modules)
"""
    done = run(sys.executable, "-c", program)
    assert done.stdout.strip().endswith("ended with 0 False"), done.stdout[-500:] + done.stderr[-2000:]


# ── metadata ──


def test_every_requirement_is_pinned_to_a_version_it_allows():
    pins = {}
    for pin in requirements((ROOT / "constraints.txt").read_text()):
        pins[canonicalize_name(pin.name)] = [s.version for s in pin.specifier if s.operator == "=="]
    for requirement in requirements(setup()["options"]["install_requires"]):
        (version,) = pins[canonicalize_name(requirement.name)]
        assert requirement.specifier.contains(version), f"{requirement} does not allow the pinned {version}"


def test_pins_of_extras_are_versions_that_the_extras_allow():
    pins = {canonicalize_name(p.name): p for p in requirements((ROOT / "constraints.txt").read_text())}
    for extra, block in setup()["options.extras_require"].items():
        for requirement in requirements(block):
            pin = pins.get(canonicalize_name(requirement.name))
            for specifier in pin.specifier if pin else ():
                assert requirement.specifier.contains(specifier.version), f"{extra}: {requirement} against {pin}"


def test_the_embedded_models_are_pinned_with_their_hashes():
    lines = [line for line in (ROOT / "embedded.txt").read_text().splitlines() if line and not line.startswith("#")]
    assert lines and all("==" in line and "--hash=sha256:" in line for line in lines)


def test_the_version_is_the_same_everywhere():
    import pixel

    assert setup()["metadata"]["version"] == pixel.__version__


class LmEvalLoader(yaml.SafeLoader):
    """Takes lm-eval's `!function` for the words it is, and runs nothing."""


LmEvalLoader.add_constructor("!function", lambda loader, node: loader.construct_scalar(node))


@pytest.mark.parametrize("path", files(".yaml", ".yml"), ids=in_repository)
def test_yaml_can_be_read(path):
    assert yaml.load(path.read_text(encoding="utf-8"), Loader=LmEvalLoader) is not None


# ── safety ──


def dangers(source: str) -> list[str]:
    """What a line of code does that could run somebody else's: `line: what`."""
    found = []
    for node in ast.walk(ast.parse(source)):
        names = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names = [node.module or ""]
        found += [f"{node.lineno}: imports {name}" for name in names if name.split(".")[0] in PICKLERS]
        if not isinstance(node, ast.Call):
            continue
        options = {k.arg: k.value.value for k in node.keywords if isinstance(k.value, ast.Constant)}
        called = ast.unparse(node.func)
        if called == "torch.load" and options.get("weights_only") is not True:
            found.append(f"{node.lineno}: torch.load without weights_only=True")
        if options.get("trust_remote_code") or options.get("allow_pickle"):
            found.append(f"{node.lineno}: {called} trusts what it loads")
        loader = next((ast.unparse(k.value) for k in node.keywords if k.arg == "Loader"), "none named")
        if called == "yaml.load" and (loader == "none named" or "Unsafe" in loader or "Full" in loader):
            found.append(f"{node.lineno}: yaml.load without a safe loader")
        if called in ("yaml.unsafe_load", "eval", "exec"):
            found.append(f"{node.lineno}: {called}")
    return found


@pytest.mark.parametrize(
    "source",
    ["import pickle", "from joblib import load", "torch.load(path)", "torch.load(path, weights_only=False)",
     "f(x, trust_remote_code=True)", "np.load(path, allow_pickle=True)", "yaml.load(text)",
     "yaml.load(text, Loader=yaml.UnsafeLoader)", "eval(text)"],
)  # fmt: skip
def test_the_guard_sees_code_that_runs_what_it_loads(source):
    assert dangers(source)
    assert not dangers("torch.load(path, weights_only=True); np.load(path); f(trust_remote_code=False)")


@pytest.mark.parametrize("path", files(".py"), ids=in_repository)
def test_no_file_runs_what_it_loads(path):
    assert dangers(path.read_text(encoding="utf-8")) == []


def test_no_configuration_trusts_remote_code():
    told = [in_repository(p) for p in files(".yaml", ".yml") if "trust_remote_code: true" in p.read_text().lower()]
    assert told == []


def test_no_file_names_a_place_on_the_machine_it_was_written_on():
    homes = [f"/{name}/" for name in ("root", "work", "Users")] + ["/home" + "/"]
    texts = files(".py", ".yaml", ".md", ".txt", ".cfg", ".toml", ".jinja", ".json")
    assert [(in_repository(p), home) for p in texts for home in homes if home in p.read_text(encoding="utf-8")] == []


# ── make ──


@pytest.mark.skipif(shutil.which("make") is None, reason="needs make")
def test_make_alone_lists_every_target():
    listed = run("make", "-s").stdout
    for target in ("help", "demo", "test", "test-slow", "lint", "clean"):
        assert f"make {target} " in listed


@pytest.mark.skipif(shutil.which("make") is None, reason="needs make")
def test_make_without_a_python_says_what_is_missing(tmp_path):
    done = run("make", "-s", "demo", "PYTHON=", f"VENV={tmp_path}/venv")
    assert done.returncode != 0
    assert "needs Python 3.11" in done.stderr + done.stdout


def test_the_check_on_a_clean_clone_is_a_runnable_script():
    assert os.access(ROOT / ".ci/run", os.X_OK)
    assert run("bash", "-n", ".ci/run").returncode == 0
