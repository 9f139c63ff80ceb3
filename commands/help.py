"""``help``: what can be asked."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from rapidfuzz import process

from commands.request import Reply
from commands.words import MAX_WORD, shown

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from commands.request import Command, Request
    from commands.services import Services

ENOUGH_ALIKE = 60  # of 100: below it a guess at what was meant only confuses


class Help:
    """All commands, or one in full."""

    name: ClassVar = "help"
    usage: ClassVar = "help [COMMAND]"
    summary: ClassVar = "What can be asked, or one command with examples"
    examples: ClassVar[tuple[str, ...]] = ("help", "help diff")

    def __init__(self, services: Services, others: Sequence[Command]) -> None:
        self._services = services
        self._commands: tuple[Command, ...] = (*others, self)

    async def handle(self, request: Request) -> Reply:
        """Show all commands, or the one that is named."""
        if not request.words:
            return self._reply(self._commands)
        name = request.words[0].removeprefix(self._services.slash).casefold()
        found = [one for one in self._commands if one.name == name]
        return self._reply(found, only=True) if found else self.unknown(name)

    def unknown(self, name: str) -> Reply:
        """All commands, after the names that are nearest to ``name``."""
        names = [one.name for one in self._commands]
        near = process.extract(name[:MAX_WORD], names, limit=2, score_cutoff=ENOUGH_ALIKE)
        return self._reply(self._commands, unknown=shown(name), similar=[one for one, _, _ in near])

    def _reply(
        self, found: Iterable[Command], *, only: bool = False, unknown: str | None = None, similar: Sequence[str] = ()
    ) -> Reply:
        context = {
            "slash": self._services.slash,
            "commands": tuple(found),
            "only": only,
            "unknown": unknown,
            "similar": tuple(similar),
            "typed": self._services.typed(self.name),
        }
        return Reply(template="help", context=context)
