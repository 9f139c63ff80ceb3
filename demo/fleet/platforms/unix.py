"""VyOS, FRRouting's vtysh and plain Linux: shells with coloured prompts and bracketed paste."""

from __future__ import annotations

import re
import shlex
from typing import ClassVar

from demo.fleet.cli import Answer, Cli
from demo.fleet.device import LINUX_CONFIG
from demo.fleet.faults import Fault
from demo.fleet.platforms.cisco import is_short_for
from demo.fleet.terminal import Hangup

_PASTE_ON, _PASTE_OFF = b"\x1b[?2004h", b"\x1b[?2004l\r"
_WRAPPER = "/opt/vyatta/bin/vyatta-op-cmd-wrapper "
_VYOS_VERSION = b"Version:          VyOS 1.4.0\nRelease train:    sagitta\n\nSystem type:      KVM guest\n"
_FRR_HELLO = b"\nHello, this is FRRouting (version 8.4.4).\nCopyright 1996-2005 Kunihiro Ishiguro, et al.\n\n"
_FRR_VERSION = b"FRRouting 8.4.4 (%s) on Linux(6.1.0-18-amd64).\n"
_NOT_FOUND = 127
_REFUSALS = frozenset({Fault.REJECTS_CONFIG, Fault.AUTHORIZATION_FAILED})
_QUIET = frozenset({"export", "stty", "true", "unset"})


class Bash(Cli):
    """A readline prompt: bracketed paste around each line, a title, colour."""

    erase: ClassVar[bytes] = b"\r\x1b[K"

    def prompt(self) -> bytes:
        """Paste mode, window title, then ``backup@vy1:~$ `` in colour."""
        login = f"{self.user}@{self.device.name}".encode()
        title = b"\x1b]0;%s: ~\x07" % login
        return _PASTE_ON + title + b"\x1b[01;32m%s\x1b[00m:\x1b[01;34m~\x1b[00m$ " % login

    async def read_command(self) -> str:
        """Read one line; paste mode ends with it."""
        line = await super().read_command()
        if self.terminal.has_pty:
            await self.terminal.send(_PASTE_OFF)
        return line

    async def obey(self, command: str) -> None:
        """Leave, or answer."""
        if command in {"exit", "logout"}:
            await self.say(b"logout\n")
            raise Hangup
        await super().obey(command)


class VyOs(Bash):
    """Operational commands in a bash; exec channels know them only through the vendor's wrapper."""

    more: ClassVar[bytes] = b":"

    async def greet(self) -> None:
        """The distribution's welcome."""
        await self.say(b'Welcome to VyOS!\n\nYou can change this banner with "set system login banner post-login".\n')
        await super().greet()

    def answer(self, command: str) -> Answer | None:
        """The configuration as commands, the version, the pager."""
        if not self.terminal.has_pty:
            if not command.startswith(_WRAPPER):
                return None
            command = command.removeprefix(_WRAPPER)
        typed, _, pipe = (part.strip() for part in command.partition("|"))
        if typed.startswith("set terminal length ") and typed.split()[-1].isdigit():
            self.page = int(typed.split()[-1])
            return Answer()
        if pipe not in {"", "no-more"}:
            return None
        if typed == "show configuration commands":
            return Answer(is_config=True, paged=not pipe)
        return Answer(_VYOS_VERSION, paged=not pipe) if typed == "show version" else None

    def unknown(self, command: str) -> Answer:
        """The wrapper's words for a bad path, bash's for a bad command."""
        if not self.terminal.has_pty and not command.startswith(_WRAPPER):
            text = f"vbash: line 1: {command.split(maxsplit=1)[0]}: command not found\n"
            return Answer(error=text.encode(), status=_NOT_FOUND)
        words = command.removeprefix(_WRAPPER).split()
        return Answer(f"\n  Invalid command: [{' '.join(words)}]\n\n".encode(), status=1)


class Frr(Cli):
    """vtysh as the log-in shell."""

    more: ClassVar[bytes] = b"\x1b[7m--More--\x1b[27m"
    erase: ClassVar[bytes] = b"\r\x1b[K"

    async def greet(self) -> None:
        """The hello of vtysh."""
        await super().greet()
        await self.say(_FRR_HELLO)

    def prompt(self) -> bytes:
        """``router1# ``."""
        return self.device.name.encode() + b"# "

    def answer(self, command: str) -> Answer | None:
        """The configuration, the version, the terminal."""
        typed = command.split()
        if is_short_for(command, "show running-config"):
            return Answer(is_config=True)
        if is_short_for(" ".join(typed[:2]), "terminal length") and typed[-1].isdigit():
            self.page = int(typed[-1])
            return Answer()
        return Answer(_FRR_VERSION % self.device.name.encode()) if is_short_for(command, "show version") else None

    def unknown(self, command: str) -> Answer:
        """One line that repeats the command."""
        return Answer(f"% Unknown command: {command}\n".encode(), status=1)

    async def obey(self, command: str) -> None:
        """Leave, or answer."""
        if command in {"exit", "quit"}:
            raise Hangup
        if not is_short_for(command, "enable"):
            await super().obey(command)


class Linux(Bash):
    """A server: ``cat`` of the files it has, and the commands it was given."""

    page_length: ClassVar[int] = 0

    def answer(self, command: str) -> Answer:
        """What the commands of the line print, one after the other."""
        if command in self.device.outputs:
            return Answer(self.device.outputs[command])
        parts = [self._simple(part.strip()) for part in re.split(r";|&&", command) if part.strip()]
        return Answer(
            b"".join(part.text for part in parts),
            is_config=any(part.is_config for part in parts),
            error=b"".join(part.error for part in parts),
            status=parts[-1].status if parts else 0,
        )

    def unknown(self, command: str) -> Answer:
        """Bash's words."""
        where = "" if self.terminal.has_pty else "line 1: "
        return Answer(
            error=f"bash: {where}{command.split(maxsplit=1)[0]}: command not found\n".encode(), status=_NOT_FOUND
        )

    def _simple(self, command: str) -> Answer:
        if command in self.device.outputs:
            return Answer(self.device.outputs[command])
        match [word for word in _words(command) if word not in {"sudo", "-n", "--"}]:
            case ["cat", *paths]:
                return self._cat(paths)
            case ["echo", *said]:
                return Answer(" ".join(said).encode() + b"\n")
            case ["hostname"]:
                return Answer(self.device.name.encode() + b"\n")
            case [first, *_] if first not in _QUIET:
                return self.unknown(command)
        return Answer()

    def _cat(self, paths: list[str]) -> Answer:
        text, error, is_config = b"", b"", False
        for path in paths:
            if path == LINUX_CONFIG and self.faults & _REFUSALS:
                error += f"cat: {path}: Permission denied\n".encode()
            elif path == LINUX_CONFIG:
                text, is_config = text + self.device.print_config(self.faults), True
            elif path in self.device.files:
                text += self.device.files[path]
            else:
                error += f"cat: {path}: No such file or directory\n".encode()
        return Answer(text, is_config=is_config, error=error, status=1 if error else 0)


def _words(command: str) -> list[str]:
    """The words of a simple command; one with an open quote is a single, unknown word."""
    try:
        return shlex.split(command)
    except ValueError:
        return [command]
