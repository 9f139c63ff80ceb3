"""The house as its imports draw it: files, folders, doors, and who imports whom. Read from the code each time."""

from __future__ import annotations

import ast
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]
ROOMS = ("bot", "commands", "domain", "notifications", "runners", "storage")
ABOVE = ("demo", "bench", "tests")  # code that production never needs
BESIDE = ("templates", *ABOVE)  # they have doors, and no walls of their own

_NO_DOOR = {"__init__.py", "__pycache__", ".mypy_cache"}
_GROWS_BY_NATURE = {"migrations"}  # a file for each change of the schema, in order


def sources(*parts: str) -> list[Path]:
    """The Python files of a room, or of a part of one."""
    place = ROOT.joinpath(*parts)
    return [place] if place.is_file() else sorted(place.rglob("*.py"))


def imported_names(source: Path) -> set[str]:
    """Everything that ``source`` imports, wherever the import stands, for types alone too; dotted, as written."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(source.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    return names


def imported_roots(source: Path) -> set[str]:
    """The top-level names of everything that ``source`` imports."""
    return {name.partition(".")[0] for name in imported_names(source)}


@cache
def modules() -> dict[str, Path]:
    """The files of the rooms by their dotted names."""
    return {_dotted(path): path for room in ROOMS for path in sources(room)}


@cache
def imports() -> dict[str, frozenset[str]]:
    """Which files of the rooms each file of them imports."""
    return {name: frozenset(_files_of(imported_names(path)) - {name}) for name, path in modules().items()}


def circle() -> list[str]:
    """Files that import each other in a loop; empty: there are none."""
    try:
        TopologicalSorter(imports()).prepare()
    except CycleError as found:
        return list(found.args[1])
    return []


def folders(*tops: str) -> list[Path]:
    """All folders of the rooms and of what stands beside them, but those that grow by nature."""
    found = [path for top in tops for path in (ROOT / top, *(ROOT / top).rglob("*")) if path.is_dir()]
    return sorted(path for path in found if not {*path.parts} & (_NO_DOOR | _GROWS_BY_NATURE))


def doors(folder: Path) -> list[str]:
    """The files and folders that somebody sees who looks into ``folder``."""
    return sorted(path.name for path in folder.iterdir() if path.name not in _NO_DOOR)


def folder_imports() -> set[tuple[str, str]]:
    """Which folder imports from which other folder of the same room. Files at a room's top belong to no folder."""
    return {
        (mine, other)
        for name, wanted in imports().items()
        for target in wanted
        if (mine := _folder(name)) and (other := _folder(target)) and mine != other
        if mine.partition(".")[0] == other.partition(".")[0] and not mine.startswith(other + ".")
    }


def public_classes() -> dict[str, list[str]]:
    """The files of the rooms in which a class of each public name stands, at the top of the file."""
    found: dict[str, list[str]] = {}
    for name, path in modules().items():
        for node in _tree(path).body:
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                found.setdefault(node.name, []).append(name)
    return found


def functions(path: Path) -> Iterator[tuple[str, int]]:
    """The functions of a file and how many lines each has, from its ``def`` to its end."""
    for node in ast.walk(_tree(path)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node.name, (node.end_lineno or node.lineno) - node.lineno + 1


def length(path: Path) -> int:
    """The lines of a file."""
    return path.read_text(encoding="utf-8").count("\n")


def written(*tops: str) -> list[Path]:
    """The Python files that people write and change: a migration is written once, and never again."""
    return [path for top in tops for path in sources(top) if not {*path.parts} & _GROWS_BY_NATURE]


def figures(*tops: str) -> str:
    """The house in numbers: how large it is, and how large its parts are."""
    files = written(*tops)
    lines = sorted(map(length, files))
    sizes = sorted(size for path in files for _, size in functions(path))
    inside = sorted(len(doors(folder)) for folder in folders(*tops))
    broad = sum(
        isinstance(node, ast.ExceptHandler) and _is_broad(node) for path in files for node in ast.walk(_tree(path))
    )
    return (
        f"{len(files)} files, {sum(lines)} lines, the largest {lines[-1]} · doors of a folder: median "
        f"{median(inside):g}, most {inside[-1]} · functions: {len(sizes)}, median {median(sizes):g} lines, "
        f"p95 {sizes[len(sizes) * 95 // 100]}, most {sizes[-1]} · broad excepts: {broad}"
    )


def drawing() -> str:
    """The house as text: rooms, folders, and what stands in each."""
    lines = []
    for room in ROOMS:
        for folder in folders(room):
            path = folder.relative_to(ROOT)
            inside = doors(folder)
            names = " ".join(name.removesuffix(".py") + ("/" if (folder / name).is_dir() else "") for name in inside)
            lines.append(f"{'  ' * (len(path.parts) - 1)}{path.name}/ ({len(inside)})  {names}")
    lines += [f"rooms: {figures(*ROOMS)} · circles: {len(circle())}", *(f"{top}/: {figures(top)}" for top in ABOVE)]
    return "\n".join(lines)


def _is_broad(node: ast.AST) -> bool:
    """Whether it is an ``except`` that catches everything."""
    if not isinstance(node, ast.ExceptHandler):
        return False
    return node.type is None or (isinstance(node.type, ast.Name) and node.type.id in {"Exception", "BaseException"})


@cache
def _tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def _dotted(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def _files_of(names: set[str]) -> set[str]:
    """The files that hold ``names``: a name may be a module, or something within one."""
    known = modules()
    return {one if one in known else one.rpartition(".")[0] for one in names} & known.keys()


def _folder(name: str) -> str:
    path = modules()[name]
    return _dotted(path.parent / "__init__.py") if len(path.relative_to(ROOT).parts) > 2 else ""
