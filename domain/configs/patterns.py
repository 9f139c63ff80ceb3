"""Compiled expressions, whichever library compiled them, and the masking rules of the user's own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import re
    from collections.abc import Iterator


class Found(Protocol):
    """What an expression found: the part of ``re.Match`` that masking needs."""

    @property
    def lastindex(self) -> int | None:
        """Number of the last group that matched."""
        ...

    def start(self, group: int = 0, /) -> int:
        """Where it, or one of its groups, begins."""
        ...

    def end(self, group: int = 0, /) -> int:
        """Where it, or one of its groups, ends."""
        ...

    def __getitem__(self, group: int, /) -> str:
        """Its text, or that of a group."""
        ...


class Expression(Protocol):
    """A compiled regular expression, whichever library compiled it."""

    def finditer(self, string: str, /) -> Iterator[Found]:
        """Everything that is found in ``string``, in order."""
        ...


@dataclass(frozen=True, slots=True)
class Below:
    """An expression that counts from each ``heading`` up to the next ``until`` and nowhere else."""

    heading: re.Pattern[str]
    until: re.Pattern[str]
    expression: re.Pattern[str]

    def finditer(self, string: str, /) -> Iterator[Found]:
        """What it finds there, in order."""
        done = 0
        while heading := self.heading.search(string, done):
            end = self.until.search(string, heading.end())
            done = end.start() if end else len(string)
            yield from self.expression.finditer(string, heading.end(), done)
            done = max(done, heading.end())


@dataclass(frozen=True, slots=True)
class OwnRule:
    """A masking rule of the user's own. Where a set is empty it holds everywhere."""

    expression: Expression  # what its one group encloses stays; what follows is masked
    sites: frozenset[str] = frozenset()
    devices: frozenset[str] = frozenset()
    platforms: frozenset[str] = frozenset()

    def holds_for(self, *, site: str, device: str, platform: str) -> bool:
        """Whether texts of this device are masked by it."""
        wanted = ((self.sites, site), (self.devices, device), (self.platforms, platform))
        return all(not names or name in names for names, name in wanted)
