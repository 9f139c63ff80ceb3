"""docs/limits.md, written from the code: every limit is a constant with a telling name, and a comment with its unit."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from datetime import timedelta
from importlib import import_module
from typing import TYPE_CHECKING

from tests.support.house import ROOMS, ROOT, sources

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PAGE = ROOT / "docs" / "limits.md"

IS_LIMIT = re.compile(
    r"(MAX|MIN)_\w+|(DEFAULT|RETRY)_\w+_PAUSE"
    r"|\w+_(TIMEOUT|RETENTION|LIFETIME|INTERVAL|PAUSE|PAGE|PACE|WINDOW|GRACE|AGE|PERIOD|AFTER|STALENESS)"
)
_SLACKS_OWN = ROOT / "notifications" / "rendering" / "limits.py"  # all of it: what Slack takes, and no word of its kind
_SPANS = (("day", 86_400), ("hour", 3_600), ("minute", 60), ("s", 1))

_HEAD = """\
# Limits

Everything has a limit: sizes, times, attempts, queues, and how long things are kept. Those that you may set stand in
[app.yaml](configuration.md); these stand in the code, each at the top of the file of its subject.

This page is written by `make docs` from the code itself.
"""


@dataclass(frozen=True, slots=True)
class Limit:
    """One constant that bounds something."""

    path: Path
    name: str
    value: object
    remark: str  # what it bounds, with its unit


def limits() -> list[Limit]:
    """Every limit of the rooms, in the order in which they stand in their files."""
    return [limit for room in ROOMS for path in sources(room) if "migrations" not in path.parts for limit in _of(path)]


def has_unit(limit: Limit) -> bool:
    """Whether name and value say enough: a span of time, or one of Slack's own limits, which are characters."""
    return isinstance(limit.value, timedelta) or limit.path == _SLACKS_OWN


def limits_page() -> str:
    """The text of docs/limits.md."""
    parts = [_HEAD]
    by_file: dict[Path, list[Limit]] = {}
    for limit in limits():
        by_file.setdefault(limit.path, []).append(limit)
    for room in ROOMS:
        rows = [
            row
            for path, found in by_file.items()
            if path.relative_to(ROOT).parts[0] == room
            for row in _rows(path, found)
        ]
        parts.append("\n".join([f"## `{room}/`\n", "| where | limit | value | what |", "|---|---|---|---|", *rows, ""]))
    return "\n".join(parts)


def _of(path: Path) -> Iterator[Limit]:
    text = path.read_text(encoding="utf-8")
    lines = text.splitlines()
    names = {
        name: line
        for name, line in _constants(text).items()
        if path == _SLACKS_OWN or IS_LIMIT.fullmatch(name.lstrip("_"))
    }
    if not names:
        return
    module = import_module(".".join(path.relative_to(ROOT).with_suffix("").parts))
    for name in names:
        value = getattr(module, name)
        if isinstance(value, int | float | timedelta) and not isinstance(value, bool):
            yield Limit(path, name, value, lines[names[name] - 1].partition("#")[2].strip())


def _constants(text: str) -> dict[str, int]:
    """The constants of a file, each with the line in which its definition ends."""
    found = {}
    for node in ast.parse(text).body:
        if isinstance(node, ast.Assign | ast.AnnAssign):
            target = node.targets[0] if isinstance(node, ast.Assign) else node.target
            if isinstance(target, ast.Name) and target.id.lstrip("_").isupper():
                found[target.id] = node.end_lineno or node.lineno
    return found


def _rows(path: Path, found: list[Limit]) -> list[str]:
    where = path.relative_to(ROOT)
    return [f"| `{where}` | `{one.name}` | {_in_words(one.value)} | {one.remark.replace('|', '/')} |" for one in found]


def _in_words(value: object) -> str:
    if not isinstance(value, timedelta):
        return f"{value:,}"
    for unit, seconds in _SPANS:
        count = value.total_seconds() / seconds
        if count >= 1 and count == int(count):
            return f"{int(count):,} {unit}{'s' if count > 1 and unit != 's' else ''}"
    return f"{value.total_seconds():g} s"
