"""Shells with manners of their own, over real SSH: every byte as printed, and the answer belongs to the command."""

from __future__ import annotations

import asyncio
import re
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

import asyncssh
import pytest

from domain.failures import DeviceError, FailureKind
from runners.ssh.capture import capture
from runners.wire.messages import Capture
from tests.runners.agent_ground import PLATFORMS, short
from tests.runners.ssh.test_hostile_servers import LOGIN, Trusting, listening

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    from domain.configs.platforms import Platform

LIMITS = short(connect=5, login=5, silence=5)  # some of these devices never answer

CONFIG = (
    b"Building configuration...\r\n\r\nversion 16.12\r\nhostname br-9\r\n!\r\n"
    + b"".join(b"interface Vlan%d\r\n description floor %d\r\n!\r\n" % (vlan, vlan) for vlan in range(2, 30))
    + b"line vty 0 4\r\n transport input ssh\r\n!\r\nend\r\n\r\n"
)
LOG = b"*Mar  4 07:08:09.123: %LINK-3-UPDOWN: Interface Vlan7, changed state to up\r\n"
OPEN_END = replace(PLATFORMS["cisco_ios"], end=None)  # only the prompt tells that it is over


class Shell:
    """The device's side of one session: what it reads and prints is up to the test."""

    def __init__(self, process: asyncssh.SSHServerProcess[bytes]) -> None:
        self._process = process
        self._typed = b""
        self.commands: list[str] = []

    def say(self, text: bytes) -> None:
        """Print ``text`` as it is."""
        self._process.stdout.write(text)

    async def pause(self, seconds: float) -> None:
        """Say nothing for a while, as a device with other work does."""
        await asyncio.sleep(seconds)

    async def key(self) -> bytes:
        """The next byte typed."""
        while not self._typed:
            self._typed = await self._process.stdin.read(1024)
            if not self._typed:
                raise EOFError
        key, self._typed = self._typed[:1], self._typed[1:]
        return key

    async def line(self, before_echo: bytes = b"") -> str:
        """One line typed, and its echo."""
        typed = b""
        while (key := await self.key()) != b"\n":
            typed += key
        self.say(before_echo + typed + b"\r\n")
        self.commands.append(typed.decode().strip())
        return self.commands[-1]


def shell(
    prompt: Callable[[int], bytes],
    show: Callable[[Shell], Awaitable[None]],
    *,
    greeting: bytes = b"",
    before_echo: dict[int, bytes] | None = None,
) -> Callable[[Shell], Awaitable[None]]:
    """A command line; ``prompt`` by how often it was drawn; ``before_echo``: what crosses with a command, by number."""

    async def talk(device: Shell) -> None:
        device.say(greeting + prompt(0))
        for number in range(1, 30):
            command = await device.line((before_echo or {}).get(number, b""))
            if command == "exit":
                return
            if command == "show running-config":
                await show(device)
            elif command.startswith("show"):
                device.say(b"Version 7 of br-9\r\n")
            device.say(prompt(number))

    return talk


async def print_config(device: Shell) -> None:
    """All at once."""
    device.say(CONFIG)


def printing(*parts: bytes | float) -> Callable[[Shell], Awaitable[None]]:
    """Texts, with seconds of silence between them."""

    async def show(device: Shell) -> None:
        for part in parts:
            if isinstance(part, bytes):
                device.say(part)
            else:
                await device.pause(part)

    return show


@asynccontextmanager
async def serving(talk: Callable[[Shell], Awaitable[None]]) -> AsyncIterator[Callable[[Platform], Awaitable[bytes]]]:
    """A device with that shell, and a way to capture it."""

    async def serve(process: asyncssh.SSHServerProcess[bytes]) -> None:
        try:
            await talk(Shell(process))
        except (EOFError, OSError, asyncssh.Error):
            return
        process.exit(0)

    options = {"server_factory": Trusting, "process_factory": serve, "encoding": None, "line_editor": False}
    async with listening(**options) as hop:

        async def captured(platform: Platform) -> bytes:
            job = Capture(run=1, device="br-9", site="plant-a", platform=platform.name, target=hop, limits=LIMITS)
            return (await capture(job, platform, LOGIN)).text

        yield captured


async def captured(talk: Callable[[Shell], Awaitable[None]], platform: Platform = PLATFORMS["cisco_ios"]) -> bytes:
    async with serving(talk) as capture_it:
        return await capture_it(platform)


def br9(_: int) -> bytes:
    return b"br-9#"


@pytest.mark.parametrize("crossing", [1, 2, 3], ids=["first", "second", "configuration"])
@pytest.mark.parametrize("redrawn", [b"br-9#", b"br-9# "])
async def test_log_line_and_a_prompt_that_cross_with_a_command_are_no_answer_t4(crossing: int, redrawn: bytes) -> None:
    talk = shell(br9, print_config, before_echo={crossing: b"\r\n" + LOG + redrawn})

    assert await captured(talk) == CONFIG


async def test_several_log_lines_below_the_first_prompt_do_not_hide_it_t4() -> None:
    assert (
        await captured(shell(br9, print_config, greeting=b"\r\nbr-9#\r\n" + LOG + LOG.replace(b"br-9#", b""))) == CONFIG
    )


async def test_log_lines_that_no_pattern_knows_below_the_first_prompt_do_not_hide_it_t4() -> None:
    async def talk(device: Shell) -> None:
        device.say(b"\r\nbr-9#\r\nalarm: fan 2 is back\r\n")
        await shell(br9, print_config)(device) if await device.line() == "" else device.say(b"br-9#")

    assert await captured(talk) == CONFIG


@pytest.mark.parametrize(
    "drawn",
    [
        pytest.param(lambda number: b"br-9.%02d:59:%02d#" % (7, number % 60), id="clock"),
        pytest.param(lambda number: b"07:08:%02d.%03d br-9#" % (number, number * 7), id="clock with milliseconds"),
        pytest.param(lambda number: b"br-9:%d#" % (98 + number), id="counter"),
        pytest.param(lambda number: b"*br-9#" if number % 2 else b"br-9#", id="star in front"),
        pytest.param(lambda number: b"br-9*#" if number > 2 else b"br-9#", id="star behind the name"),
        pytest.param(lambda number: b"br-9(standby)#" if number else b"br-9#", id="role in brackets"),
        pytest.param(lambda number: b"br-9[run %d]#" % number, id="mode in square brackets"),
        pytest.param(lambda number: b"br-9#" if number < 3 else b"br-9/backup#", id="changed below the configuration"),
        pytest.param(lambda number: b"\r\x1b[K\x1b[32mbr-9\x1b[0m#" + b" " * (number % 2), id="colours"),
    ],
)
@pytest.mark.parametrize("platform", [PLATFORMS["cisco_ios"], OPEN_END], ids=["end mark", "no end mark"])
async def test_prompt_that_moves_is_found_t4(drawn: Callable[[int], bytes], platform: Platform) -> None:
    wide = replace(platform, prompt=re.compile(r"^[\w.@()\[\]/:+ -]{1,80}[>#] ?$"))

    assert await captured(shell(drawn, print_config), wide) == CONFIG


@pytest.mark.parametrize("pause", [0.05, 0.3, 0.9])
async def test_line_that_is_the_prompt_and_a_pause_do_not_end_the_text_t4(pause: float) -> None:
    half = CONFIG.index(b"interface Vlan9")
    show = printing(CONFIG[:half] + b"banner motd ^\r\nbr-9#", pause, b"\r\nis its name\r\n^\r\n" + CONFIG[half:])

    try:
        text = await captured(shell(br9, show), OPEN_END)
    except DeviceError as error:
        assert error.kind in {FailureKind.INCOMPLETE, FailureKind.SILENT}  # noqa: PT017 - one of two good ends
    else:
        assert text == CONFIG[:half] + b"banner motd ^\r\nbr-9#\r\nis its name\r\n^\r\n" + CONFIG[half:]


async def test_text_that_goes_on_behind_its_end_mark_and_a_prompt_is_incomplete_t4() -> None:
    show = printing(CONFIG + b"br-9#", 0.1, b"\r\nbanner motd ^\r\n ^\r\nend\r\n")

    with pytest.raises(DeviceError) as caught:
        await captured(shell(br9, show))

    assert caught.value.kind is FailureKind.INCOMPLETE


@pytest.mark.parametrize("log", [LOG, b"\r\n" + LOG, b"\r\n" + LOG + LOG], ids=["alone", "behind an empty line", "two"])
@pytest.mark.parametrize("often", [True, False], ids=["each time", "the first time"])
async def test_log_line_in_the_text_leaves_no_trace_t4(log: bytes, *, often: bool) -> None:
    at = CONFIG.index(b"interface Vlan9")
    times = 0

    async def show(device: Shell) -> None:
        nonlocal times
        times += 1
        device.say(CONFIG[:at] + log + CONFIG[at:] if often or times == 1 else CONFIG)

    assert await captured(shell(br9, show)) == CONFIG


async def test_log_line_behind_a_page_leaves_no_trace_t4() -> None:
    at = CONFIG.index(b"interface Vlan9")

    async def show(device: Shell) -> None:
        device.say(CONFIG[:at] + b"--More-- ")
        while await device.key() != b" ":
            pass
        device.say(b"\r         \r\r\n" + LOG + CONFIG[at:])

    assert await captured(shell(br9, show)) == CONFIG


async def test_any_line_may_be_noise_t4() -> None:
    at = CONFIG.index(b"interface Vlan9")
    noise = b"ALARM 17 raised: fan 2\r\n"
    platform = replace(OPEN_END, noise=re.compile(r"^(?:ALARM \d+ (?:raised|cleared): .*)$", re.MULTILINE))

    assert await captured(shell(br9, printing(CONFIG[:at] + noise + CONFIG[at:])), platform) == CONFIG


async def test_log_line_and_a_second_prompt_below_the_text_are_no_part_of_it_t4() -> None:
    assert await captured(shell(br9, printing(CONFIG + b"br-9#\r\n" + LOG)), OPEN_END) == CONFIG


@pytest.mark.parametrize(
    "odd",
    [
        pytest.param(b" \x1b[1;5;33m* * *\x1b[0m\x1b[10D welcome\r\n", id="blinking colours, cursor left"),
        pytest.param(b"\x1bc\x1b[3J\x1b]2;br-9\x07title\r\n", id="reset and title"),
        pytest.param(b"\r\x1b[2K\r\n", id="erased before an empty line"),
        pytest.param(b"hit \x08any\x08 key\x00\r\n", id="backspaces and NUL"),
        pytest.param(b" description uplink <--- More --->\r\n", id="pager's words in a description"),
        pytest.param(b"\xe4\xf6\xfc \xff\r\n", id="not UTF-8"),
    ],
)
async def test_odd_bytes_of_the_text_are_kept_as_printed_t3(odd: bytes) -> None:
    at = CONFIG.index(b"interface Vlan9")
    text = CONFIG[:at] + b"banner login ^\r\n" + odd + b"^\r\n" + CONFIG[at:]

    assert await captured(shell(br9, printing(text))) == text


@pytest.mark.parametrize("pause", [0.05, 0.2, 0.8])
@pytest.mark.parametrize("words", [b"-- More --", b"Press any key to continue", b"lines 1-9", b"see (q)uit"])
async def test_text_that_halts_behind_a_pagers_words_is_kept_as_printed_t3(words: bytes, pause: float) -> None:
    at = CONFIG.index(b"interface Vlan9")
    head, rest = CONFIG[:at] + b"banner exec ^\r\n" + words, b"\r\n^\r\n" + CONFIG[at:]

    assert await captured(shell(br9, printing(head, pause, rest))) == head + rest


async def test_pager_that_stops_in_the_middle_of_lines_takes_its_own_words_alone_t3() -> None:
    edges = [CONFIG.index(b"loor 4"), CONFIG.index(b"Vlan9"), CONFIG.index(b"ty 0 4")]

    async def show(device: Shell) -> None:
        for start, end in zip([0, *edges], [*edges, len(CONFIG)], strict=True):
            device.say(CONFIG[start:end])
            if end < len(CONFIG):
                device.say(b"--More--")
                while await device.key() != b" ":
                    pass
                device.say(b"\r\x1b[K")

    assert await captured(shell(br9, show)) == CONFIG
