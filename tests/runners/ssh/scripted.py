"""A device without a network: it talks to a ``Terminal`` in memory, by a clock that leaps from one event to the next.

It prints what a script says, in the pieces and with the pauses that the script says, through a pager of its kind,
and it reads what was typed when its shell would.
"""

from __future__ import annotations

import asyncio
import selectors
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

from runners.ssh.login import Login
from runners.ssh.shell.session import Session
from runners.ssh.shell.terminal import Terminal
from runners.wire.messages import Limits

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Mapping

    from domain.configs.platforms import Platform

_WAY = 0.0005  # seconds from us to the device
_LOGIN = Login("backup", password="of-no-use-here")

Result = TypeVar("Result")


class _Leaping(selectors.SelectSelector):
    """Waits for nothing: the time that a loop would have slept has passed at once."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 0.0

    def select(self, timeout: float | None = None) -> list[Any]:
        """Nothing ever comes from outside."""
        if timeout is None:
            problem = "everybody waits and nothing is due"
            raise RuntimeError(problem)
        self.now += max(timeout, 0)
        return []


def at_once(work: Coroutine[Any, Any, Result]) -> Result:
    """Run ``work`` in a loop of its own whose clock leaps."""
    selector = _Leaping()
    loop = asyncio.SelectorEventLoop(selector)
    loop.time = lambda: selector.now  # type: ignore[method-assign] # a loop has no other way to take a clock
    try:
        return loop.run_until_complete(work)
    finally:
        loop.close()


@dataclass(frozen=True, slots=True)
class Pager:
    """How a device asks whether to go on, and what it does to its question then."""

    question: Callable[[int], bytes]  # by the number of the page
    wipe: bytes
    goes_back: bool  # by as many cells as it printed, so that it may stop in the middle of a line


@dataclass(frozen=True, slots=True)
class Answer:
    """What a command prints; ``stops``: where it halts, and for how many seconds, or (None) where a page ends."""

    text: bytes
    stops: Mapping[int, float | None] = field(default_factory=dict)


class Device:
    """One shell; ``answers`` by command. The channel of the ``Terminal`` as well."""

    def __init__(
        self,
        terminal: Terminal,
        answers: Mapping[str, Callable[[], Answer]],
        *,
        prompt: Callable[[], bytes],
        pager: Pager | None = None,
        echoes_at_once: bool = False,
    ) -> None:
        self.commands: list[str] = []
        self._terminal = terminal
        self._answers = answers
        self._prompt = prompt
        self._pager = pager
        self._echoes_at_once = echoes_at_once  # also what is typed while it prints, as a Unix terminal does
        self._loop = asyncio.get_running_loop()
        self._typed = bytearray()
        self._arrived = asyncio.Event()
        self._reads = False

    # What a channel has.

    def write(self, data: bytes) -> None:
        """Take what is typed, a moment later."""
        self._loop.call_later(_WAY, self._take, data)

    def is_closing(self) -> bool:
        """Never."""
        return False

    def abort(self) -> None:
        """Nothing to close."""

    # The device.

    async def talk(self) -> None:
        """Serve the shell until it is left."""
        while True:
            self.send(self._prompt())
            command = (await self._line()).decode().strip()
            self.commands.append(command)
            if command == "exit":
                self._terminal.connection_lost(None)
                return
            if command:
                await self._print(self._answers[command]() if command in self._answers else _UNKNOWN)

    def send(self, data: bytes) -> None:
        """One packet."""
        if data:
            self._terminal.data_received(data, None)

    async def key(self) -> bytes:
        """The next byte typed."""
        while not self._typed:
            self._arrived.clear()
            await self._arrived.wait()
        key = bytes(self._typed[:1])
        del self._typed[:1]
        return key

    def _take(self, data: bytes) -> None:
        self._typed += data
        if self._echoes_at_once and not self._reads:
            self.send(data.replace(b"\n", b"\r\n"))
        self._arrived.set()

    async def _line(self) -> bytes:
        line = bytearray()
        self._reads = True
        while (key := await self.key()) != b"\n":
            self.send(key)
            line += key
        self.send(b"\r\n")
        self._reads = False
        return bytes(line)

    async def _print(self, answer: Answer) -> None:
        done = page = 0
        for offset, pause in sorted(answer.stops.items()):
            self.send(answer.text[done:offset])
            done = offset
            if pause is not None:
                await asyncio.sleep(pause)
            elif self._pager:
                page += 1
                await self._ask(self._pager, page)
        self.send(answer.text[done:])

    async def _ask(self, pager: Pager, page: int) -> None:
        self.send(pager.question(page))
        self._reads = True
        while await self.key() != b" ":
            pass
        self._reads = False
        self.send(pager.wipe)


_UNKNOWN = Answer(b"% Invalid input detected at '^' marker.\r\n")


async def captured(
    platform: Platform,
    answers: Mapping[str, Callable[[], Answer]],
    *,
    prompt: Callable[[], bytes],
    pager: Pager | None = None,
    echoes_at_once: bool = False,
) -> bytes:
    """The configuration of a scripted device, by the real session and terminal.

    Raises:
        DeviceError: it could not be had.
    """
    terminal = Terminal(pager=platform.pager, size=1_000_000)
    device = Device(terminal, answers, prompt=prompt, pager=pager, echoes_at_once=echoes_at_once)
    terminal.connection_made(device)  # type: ignore[arg-type] # all of a channel that a terminal uses
    task = asyncio.create_task(device.talk())
    try:
        session = Session(terminal, platform, Limits())
        await session.begin(_LOGIN)
        text = await session.configuration()
        await session.end()
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    return text
