"""Juniper Junos: a blank line and the member's role before each prompt; exec channels without any of it."""

from __future__ import annotations

from typing import ClassVar

from demo.fleet.cli import Answer, Cli
from demo.fleet.terminal import Hangup

_VERSION = b"Hostname: %s\nModel: ex3400-24t\nJunos: 21.4R3.15\nJUNOS OS Kernel 64-bit [20220510.1]\n"
_PIPES = {"display omit", "no-more", "except SECRET-DATA"}


class Junos(Cli):
    """The operational mode; root lands in a shell first and has to type ``cli``."""

    more: ClassVar[bytes] = b"---(more)---"
    erase: ClassVar[bytes] = b"\r" + b" " * 40 + b"\r"

    def __init__(self, *args: object, **facts: object) -> None:
        super().__init__(*args, **facts)  # type: ignore[arg-type]
        self.in_shell = self.user == "root" and self.terminal.has_pty

    async def greet(self) -> None:
        """The kernel's line, as after each log-in."""
        await super().greet()
        await self.say(b"--- JUNOS 21.4R3.15 Kernel 64-bit  JNPR-12.1-20220510.1\n")

    def prompt(self) -> bytes:
        """``{master:0}`` on a line of its own, then ``backup@edge1> ``."""
        login = f"{self.user}@{self.device.name}".encode()
        return login + b"% " if self.in_shell else b"\r\n{master:0}\r\n" + login + b"> "

    def answer(self, command: str) -> Answer | None:
        """The configuration, the version, the settings of the terminal."""
        if self.in_shell:
            return None
        typed, *pipes = (part.strip() for part in command.split("|"))
        if typed.startswith("set cli screen-length ") and typed.split()[-1].isdigit():
            self.page = int(typed.split()[-1])
            return Answer(b"Screen length set to %d\n" % self.page)
        if typed.startswith("set cli screen-width "):
            return Answer(b"Screen width set to %s\n" % typed.split()[-1].encode())
        if typed == "show configuration" and set(pipes) <= _PIPES:
            return Answer(is_config=True, paged="no-more" not in pipes)
        return Answer(_VERSION % self.device.name.encode()) if typed == "show version" else None

    def unknown(self, command: str) -> Answer:
        """A caret and two words on a terminal; a word on an exec channel."""
        first = command.split(maxsplit=1)[0]
        if self.in_shell:
            return Answer(f"{first}: Command not found.\n".encode())
        if not self.terminal.has_pty:
            return Answer(f"error: unknown command: {first}\n".encode(), status=1)
        return Answer(b" " * len(f"{self.user}@{self.device.name}> ") + b"^\nunknown command.\n", status=1)

    async def obey(self, command: str) -> None:
        """Leave, enter the command line from the shell, or answer."""
        if command in {"exit", "quit"}:
            raise Hangup
        if self.in_shell and command == "cli":
            self.in_shell = False
        else:
            await super().obey(command)
