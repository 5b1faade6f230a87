"""Which of Pixel's files a module rests on, so that a figure is made anew when one of them changed, and only then."""

import ast
import hashlib
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

import pixel

ROOT = Path(pixel.__file__).resolve().parent
SHIPPED = (".yaml", ".json", ".safetensors")
"""Files beside the code that decide figures: questions, labels, weights."""


@cache
def code_fingerprint(*modules: str) -> str:
    """
    Of the code that modules rest on (16 hex digits): their files, those of every module of Pixel they import, at the
    top or within functions, and the data files of these modules' packages. What is loaded by a name that is made up
    while running is not followed: a task names such modules in its `code`.

    Args:
        modules: dotted names; one that is not Pixel's counts by its name only.
    """
    files = files_behind(modules)
    digest = hashlib.sha256(" ".join([pixel.__version__, *sorted(modules)]).encode())
    for file in sorted(files):
        digest.update(f"{file.relative_to(ROOT)} ".encode() + _content(file))
    return digest.hexdigest()[:16]


def files_behind(modules: Iterable[str]) -> set[Path]:
    """The files that `code_fingerprint` reads."""
    waiting, found = list(modules), set()
    while waiting:
        name = waiting.pop()
        if name not in found and _file(name) is not None:
            found.add(name)
            waiting += [*_imports(name), *([name.rpartition(".")[0]] if "." in name else [])]
    files = {_file(name) for name in found}
    packages = {file.parent for file in files}
    shipped = {file for package in packages if package != ROOT for file in _shipped(package)}
    return files | shipped


@cache
def _content(file: Path) -> bytes:
    return hashlib.sha256(file.read_bytes()).digest()


@cache
def _file(module: str) -> Path | None:
    """A module of Pixel's source file; `None` of others."""
    first, *rest = module.split(".")
    place = ROOT.joinpath(*rest)
    candidates = [place / "__init__.py", *([place.with_suffix(".py")] if rest else [])]
    return next((file for file in candidates if first == "pixel" and file.is_file()), None)


def _shipped(package: Path) -> Iterator[Path]:
    """Data files of a package, and of folders in it that are no packages themselves."""
    for path in package.iterdir():
        if path.is_dir() and not (path / "__init__.py").is_file():
            yield from _shipped(path)
        elif path.suffix in SHIPPED:
            yield path


@cache
def _imports(module: str) -> frozenset[str]:
    file = _file(module)
    package = module if file.name == "__init__.py" else module.rpartition(".")[0]
    found: set[str] = set()
    for node in _running(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            above = package.split(".")[: len(package.split(".")) - node.level + 1] if node.level else []
            source = ".".join([*above, *([node.module] if node.module else [])])
            found |= {source, *(home for alias in node.names for home in _home(source, alias.name))}
        elif isinstance(node, ast.Call) and ast.unparse(node.func).endswith("import_module"):
            found |= {name.value for name in node.args[:1] if isinstance(name, ast.Constant)}
    return frozenset(name for name in found if _file(name) is not None)


def _running(tree: ast.AST) -> Iterator[ast.AST]:
    """All nodes but those that only a type checker reads."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            continue
        yield node
        yield from _running(node)


def _home(package: str, name: str) -> list[str]:
    """Where a name of a package comes from: a module of this name, or where the package's table of names says."""
    if _file(f"{package}.{name}") is not None:
        return [f"{package}.{name}"]
    home = _table(package).get(name)
    return [one for one in (home, f"{package}.{home}") if home and _file(one) is not None]


@cache
def _table(package: str) -> dict[str, str]:
    """Name -> module of the names that a package loads when they are asked for (`_HOME`)."""
    file = _file(package)
    if file is None or file.name != "__init__.py":
        return {}
    found: dict[str, str] = {}
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Dict):
            pairs = zip(node.keys, node.values, strict=True)
            found |= {
                key.value: value.value
                for key, value in pairs
                if isinstance(key, ast.Constant) and isinstance(value, ast.Constant) and isinstance(value.value, str)
            }
    return found
