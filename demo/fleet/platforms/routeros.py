"""MikroTik RouterOS: a shell that probes the terminal and redraws its lines, and exec channels that do not."""

from __future__ import annotations

import re
from typing import ClassVar

from demo.fleet.cli import Answer, Cli
from demo.fleet.terminal import Hangup

_SECRETS = re.compile(rb" (?:password|secret|wpa2-pre-shared-key)=(?:\"[^\"]*\"|\S+)")
_PROBE = b"\x1b[c\x1b[6n"  # what kind of terminal are you, and where is your cursor?
_GREETING = b"\n  MikroTik RouterOS 7.14.3 (c) 1999-2024       https://www.mikrotik.com/\n\nPress F1 for help\n\n"
_PACKAGES = b"Columns: NAME, VERSION\n# NAME      VERSION\n0 routeros  7.14.3\n"
_RESOURCES = b"                   uptime: 3w2d1h%dm\n                  version: 7.14.3 (stable)\n"


class RouterOs(Cli):
    """What follows the plus sign in the user name are the terminal's options: c no colour, t no probe, e dumb."""

    page_length: ClassVar[int] = 0
    exec_newline: ClassVar[bytes] = b"\r\n"

    def __init__(self, *args: object, **facts: object) -> None:
        super().__init__(*args, **facts)  # type: ignore[arg-type]
        self.user, _, options = self.user.partition("+")
        self.has_colour = "c" not in options
        self.probes = "t" not in options
        self.redraws = "e" not in options

    async def greet(self) -> None:
        """Probe the terminal, then say who is here."""
        if self.probes:
            await self.terminal.send(_PROBE)
        await super().greet()
        await self.say(_GREETING)

    def prompt(self) -> bytes:
        """``[backup@gw1] > ``, in colour and redrawn unless told otherwise."""
        plain = f"[{self.user}@{self.device.name}] > ".encode()
        if self.has_colour:
            plain = b"\x1b[m\x1b[35m[%s]\x1b[m > " % plain[1:-4]
        return b"\r\r\r\r" + plain if self.redraws else b"\r" + plain

    async def read_command(self) -> str:
        """Read one line; the whole line is drawn anew when it is entered."""
        line = await self.terminal.line(echo=self.terminal.has_pty)
        if self.terminal.has_pty:
            await self.terminal.send((self.prompt() + line.encode() if self.redraws else b"") + self.newline)
        return re.sub(r"\x1b?\[[?\d;]*[cR]", "", line).strip()  # a terminal's answer to the probe

    def answer(self, command: str) -> Answer | None:
        """Exports, packages, resources; the slash in front may be missing."""
        match command.removeprefix("/").split():
            case ["export", "show-sensitive"]:
                return Answer(is_config=True)
            case ["export"] | ["export", "terse" | "verbose" | "hide-sensitive"]:
                return Answer(is_config=True, hide=_SECRETS)
            case ["system", "package", "print"]:
                return Answer(_PACKAGES)
            case ["system", "resource", "print"]:
                return Answer(_RESOURCES % (self.device.shows % 60))
        return None

    def unknown(self, command: str) -> Answer:
        """A sentence with the place."""
        first = command.removeprefix("/").split()[0]
        return Answer(f"bad command name {first} (line 1 column {command.find(first) + 1})\n".encode(), status=1)

    async def obey(self, command: str) -> None:
        """Leave, or answer."""
        if command.removeprefix("/") == "quit":
            raise Hangup
        await super().obey(command)
