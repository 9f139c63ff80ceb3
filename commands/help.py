"""``help``: what can be asked."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from rapidfuzz import process

from commands.input.quoting import MAX_WORD, shown
from commands.lookup.kinds import AnyCommand, OwnCommand, Words
from commands.request import Reply
from notifications.pages import answers

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from commands.request import Request
    from commands.services import Services

ENOUGH_ALIKE = 60  # of 100: below it a guess at what was meant only confuses


class Help(OwnCommand):
    """All commands, or one in full."""

    name: ClassVar = "help"
    usage: ClassVar = "help [COMMAND]"
    summary: ClassVar = "All commands, or one command with examples"
    action: ClassVar = None
    examples: ClassVar = ("help", "help diff")

    def __init__(self, services: Services, topics: Mapping[str, Sequence[AnyCommand]]) -> None:
        super().__init__(services)
        self._topics = {**topics, "More": (self,)}
        self.commands: tuple[AnyCommand, ...] = tuple(one for found in self._topics.values() for one in found)

    async def _answer(self, _: Request, words: Words) -> Reply:
        """Show all commands, or the one that is named."""
        if not words:
            return self._all()
        name = next((word for word in words if word != self._services.slash), self.name).casefold()
        found = next((one for one in self.commands if one.name == name), None)
        return self._in_full(found) if found else self.unknown(name)

    def unknown(self, name: str) -> Reply:
        """All commands, after the names that are nearest to ``name``."""
        names = [one.name for one in self.commands]
        near = process.extract(name[:MAX_WORD], names, limit=2, score_cutoff=ENOUGH_ALIKE)
        guess = " or ".join(f"`{self._services.typed(one)}`" for one, _, _ in near)
        hint = f"Did you mean {guess}?" if guess else "These are the commands."
        return self._all(remark=f"There is no command `{shown(name)}`. {hint}")

    def _in_full(self, command: AnyCommand) -> Reply:
        examples = ((f"{self._services.slash} {example}", "") for example in command.examples)
        return Reply(template="help", context=answers.help_page({"": [self._line(command), *examples]}))

    def _all(self, *, remark: str = "") -> Reply:
        topics = {topic: [self._line(one) for one in found] for topic, found in self._topics.items()}
        return Reply(template="help", context=answers.help_page(topics, remark=remark))

    def _line(self, command: AnyCommand) -> tuple[str, str]:
        return f"{self._services.slash} {command.usage}", command.summary
