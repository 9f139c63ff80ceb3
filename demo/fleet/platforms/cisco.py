"""Cisco IOS, NX-OS and Arista EOS: the family that says ``show running-config``."""

from __future__ import annotations

from typing import ClassVar

from demo.fleet.cli import Answer, Cli
from demo.fleet.faults import Fault
from demo.fleet.terminal import Hangup

_SHORTEST_WORD = 2  # letters: "sh ru" is enough


def is_short_for(typed: str, command: str) -> bool:
    """Whether each typed word begins the word of ``command`` at its place, as these command lines allow."""
    words, full = typed.lower().split(), command.split()
    if len(words) != len(full):
        return False
    return all(
        whole.startswith(word) and (len(word) >= _SHORTEST_WORD or word == whole)
        for word, whole in zip(words, full, strict=True)
    )


class CiscoIos(Cli):
    """IOS: an enable mode, a pager that erases itself with backspaces, one command per exec connection."""

    exec_newline: ClassVar[bytes] = b"\r\n"
    one_command_only: ClassVar[bool] = True
    quiet: ClassVar[tuple[str, ...]] = ("terminal width", "terminal monitor", "terminal no")
    config_commands: ClassVar[tuple[str, ...]] = ("show running-config", "show startup-config")
    version: ClassVar[bytes] = (
        b"Cisco IOS Software, C2960X Software (C2960X-UNIVERSALK9-M), Version 15.2(7)E8, RELEASE SOFTWARE (fc3)\n"
        b"%s uptime is 3 weeks, 2 days, 1 hour, %d minutes\n"
        b'System image file is "flash:/c2960x-universalk9-mz.152-7.E8.bin"\n'
        b"Processor board ID FOC1234X5YZ\nConfiguration register is 0xF\n"
    )
    inventory: ClassVar[bytes] = (
        b'NAME: "1", DESCR: "WS-C2960X-24TS-L"\nPID: WS-C2960X-24TS-L  , VID: V07  , SN: FOC1234X5YZ\n'
    )
    enable_tries: ClassVar[int] = 3

    def __init__(self, *args: object, **facts: object) -> None:
        super().__init__(*args, **facts)  # type: ignore[arg-type]
        self.is_privileged = self.device.enable_password is None

    def prompt(self) -> bytes:
        """``core-sw1#``, or ``core-sw1>`` before enable."""
        return self.device.name.encode() + (b"#" if self.is_privileged else b">")

    def answer(self, command: str) -> Answer | None:
        """Show commands and terminal settings; the configuration only when privileged."""
        typed = command.split()
        if any(is_short_for(command, known) for known in self.config_commands):
            return Answer(is_config=True) if self.is_privileged else None
        if is_short_for(" ".join(typed[:2]), "terminal length") and typed[-1].isdigit():
            self.page = int(typed[-1])
            return Answer()
        if any(is_short_for(" ".join(typed[:2]), known) for known in self.quiet):
            return Answer()
        if is_short_for(command, "show version"):
            return Answer(self.version % (self.device.name.encode(), self.device.shows % 60))
        return Answer(self.inventory) if is_short_for(command, "show inventory") else None

    def unknown(self, command: str) -> Answer:
        """A caret under the first word, and the well-known line."""
        indent = len(self.prompt()) + command.find(" ") + 1
        return Answer(b" " * indent + b"^\n% Invalid input detected at '^' marker.\n\n")

    async def obey(self, command: str) -> None:
        """Leave, change the level, or answer."""
        if command in {"exit", "logout", "quit"}:
            raise Hangup
        if is_short_for(command, "enable"):
            await self._enable()
        elif is_short_for(command, "disable"):
            self.is_privileged = False
        else:
            await super().obey(command)

    async def _enable(self) -> None:
        if self.is_privileged or self.device.enable_password == "":
            self.is_privileged = True
            return
        for _ in range(self.enable_tries):
            given = await self.ask_secret(b"Password: ")
            if given == self.device.enable_password and Fault.WRONG_ENABLE not in self.faults:
                self.is_privileged = True
                return
        await self.say(b"% Bad secrets\n\n")


class CiscoNxos(CiscoIos):
    """NX-OS: CR CR LF, a prompt behind a bare CR, licence text at the start, no enable mode."""

    newline: ClassVar[bytes] = b"\r\r\n"
    exec_newline: ClassVar[bytes] = b"\n"
    one_command_only: ClassVar[bool] = False
    more: ClassVar[bytes] = b"\x1b[7m--More--\x1b[27m"
    erase: ClassVar[bytes] = b"\r" + b" " * 8 + b"\r"
    version: ClassVar[bytes] = (
        b"Cisco Nexus Operating System (NX-OS) Software\n  NXOS: version 9.3(10)\n"
        b"  cisco Nexus9000 C93180YC-FX Chassis\n  Device name: %s\n"
        b"Kernel uptime is 21 day(s), 2 hour(s), %d minute(s)\n"
    )
    licence: ClassVar[bytes] = (
        b"Cisco Nexus Operating System (NX-OS) Software\nTAC support: http://www.cisco.com/tac\n"
        b"Copyright (C) 2002-2026, Cisco and/or its affiliates.\nAll rights reserved.\n"
        b"The copyrights to certain works contained in this software are\n"
        b"owned by other third parties and used and distributed under their own\n"
        b'licenses, such as open source. This software is provided "as is," and unless\n'
        b"otherwise stated, there is no warranty, express or implied.\n"
    )

    async def greet(self) -> None:
        """The licence text comes before everything."""
        await self.say(self.licence)
        await super().greet()

    def prompt(self) -> bytes:
        """``nexus1# `` behind a CR."""
        return b"\r" + self.device.name.encode() + (b"# " if self.is_privileged else b"> ")

    def unknown(self, command: str) -> Answer:
        """The caret stands in a line of its own, with NX-OS's words."""
        indent = len(self.prompt()) + command.find(" ")
        return Answer(b" " * indent + b"^\n% Invalid command at '^' marker.\n", status=1)


class AristaEos(CiscoIos):
    """EOS: an enable mode, usually without a password; keyboard-interactive by default."""

    exec_newline: ClassVar[bytes] = b"\n"
    one_command_only: ClassVar[bool] = False
    more: ClassVar[bytes] = b"\x1b[7m --More-- \x1b[27m"
    erase: ClassVar[bytes] = b"\r\x1b[K"
    version: ClassVar[bytes] = (
        b"Arista vEOS-lab\nSoftware image version: 4.30.1F\n\nUptime: 3 weeks, 2 days\nFree memory: %d kB\n"
    )

    def answer(self, command: str) -> Answer | None:
        """As IOS does; free memory moves."""
        if is_short_for(command, "show version"):
            return Answer(self.version % (1_900_000 + self.device.shows))
        return super().answer(command)

    def unknown(self, _command: str) -> Answer:
        """One line; the level is named when it is too low."""
        if not self.is_privileged:
            return Answer(b"% Invalid input (privileged mode required)\n", status=1)
        return Answer(b"% Invalid input\n", status=1)
