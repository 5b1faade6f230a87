"""Reading a YAML file strictly: no key twice, and errors that name the place."""

from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ValidationError

from pixel.knowledge.errors import KnowledgeError


class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):
    """Safe YAML that refuses a key that stands twice in a mapping (plain YAML keeps the last one silently)."""

    def construct_mapping(self, node, deep=False):
        seen = set()
        for key, _ in node.value:
            name = self.construct_object(key, deep=True)
            if name in seen:
                raise yaml.constructor.ConstructorError(None, None, f"the key {name!r} stands twice", key.start_mark)
            seen.add(name)
        return super().construct_mapping(node, deep)


def read_yaml(file: Path) -> Any:
    """
    What a YAML file holds.

    Raises:
        KnowledgeError: not there, not UTF-8, not YAML, a key twice, or a value that contains itself.
    """
    if not file.is_file():
        raise KnowledgeError("file not found", file=file, mend="check the path")
    try:
        content = yaml.load(file.read_text(encoding="utf-8"), Loader=_Loader)
    except UnicodeDecodeError:
        raise KnowledgeError("is not UTF-8", file=file, mend="save the file as UTF-8") from None
    except (yaml.YAMLError, ValueError) as error:
        problem = " ".join(str(error).split())
        raise KnowledgeError(f"is not YAML ({problem})", file=file, mend="fix the line named") from None
    _no_cycle(content, (), file)
    return content


def entry(kind: type[BaseModel], content: Any, file: Path) -> Any:
    """
    A mapping as an entry.

    Raises:
        KnowledgeError: the first field that is missing, unknown or of the wrong kind.
    """
    if not isinstance(content, dict):
        raise KnowledgeError(f"is no mapping but {type(content).__name__}", file=file, mend="write `key: value` lines")
    try:
        return kind.model_validate(content)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        field = ".".join(str(part) for part in first["loc"]) or None
        more = f" (and {error.error_count() - 1} more)" if error.error_count() > 1 else ""
        place = {"file": file, "row": content.get("id"), "field": field}
        raise KnowledgeError(f"{first['msg']}{more}", **place, mend="see pixel/knowledge/schema.py") from None


def _no_cycle(value: Any, above: tuple[int, ...], file: Path) -> None:
    """YAML anchors can make a value contain itself."""
    if isinstance(value, (dict, list)):
        if id(value) in above:
            raise KnowledgeError("a value contains itself (YAML anchor)", file=file, mend="write it out")
        for part in value.values() if isinstance(value, dict) else value:
            _no_cycle(part, (*above, id(value)), file)
