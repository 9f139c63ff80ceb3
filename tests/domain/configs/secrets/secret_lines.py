"""The catalogue of lines with secrets: ``secret_lines.txt``, read."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

_MARKED = re.compile("«(.*?)»")
_HEADING = re.compile(r"\[(\w+)\]")


@dataclass(frozen=True, slots=True)
class CatalogueLine:
    """One entry: some lines of a platform, with their secrets marked."""

    platform: str
    marked: str

    @property
    def has_secrets(self) -> bool:
        """Whether anything in it must be masked."""
        return "«" in self.marked

    def filled(self, value: Callable[[], str]) -> tuple[str, list[str]]:
        """The text with what ``value`` makes up where any value may stand, and its secrets."""
        secrets: list[str] = []

        def put(found: re.Match[str]) -> str:
            secrets.append(found[1].replace("…", value()) if "…" in found[1] else found[1])
            return secrets[-1]

        return _MARKED.sub(put, self.marked), secrets

    @property
    def expected(self) -> str:
        """The text as it may be shown, tags without their digits."""
        return _MARKED.sub("<secret>", self.marked)


def read_catalogue() -> list[CatalogueLine]:
    """Every entry, in order."""
    entries: list[CatalogueLine] = []
    platform = ""
    for line in (Path(__file__).parent / "secret_lines.txt").read_text(encoding="utf-8").splitlines():
        if heading := _HEADING.fullmatch(line):
            platform = heading[1]
        elif line and not (platform == "" and line.startswith("#")):
            entries.append(CatalogueLine(platform, line.replace("↵", "\n")))
    return entries
