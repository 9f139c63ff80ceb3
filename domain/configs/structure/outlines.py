"""The outline of a text: what encloses each of its lines."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from domain.configs.structure.braces import by_braces
from domain.configs.structure.config_edit import by_config_edit
from domain.configs.structure.indents import by_indent, by_section
from domain.configs.structure.kinds import Structure
from domain.configs.structure.menus import by_menu, own_menu
from domain.configs.structure.set_lines import path_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

MAX_TITLE: Final = 80  # characters of a line that is named as a parent
MAX_STEPS: Final = 200  # lines that are looked at for one that says something

_COMMAND: Final = re.compile(r"# ==== (.+) ====\r?")  # above the output of each of several commands or files
COMMAND_MARK: Final = "# ==== "
_ENDS: Final = {"end", "next", "exit"}
_REMARKS: Final = ("!", "#", "/*")

_RULES: Final[Mapping[Structure, Callable[[Sequence[str]], list[int]]]] = {
    Structure.INDENT: by_indent,
    Structure.BRACES: by_braces,
    Structure.CONFIG_EDIT: by_config_edit,
    Structure.MENUS: by_menu,
    Structure.FILES: by_section,
}


@dataclass(frozen=True, slots=True)
class Outline:
    """A text and, of each of its lines, the nearest that encloses it."""

    lines: Sequence[str]
    above: Sequence[int]  # -1: none
    structure: Structure

    @classmethod
    def of(cls, text: str, structure: Structure) -> Outline:
        """The outline of ``text``, in time that grows with its length alone."""
        lines = text.split("\n")
        return cls(lines, _above(lines, structure, is_mixed=COMMAND_MARK in text), structure)

    def parents(self, index: int) -> list[int]:
        """The lines that enclose line ``index``, outermost first."""
        found: list[int] = []
        while (index := self.above[index]) >= 0:
            found.append(index)
        return found[::-1]

    def titles(self, index: int) -> list[str]:
        """What encloses line ``index``, in words: its parents, and what its own path says."""
        own = self._own_path(index)
        return [*(title(self.lines[parent]) for parent in self.parents(index)), *([_cut(own)] if own else [])]

    def sibling(self, index: int) -> int:
        """The line that stands beside line ``index`` before it, in the same block; -1: none."""
        wanted = self.above[index]
        for near in range(index - 1, max(index - MAX_STEPS, wanted, -1), -1):
            other = near
            while self.above[other] > wanted:
                other = self.above[other]
            if self.above[other] == wanted and says_something(self.lines[other]):
                return other
        return -1

    def _own_path(self, index: int) -> str:
        if self.structure is Structure.SET_LINES:
            return path_of(self.lines, index)
        return own_menu(self.lines[index]) if self.structure is Structure.MENUS else ""


def title(line: str) -> str:
    """A line as a parent is named: without what only opens its block."""
    if found := _COMMAND.fullmatch(line):
        return _cut(found[1])
    return _cut(line[: MAX_TITLE * 4].strip().removesuffix("{"))


def says_something(line: str) -> bool:
    """Whether ``line`` is more than a remark, an empty line, or the end of a block."""
    body = line.strip()
    if body.startswith(_REMARKS):
        return body.startswith(COMMAND_MARK)
    return body.strip("};") != "" and body not in _ENDS


def _above(lines: Sequence[str], structure: Structure, *, is_mixed: bool) -> list[int]:
    """As the rule of ``structure`` says; each line that names a command or a file encloses what came from it."""
    rule = _RULES.get(structure, _by_nothing)
    if not is_mixed:
        return rule(lines)
    above: list[int] = []
    starts = [index for index, line in enumerate(lines) if _COMMAND.fullmatch(line)]
    for start, stop in zip([-1, *starts], [*starts, len(lines)], strict=True):
        above += [-1] * (start >= 0)
        above += [max(start, one + start + 1) if one >= 0 else start for one in rule(lines[start + 1 : stop])]
    return above


def _by_nothing(lines: Sequence[str]) -> list[int]:
    return [-1] * len(lines)


def _cut(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= MAX_TITLE else line[: MAX_TITLE - 1] + "…"
