"""Fortinet FortiOS: a pager that nothing turns off, unless the command has a pipe."""

from __future__ import annotations

from typing import ClassVar

from demo.fleet.cli import Answer, Cli
from demo.fleet.terminal import Hangup

_STATUS = (
    b"Version: FortiGate-60F v7.4.4,build2662,240514 (GA.F)\nSerial-Number: FGT60FTK19000001\n"
    b"Hostname: %s\nVirtual domain configuration: disable\nSystem time: day %d\n"
)


class FortiOs(Cli):
    """``show`` is the configuration."""

    more: ClassVar[bytes] = b"--More-- "
    erase: ClassVar[bytes] = b"\r" + b" " * 9 + b"\r"

    def prompt(self) -> bytes:
        """``fw1 # ``."""
        return self.device.name.encode() + b" # "

    def answer(self, command: str) -> Answer | None:
        """The configuration and the status."""
        typed, _, pipe = (part.strip() for part in command.partition("|"))
        if typed in {"show", "show full-configuration"} and pipe in {"", "grep ."}:
            return Answer(is_config=True, paged=not pipe)
        if typed == "get system status":
            return Answer(_STATUS % (self.device.name.encode(), self.device.shows))
        return None

    def unknown(self, command: str) -> Answer:
        """Two lines, the second with a number that nobody can look up."""
        first = command.split(maxsplit=1)[0]
        return Answer(
            f"Unknown action 0\ncommand parse error before '{first}'\nCommand fail. Return code -61\n".encode()
        )

    async def obey(self, command: str) -> None:
        """Leave, or answer."""
        if command in {"exit", "quit"}:
            raise Hangup
        await super().obey(command)
