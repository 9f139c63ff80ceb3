"""What the command lines of all platforms share: reading, echo, the pager, printing a configuration, its faults."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from demo.fleet.faults import Fault
from demo.fleet.terminal import Hangup

if TYPE_CHECKING:
    import re

    from demo.fleet.device import Device
    from demo.fleet.terminal import Terminal

_SPACE, _Q = ord(" "), ord("q")
_ENTER = frozenset(b"\r\n")
_LOG_LINE = b"*Nov 22 10:12:13.456: %SYS-5-CONFIG_I: Configured from console by ops on vty0 (192.0.2.7)\n"
_USUAL_PAGE = 24  # lines, where a platform without a pager is told to page
_LOG_EVERY = 40  # lines
_NOISE = b"interface Loopback7\n description sent for ever\n" * 200


@dataclass(frozen=True, slots=True)
class Answer:
    """What a command prints, its lines ended by LF."""

    text: bytes = b""
    is_config: bool = False  # the configuration: ``text`` if it is already there, else printed when shown
    paged: bool = True  # False: a pipe keeps the pager out
    hide: re.Pattern[bytes] | None = None  # left out of the configuration
    error: bytes = b""  # beside the text, where the channel keeps the two apart
    status: int = 0  # exit status on an exec channel


class Cli:
    """One log-in on one device. A platform says what is its own by overriding."""

    newline: ClassVar[bytes] = b"\r\n"
    exec_newline: ClassVar[bytes] = b"\n"
    more: ClassVar[bytes] = b" --More-- "
    erase: ClassVar[bytes] = b"\x08" * 10 + b" " * 10 + b"\x08" * 10
    page_length: ClassVar[int] = 24  # lines, at the start of each session
    one_command_only: ClassVar[bool] = False  # whether an exec command ends the whole connection
    expired_notice: ClassVar[bytes] = (
        b"Your password has expired.\nYou must change your password now and log in again!\nNew password: "
    )

    def __init__(self, device: Device, terminal: Terminal, faults: frozenset[Fault], *, user: str = "") -> None:
        self.device = device
        self.terminal = terminal
        self.faults = faults
        self.user = user or device.username
        self.page = self.page_length

    # What a platform overrides.

    def prompt(self) -> bytes:
        """The bytes of the prompt, as sent."""
        raise LookupError(type(self).__name__)

    def answer(self, command: str) -> Answer | None:
        """What ``command`` prints; None for a command that does not exist."""
        raise LookupError(command)

    def unknown(self, command: str) -> Answer:
        """What the platform says to a command it does not know."""
        raise LookupError(command)

    async def greet(self) -> None:
        """Print what stands before the first prompt."""
        if self.device.motd:
            await self.say(self.device.motd.encode() + b"\n")

    async def obey(self, command: str) -> None:
        """Carry out one line that was typed."""
        await self.show(self.answer(command) or self.unknown(command))

    # The session.

    async def talk(self) -> None:
        """Serve a shell until the client goes."""
        await self._stand_in_the_way()
        await self.greet()
        await self.pause()
        while True:
            await self.terminal.send(self.prompt())
            command = await self.read_command()
            if command:
                self.device.commands.append(command)
                await self.pause()
                await self.obey(command)

    async def run(self, command: str) -> int:
        """Serve one exec channel and return its exit status."""
        self.device.commands.append(command)
        if Fault.HANGS_AFTER_LOGIN in self.faults:
            await self.terminal.silence()
        self.page = 0
        await self.pause()
        return await self.show(self.answer(command) or self.unknown(command))

    async def read_command(self) -> str:
        """Read one line with echo."""
        line = await self.terminal.line(echo=self.terminal.has_pty)
        if self.terminal.has_pty:
            await self.terminal.send(self.newline)
        return line

    async def ask_secret(self, question: bytes) -> str:
        """Ask for something that is neither echoed nor kept."""
        await self.say(question)
        line = await self.terminal.line(echo=False)
        await self.terminal.send(self.newline)
        return line

    async def pause(self) -> None:
        """Take the time that this device takes to answer."""
        if self.device.delay:
            await asyncio.sleep(self.device.delay.total_seconds())

    async def say(self, text: bytes) -> None:
        """Send text whose lines end with LF the way this platform ends them."""
        await self.terminal.send(self.on_wire(text))

    def on_wire(self, text: bytes) -> bytes:
        """Text as it travels: a terminal turns each LF into the platform's line end."""
        return text.replace(b"\n", self.newline if self.terminal.has_pty else self.exec_newline)

    # Printing.

    async def show(self, answer: Answer) -> int:
        """Print an answer, through the pager where it is on, and return its exit status."""
        refusal = self._refusal() if answer.is_config else None
        if refusal:
            return await self.show(refusal)
        if answer.is_config:
            await self._show_config(answer)
        else:
            await self._print(answer.text, paged=answer.paged)
        if answer.error:
            await self.terminal.send_error(self.on_wire(answer.error))
        return answer.status

    async def _show_config(self, answer: Answer) -> None:
        text = answer.text or self.device.print_config(self.faults, hide=answer.hide)
        self.device.wire = self.on_wire(text)
        if self.faults & {Fault.HANGS_IN_CONFIG, Fault.DROPS, Fault.ENDLESS}:
            await self._break_off(text)
        await self._print(self._with_log_lines(text), paged=answer.paged)

    def _refusal(self) -> Answer | None:
        if Fault.REJECTS_CONFIG in self.faults:
            return self.unknown("show running-config")
        if Fault.AUTHORIZATION_FAILED in self.faults:
            return Answer(b"Command authorization failed.\n", status=1)
        return None

    def _with_log_lines(self, text: bytes) -> bytes:
        if Fault.LOG_LINES not in self.faults:
            return text
        lines = text.splitlines(keepends=True)
        for at in range(len(lines) // 2, 0, -_LOG_EVERY):
            lines.insert(at, _LOG_LINE)
        return b"".join(lines)

    async def _print(self, text: bytes, *, paged: bool) -> None:
        if not (paged and self._pages()):
            await self.say(text)
            return
        lines = text.splitlines(keepends=True)
        while len(lines) > self._page_size():
            page, lines = lines[: self._page_size()], lines[self._page_size() :]
            await self.say(b"".join(page))
            if not await self._turn_page(lines):
                return
        await self.say(b"".join(lines))

    def _pages(self) -> bool:
        return self.terminal.has_pty and (self.page > 0 or Fault.PAGES_ANYWAY in self.faults)

    def _page_size(self) -> int:
        return (self.page or self.page_length or _USUAL_PAGE) - 1

    async def _turn_page(self, rest: list[bytes]) -> bool:
        """Ask with the pager's line until a key turns the page; False: the reader quits."""
        await self.terminal.send(self.more)
        while (key := await self.terminal.key()) != _SPACE:
            if key == _Q:
                await self.terminal.send(self.erase)
                return False
            if key in _ENTER and rest:
                await self.terminal.send(self.erase + self.on_wire(rest.pop(0)) + self.more)
        await self.terminal.send(self.erase)
        return True

    async def _break_off(self, text: bytes) -> None:
        """Print half, then carry out the fault that cuts it short."""
        await self.say(text[: len(text) // 2])
        if Fault.DROPS in self.faults:
            raise ConnectionAbortedError
        while Fault.ENDLESS in self.faults:
            await self.say(_NOISE)
            await asyncio.sleep(0)
        await self.terminal.silence()

    # Between the log-in and the first prompt.

    async def _stand_in_the_way(self) -> None:
        """Carry out the faults that come before the first prompt."""
        if Fault.HANGS_AFTER_LOGIN in self.faults:
            await self.terminal.silence()
        if Fault.PASSWORD_EXPIRED in self.faults:
            await self.ask_secret(self.expired_notice)
            raise Hangup
        if Fault.NO_PROMPT in self.faults:
            await self._show_menu_for_ever()
        if Fault.PRESS_ANY_KEY in self.faults:
            await self.say(b"\nCopyright (C) 2026. All rights reserved.\n\nPress any key to continue")
            await self.terminal.key()
            await self.terminal.send(b"\r" + b" " * 26 + b"\r")
        if Fault.ACCEPT_BANNER in self.faults:
            await self.say(b"Authorised use only.\n(Press 'a' to accept):")
            while await self.terminal.key() != ord("a"):
                await self.say(b"\n(Press 'a' to accept):")
            await self.say(b"\n")
        if Fault.ACCEPT_POLICY in self.faults:
            await self._ask_policy()

    async def _ask_policy(self) -> None:
        answer = ""
        while answer != "yes":
            await self.say(b"Accept the policy banner? [yes/no]: ")
            answer = await self.read_command()

    async def _show_menu_for_ever(self) -> None:
        while True:
            await self.say(b"\n  1) Status\n  2) Configuration\n  3) Log out\n\nYour choice: ")
            await self.read_command()
