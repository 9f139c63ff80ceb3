"""Healthy devices with manners of their own: banners, questions, Enter, channels that close without a word."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import TYPE_CHECKING

import asyncssh
import pytest

from domain.configs.texts import comparable
from domain.failures import DeviceError, FailureKind
from runners.platforms.reading import load_platforms
from runners.ssh.capture import capture
from runners.ssh.login import Login
from runners.wire.messages import Capture, LoginTarget
from tests.runners.agent_ground import PLATFORMS, job_for, login_of, short
from tests.support.fleet_fixtures import fleet, switch  # noqa: F401 - fixtures

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable
    from pathlib import Path

    from demo.fleet import Device
    from domain.configs.platforms import Platform

    Process = asyncssh.SSHServerProcess[bytes]

LIMITS = short(connect=5, login=5, silence=5)  # some of these devices never answer

LOGIN = Login("backup", password="first-secret", enable="deeper-secret")
CONFIG = (
    "Building configuration...\n\nCurrent configuration : 420 bytes\n!\nversion 15.7\nhostname lab-9\n!\n"
    + "".join(f"interface Ethernet0/{n}\n description port {n}\n!\n" for n in range(8))
    + "end\n\n"
)
JUNOS = (
    "version 22.2R1;\nsystem {\n    host-name lab-9;\n}\nprotocols {\n    lldp {\n        interface all;\n    }\n}\n"
)
ROUTEROS = (
    "# 2026-11-02 03:04:05 by RouterOS 7.16\n/interface bridge\nadd name=a\nadd name=b\n/ip dns\nset servers=10.0.0.1\n"
)


class Trusting(asyncssh.SSHServer):
    """Takes the password."""

    def password_auth_supported(self) -> bool:
        """The plain way."""
        return True

    def validate_password(self, username: str, password: str) -> bool:
        """As the tests' log-in has it."""
        return (username, password) == (LOGIN.username, LOGIN.password)


@asynccontextmanager
async def scripted(play: Callable[[Process], Awaitable[None]]) -> AsyncIterator[LoginTarget]:
    """A device that does what ``play`` does in each channel."""
    server = await asyncssh.listen(
        "127.0.0.1",
        0,
        server_host_keys=[asyncssh.generate_private_key("ssh-ed25519")],
        server_factory=Trusting,
        process_factory=play,
        encoding=None,
        line_editor=False,
    )
    try:
        yield LoginTarget(host="127.0.0.1", port=server.get_port(), credentials=("lab",))
    finally:
        server.close()
        await server.wait_closed()


async def taken(target: LoginTarget, platform: Platform) -> bytes:
    job = Capture(run=1, device="r1", site="plant-a", platform=platform.name, target=target, retries=0, limits=LIMITS)
    return (await capture(job, platform, LOGIN)).text


async def why_not(target: LoginTarget, platform: Platform) -> DeviceError:
    with pytest.raises(DeviceError) as caught:
        await taken(target, platform)
    return caught.value


def say(process: Process, text: str) -> None:
    process.stdout.write(text.replace("\n", "\r\n").encode())


async def typed(process: Process, *, enter: bytes = b"\n", echo: bool = True) -> str:
    """One line, ended by ``enter`` and nothing else."""
    line = await process.stdin.readuntil(enter)
    if echo:
        process.stdout.write(line.rstrip(b"\r\n") + b"\r\n")
    return line.rstrip(b"\r\n").decode()


async def serve(process: Process, prompt: str = "lab-9#", *, config: str = CONFIG, enter: bytes = b"\n") -> None:
    """A usual command line, from its first prompt on."""
    say(process, prompt)
    while (command := await typed(process, enter=enter)) != "exit":
        say(process, (config if command == "show running-config" else "") + prompt)
    process.exit(0)


# What stands before the first prompt.


@pytest.mark.parametrize(
    "banner",
    [
        "Your password has expired? Call the desk on 4711.\n",
        "The password is expired after 60 days:\nyou must change the password in the portal: see wiki\n",
        "Press any key to continue is what the old system said.\n",
        "Accept the policy banner, or leave: your choice?\n\n",
    ],
)
async def test_banner_is_no_question_whatever_it_says(banner: str) -> None:
    async def play(process: Process) -> None:
        say(process, banner)
        await asyncio.sleep(0)
        await serve(process)

    async with scripted(play) as target:
        text = await taken(target, PLATFORMS["cisco_ios"])

    assert text == CONFIG.replace("\n", "\r\n").encode()


async def test_expired_password_is_told_when_a_new_one_is_asked_for() -> None:
    async def play(process: Process) -> None:
        say(process, "You must change your password now.\nEnter the new one: ")
        await typed(process)

    async with scripted(play) as target:
        error = await why_not(target, PLATFORMS["cisco_ios"])

    assert error.kind is FailureKind.PASSWORD_EXPIRED


async def test_question_that_nobody_knows_is_told_in_its_own_words() -> None:
    async def play(process: Process) -> None:
        say(process, "\n  1) Console\n  2) Log out\nWhich of them? ")
        await typed(process)

    async with scripted(play) as target:
        error = await why_not(target, PLATFORMS["cisco_ios"])

    assert error.kind is FailureKind.NO_PROMPT
    assert "Which of them?" in error.facts


async def test_last_words_of_a_device_that_hangs_up_are_told() -> None:
    async def play(process: Process) -> None:
        say(process, "\nAll 5 lines of the virtual terminal are taken.\n")
        process.exit(1)

    async with scripted(play) as target:
        error = await why_not(target, PLATFORMS["cisco_ios"])

    assert error.kind is FailureKind.CONNECTION_LOST
    assert "All 5 lines of the virtual terminal are taken." in error.facts


@pytest.mark.parametrize(("name", "password"), [("User: ", "Password:"), ("lab-9 login: ", "Kennwort: ")])
async def test_device_that_asks_who_it_is_in_the_shell_is_answered(name: str, password: str) -> None:
    said: list[str] = []

    async def play(process: Process) -> None:
        say(process, f"(Lab Controller)\n\n{name}")
        said.append(await typed(process))
        say(process, password)
        said.append(await typed(process, echo=False))
        say(process, "\n")
        await serve(process)

    async with scripted(play) as target:
        await taken(target, PLATFORMS["cisco_ios"])

    assert said == [LOGIN.username, LOGIN.password]


async def test_device_that_asks_again_in_the_shell_has_refused_the_log_in() -> None:
    said: list[str] = []

    async def play(process: Process) -> None:
        for question in ("User: ", "Password: ", "\nLogin incorrect\nUser: ", "Password: "):
            say(process, question)
            said.append(await typed(process, echo=False))

    async with scripted(play) as target:
        error = await why_not(target, PLATFORMS["cisco_ios"])

    assert error.kind is FailureKind.AUTHENTICATION
    assert said == [LOGIN.username, LOGIN.password]


# Privileged mode.


def asking(questions: list[tuple[str, str]], said: list[str]) -> Callable[[Process], Awaitable[None]]:
    """Asks ``questions`` behind ``enable`` and keeps what was said; each has its one right answer."""

    async def play(process: Process) -> None:
        say(process, "lab-9>")
        await typed(process)
        for question, answer in questions:
            say(process, question)
            said.append(await typed(process, echo=False))
            say(process, "\n")
            if said[-1] != answer:
                say(process, "% Bad secrets, and the fourth time today\n")
                await serve(process, "lab-9>")
                return
        await serve(process)

    return play


@pytest.mark.parametrize(
    "questions",
    [
        [("Password: ", "deeper-secret")],
        [("Kennwort: ", "deeper-secret")],
        [("Enter the secret of level 15:", "deeper-secret")],
        [("TACACS+ passphrase for lab-9? ", "deeper-secret")],
        [("Username: ", "backup"), ("Geheimnis: ", "deeper-secret")],
    ],
)
async def test_enable_is_answered_however_it_asks(questions: list[tuple[str, str]]) -> None:
    async with scripted(asking(questions, [])) as target:
        assert (await taken(target, PLATFORMS["cisco_ios"])).endswith(b"end\r\n\r\n")


NAMES = [("Username: ", "backup"), ("Account name? ", "backup")]


@pytest.mark.parametrize("again", NAMES)
@pytest.mark.parametrize("password", [[], [("Password: ", "deeper-secret")]], ids=["at once", "behind the password"])
async def test_second_question_for_a_name_at_enable_is_not_answered_and_told(
    password: list[tuple[str, str]], again: tuple[str, str]
) -> None:
    said: list[str] = []

    async with scripted(asking([NAMES[0], *password, again], said)) as target:
        error = await why_not(target, PLATFORMS["cisco_ios"])

    assert error.kind is FailureKind.ENABLE
    assert again[0].strip() in error.facts
    assert [word for word in said if word] == ["backup", *(answer for _, answer in password)]


@pytest.mark.parametrize("question", ["Verification code: ", "Choose a new enable password: ", "Continue? [y/n]: "])
async def test_enable_is_not_told_the_password_when_it_asks_for_something_else(question: str) -> None:
    said: list[str] = []

    async with scripted(asking([(question, "7")], said)) as target:
        error = await why_not(target, PLATFORMS["cisco_ios"])

    assert error.kind is FailureKind.ENABLE
    assert question.strip() in error.facts
    assert said in ([], [""])


async def test_refused_enable_password_is_said_once_with_the_devices_words() -> None:
    said: list[str] = []

    async with scripted(asking([("Kennwort: ", "another")], said)) as target:
        error = await why_not(target, PLATFORMS["cisco_ios"])

    assert error.kind is FailureKind.ENABLE
    assert "the fourth time today" in error.facts
    assert said == ["deeper-secret"]


# The command line.


async def test_enter_is_a_carriage_return_where_the_platform_says_so(tmp_path: Path) -> None:
    text = "title: Acme\nprompt: '^lab-9#$'\nconfig: [show running-config]\nend: '^end$'\nenter: cr\n"
    (tmp_path / "acme.yaml").write_text(text)

    async with scripted(lambda process: serve(process, enter=b"\r")) as target:
        assert (await taken(target, load_platforms(tmp_path)["acme"])).endswith(b"end\r\n\r\n")


@pytest.mark.parametrize("platform", ["cisco_ios", "cisco_nxos", "arista_eos"])
def test_nothing_is_said_about_the_width_of_a_terminal_that_was_asked_for_wide(platform: str) -> None:
    assert PLATFORMS[platform].paging_off == ("terminal length 0",)


async def test_load_and_time_above_each_output_are_no_change() -> None:
    moments = iter(range(1, 100))

    async def play(process: Process) -> None:
        say(process, "lab-9#")
        while (command := await typed(process)) != "exit":
            moment = next(moments)
            stamp = f"Load for five secs: {moment}%/1%; one minute: 4%; five minutes: 5%\n"
            stamp += f"No time source, *03:04:{moment:02}.123 UTC Mon Nov 2 2026\n\n"
            say(process, stamp + (CONFIG if command == "show running-config" else "") + "lab-9#")
        process.exit(0)

    async with scripted(play) as target:
        first, second = [await taken(target, PLATFORMS["cisco_ios"]) for _ in range(2)]

    assert comparable(first, PLATFORMS["cisco_ios"]) == comparable(second, PLATFORMS["cisco_ios"])


@pytest.mark.parametrize("words", ["% Bad IP address or host name", "Error: AAA authorization failed", "Line has gone"])
async def test_refusal_in_place_of_the_first_configuration_is_never_stored(words: str) -> None:
    async with scripted(lambda process: serve(process, config=f"{words}\n")) as target:
        error = await why_not(target, PLATFORMS["cisco_ios"])

    assert error.kind is FailureKind.COMMAND_REJECTED
    assert not error.kind.is_transient
    assert words in error.facts


# Channels of commands.


def printing(text: str, end: Callable[[Process], None]) -> Callable[[Process], Awaitable[None]]:
    async def play(process: Process) -> None:
        say(process, text)
        await process.stdout.drain()
        end(process)

    return play


def drop(process: Process) -> None:
    process.channel.close()


def kill(process: Process) -> None:
    process.exit_with_signal("KILL", msg="out of memory")


async def test_channel_that_closes_without_a_word_behind_the_end_marker_is_whole() -> None:
    async with scripted(printing(JUNOS, drop)) as target:
        assert await taken(target, PLATFORMS["juniper_junos"]) == JUNOS.replace("\n", "\r\n").encode()


@pytest.mark.parametrize(
    ("second", "is_ended"),
    [(JUNOS.partition("protocols")[0], False), (JUNOS + JUNOS.partition("}\n")[2], True), ("", False)],
    ids=["less", "more", "nothing"],
)
async def test_text_that_closes_every_block_is_not_whole_when_it_comes_otherwise_the_second_time(
    second: str, *, is_ended: bool
) -> None:
    texts = iter([JUNOS, second])

    async def play(process: Process) -> None:
        text = next(texts)
        await printing(text, (lambda one: one.exit(0)) if text == second and is_ended else drop)(process)

    async with scripted(play) as target:
        error = await why_not(target, PLATFORMS["juniper_junos"])

    assert error.kind is FailureKind.INCOMPLETE
    assert "second answer is another" in error.facts


@pytest.mark.parametrize(
    ("text", "is_whole"), [('{"a": {"b": 1}}\n', True), ('{"a": {"b": 1}\n', False), ("<a>\n<b/>\n", False)]
)
async def test_document_of_a_server_that_broke_off_is_incomplete(text: str, *, is_whole: bool) -> None:
    async with scripted(printing(text, lambda process: process.exit(0))) as target:
        job = Capture(run=1, device="b", site="s", platform="linux", target=target, commands=("/x",), limits=LIMITS)
        found = capture(job, PLATFORMS["linux"], LOGIN)
        if is_whole:
            assert (await found).text == text.replace("\n", "\r\n").encode()
            return
        with pytest.raises(DeviceError) as caught:
            await found

    assert caught.value.kind is FailureKind.INCOMPLETE
    assert "it breaks off" in caught.value.facts


@pytest.mark.parametrize(
    ("platform", "text", "end", "kind"),
    [
        ("juniper_junos", JUNOS[:-5], drop, FailureKind.INCOMPLETE),
        ("mikrotik_routeros", ROUTEROS, drop, FailureKind.CONNECTION_LOST),
        ("juniper_junos", JUNOS, kill, FailureKind.INCOMPLETE),
        ("mikrotik_routeros", ROUTEROS, kill, FailureKind.INCOMPLETE),
    ],
    ids=["cut", "no-end-marker", "killed-at-the-end", "killed"],
)
async def test_channel_that_closes_without_a_word_proves_nothing_else(
    platform: str, text: str, end: Callable[[Process], None], kind: FailureKind
) -> None:
    async with scripted(printing(text, end)) as target:
        error = await why_not(target, PLATFORMS[platform])

    assert error.kind is kind


async def test_command_of_a_server_that_prints_a_refusal_is_never_stored() -> None:
    async def play(process: Process) -> None:
        say(process, "show: command not available in this shell\n")
        process.exit(0)

    async with scripted(play) as target:
        job = Capture(
            run=1, device="b", site="s", platform="linux", target=target, commands=("show settings",), limits=LIMITS
        )
        with pytest.raises(DeviceError) as caught:
            await capture(job, PLATFORMS["linux"], LOGIN)

    assert caught.value.kind is FailureKind.COMMAND_REJECTED


# Silence.


async def test_silence_within_a_command_may_last_as_long_as_the_device_is_given() -> None:
    async def play(process: Process) -> None:
        say(process, "lab-9#")
        while (command := await typed(process)) != "exit":
            if command == "show running-config":
                await asyncio.sleep(0.6)
            say(process, (CONFIG if command == "show running-config" else "") + "lab-9#")
        process.exit(0)

    async with scripted(play) as target:
        job = Capture(run=1, device="r1", site="s", platform="cisco_ios", target=target, retries=0, limits=LIMITS)
        patient = job.model_copy(update={"limits": LIMITS.model_copy(update={"silence": timedelta(seconds=5)})})
        hasty = job.model_copy(update={"limits": LIMITS.model_copy(update={"silence": timedelta(seconds=0.2)})})
        outcome = await capture(patient, PLATFORMS["cisco_ios"], LOGIN)
        with pytest.raises(DeviceError) as caught:
            await capture(hasty, PLATFORMS["cisco_ios"], LOGIN)

    assert outcome.text.endswith(b"end\r\n\r\n")
    assert caught.value.kind is FailureKind.SILENT
    assert "`limits.silence`" in caught.value.advice


async def test_low_privilege_is_refused_though_nothing_is_known_to_compare_with(switch: Device) -> None:  # noqa: F811
    switch.set_config(b"!\n! Last configuration change at 1 UTC\n!\ninterface Ethernet1\n!\nend\n", exact=True)

    with pytest.raises(DeviceError) as caught:
        await capture(job_for(switch), PLATFORMS["cisco_ios"], login_of(switch))

    assert caught.value.kind is FailureKind.COMMAND_REJECTED
