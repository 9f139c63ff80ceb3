"""Reading a YAML file so that every value keeps the line it stands on.

Scalars stay text (``no``, ``on`` and ``1_000`` are names like any other); what they mean is decided by the
settings, which know what they expect. Empty values and ``null`` become None.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import yaml

from domain.errors import SettingsError

if TYPE_CHECKING:
    from pathlib import Path

Where = tuple[str, ...]  # ("devices", "core-sw1", "port"); list items by their index as text

_NULL = "tag:yaml.org,2002:null"
MAX_YAML_DEPTH = 20  # levels; settings have six
MAX_YAML_BYTES = 64 * 1024 * 1024  # bytes


@dataclass(slots=True)
class Document:
    """What a YAML file says, where it says it, and what is wrong with it already."""

    name: str  # of the file, as problems cite it
    data: Any = None
    lines: dict[Where, int] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)

    def line(self, path: Where) -> int:
        """The line of ``path``, or of the nearest part around it that is there."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path, 1)

    def problem(self, path: Where, words: str) -> str:
        """A sentence that names file, line and path."""
        return f"{self.name}:{self.line(path)}: {'.'.join(path) or 'settings'}: {words}"


def read_yaml(file: Path) -> Document:
    """Read ``file``; mistakes that leave it readable, such as a key given twice, are in ``problems``.

    Raises:
        SettingsError: there is no such file, it cannot be read, or it is not YAML.
    """
    document = Document(file.name)
    node = _compose(file)
    if node is not None:
        document.data = _Recipient(document).value(node, ())
    return document


def _compose(file: Path) -> yaml.Node | None:
    try:
        if file.stat().st_size > MAX_YAML_BYTES:
            raise SettingsError([f"{file}: is too large for a settings file"])
        return yaml.compose(file.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
    except FileNotFoundError:
        raise SettingsError([f"{file}: no such file. Give the right one with --config"]) from None
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError([f"{file}: cannot be read: {getattr(error, 'strerror', None) or error}"]) from error
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise SettingsError([f"{file.name}:{line}: not valid YAML: {error.problem}"]) from error
    except yaml.YAMLError as error:
        raise SettingsError([f"{file.name}: not valid YAML: {error}"]) from error


class _Recipient:
    """Turns nodes into plain values and notes their lines on the way."""

    def __init__(self, document: Document) -> None:
        self._document = document

    def value(self, node: yaml.Node, path: Where) -> Any:  # noqa: ANN401 - YAML may hold anything
        self._document.lines.setdefault(path, node.start_mark.line + 1)
        if len(path) > MAX_YAML_DEPTH:
            raise SettingsError(
                [self._document.problem(path[:3], ("is nested too deeply, or has an anchor that refers to itself"))]
            )
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, path)
        if isinstance(node, yaml.SequenceNode):
            return [self.value(item, (*path, str(index))) for index, item in enumerate(node.value)]
        return None if node.tag == _NULL else node.value

    def _mapping(self, node: yaml.MappingNode, path: Where) -> dict[str, Any]:
        merged: dict[str, Any] = {}
        own: dict[str, Any] = {}
        for key_node, value_node in node.value:
            key = str(key_node.value)
            if key_node.tag == "tag:yaml.org,2002:merge":
                merged |= self._merged(value_node, path)
                continue
            at = (*path, key)
            if key in own:
                first = self._document.line(at)
                self._document.problems.append(
                    f"{self._document.name}:{key_node.start_mark.line + 1}: {'.'.join(at)}: "
                    f"given twice (first on line {first})"
                )
                continue
            self._document.lines[at] = key_node.start_mark.line + 1
            own[key] = self.value(value_node, at)
        return merged | own

    def _merged(self, node: yaml.Node, path: Where) -> dict[str, Any]:
        nodes = node.value if isinstance(node, yaml.SequenceNode) else [node]
        merged: dict[str, Any] = {}
        for one in reversed(nodes):
            found = self.value(one, path)
            merged |= found if isinstance(found, dict) else {}
        return merged
