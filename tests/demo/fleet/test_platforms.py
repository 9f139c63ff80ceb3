"""Each platform's shell, pager, levels and exec channel, as its real counterparts behave."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from demo.fleet import LINUX_CONFIG, PLATFORMS, Fault
from tests.demo.fleet.client import run, shell_on

if TYPE_CHECKING:
    from demo.fleet import Fleet

PASTE_PROMPT = "\x1b[?2004h\x1b]0;backup@{0}: ~\x07\x1b[01;32mbackup@{0}\x1b[00m:\x1b[01;34m~\x1b[00m$ "
WRAPPER = "/opt/vyatta/bin/vyatta-op-cmd-wrapper"

SHELLS = [
    pytest.param("cisco_ios", ["terminal length 0"], "show running-config", "dev#", id="cisco_ios"),
    pytest.param("cisco_nxos", ["terminal length 0"], "show running-config", "\rdev# ", id="cisco_nxos"),
    pytest.param("arista_eos", ["terminal length 0"], "show running-config", "dev#", id="arista_eos"),
    pytest.param(
        "juniper_junos",
        ["set cli screen-length 0", "set cli screen-width 0"],
        "show configuration | display omit",
        "\r\n{master:0}\r\nbackup@dev> ",
        id="juniper_junos",
    ),
    pytest.param("fortinet_fortios", [], "show | grep .", "dev # ", id="fortinet_fortios"),
    pytest.param(
        "mikrotik_routeros",
        [],
        "/export show-sensitive",
        "\r\r\r\r\x1b[m\x1b[35m[backup@dev]\x1b[m > ",
        id="mikrotik_routeros",
    ),
    pytest.param(
        "vyos",
        ["set terminal length 0"],
        "show configuration commands | no-more",
        PASTE_PROMPT.format("dev"),
        id="vyos",
    ),
    pytest.param("frr", ["terminal length 0"], "show running-config", "dev# ", id="frr"),
    pytest.param("linux", [], f"cat {LINUX_CONFIG}", PASTE_PROMPT.format("dev"), id="linux"),
]

EXECS = [
    pytest.param("cisco_ios", "show running-config", b"\r\n", id="cisco_ios"),
    pytest.param("cisco_nxos", "show running-config", b"\n", id="cisco_nxos"),
    pytest.param("arista_eos", "show running-config", b"\n", id="arista_eos"),
    pytest.param("juniper_junos", "show configuration | display omit", b"\n", id="juniper_junos"),
    pytest.param("fortinet_fortios", "show", b"\n", id="fortinet_fortios"),
    pytest.param("mikrotik_routeros", "/export show-sensitive", b"\r\n", id="mikrotik_routeros"),
    pytest.param("vyos", f"{WRAPPER} show configuration commands", b"\n", id="vyos"),
    pytest.param("frr", "show running-config", b"\n", id="frr"),
    pytest.param("linux", f"cat {LINUX_CONFIG}", b"\n", id="linux"),
]

PAGERS = [
    pytest.param("cisco_ios", "show running-config", "dev#", " --More-- ", "\b" * 10 + " " * 10 + "\b" * 10, id="ios"),
    pytest.param(
        "juniper_junos", "show configuration", "backup@dev> ", "---(more)---", "\r" + " " * 40 + "\r", id="junos"
    ),
    pytest.param("fortinet_fortios", "show", "dev # ", "--More-- ", "\r" + " " * 9 + "\r", id="fortios"),
    pytest.param("vyos", "show configuration commands", "$ ", "\n:", "\r\x1b[K", id="vyos"),
    pytest.param("frr", "show running-config", "dev# ", "\x1b[7m--More--\x1b[27m", "\r\x1b[K", id="frr"),
]

ERRORS = [
    pytest.param("cisco_ios", "% Invalid input detected at '^' marker.", id="cisco_ios"),
    pytest.param("cisco_nxos", "% Invalid command at '^' marker.", id="cisco_nxos"),
    pytest.param("arista_eos", "% Invalid input", id="arista_eos"),
    pytest.param("juniper_junos", "error: unknown command: frobnicate", id="juniper_junos"),
    pytest.param("fortinet_fortios", "Command fail. Return code -61", id="fortinet_fortios"),
    pytest.param("mikrotik_routeros", "bad command name frobnicate (line 1 column 1)", id="mikrotik_routeros"),
    pytest.param("vyos", "vbash: line 1: frobnicate: command not found", id="vyos"),
    pytest.param("frr", "% Unknown command: frobnicate", id="frr"),
    pytest.param("linux", "bash: line 1: frobnicate: command not found", id="linux"),
]


def test_every_platform_is_in_every_table() -> None:
    for table in (SHELLS, EXECS, ERRORS):
        assert {row.values[0] for row in table} == set(PLATFORMS)


@pytest.mark.parametrize(("platform", "before", "command", "prompt"), SHELLS)
async def test_shell_prints_the_configuration_between_echo_and_prompt(
    fleet: Fleet, platform: str, before: list[str], command: str, prompt: str
) -> None:
    device = await fleet.add("dev", platform=platform, lines=120)

    async with shell_on(device) as shell:
        await shell.until(prompt)
        for line in before:
            shell.type(line + "\r")
            await shell.until(prompt)
        shell.type(command + "\r")
        seen = await shell.until(prompt)
        while device.wire not in seen.encode():  # RouterOS draws its prompt once more before the answer
            seen += await shell.until(prompt)

    assert command in seen
    assert device.commands == [*before, command]


@pytest.mark.parametrize(("platform", "command", "newline"), EXECS)
async def test_exec_channel_prints_the_configuration_and_nothing_else(
    fleet: Fleet, platform: str, command: str, newline: bytes
) -> None:
    device = await fleet.add("dev", platform=platform)

    result = await run(device, command)

    assert result.exit_status == 0
    assert result.stdout == device.config.replace(b"\n", newline)
    assert device.commands == [command]


@pytest.mark.parametrize(("platform", "command", "prompt", "more", "erase"), PAGERS)
async def test_pager_wants_a_space_and_erases_itself(
    fleet: Fleet, platform: str, command: str, prompt: str, more: str, erase: str
) -> None:
    device = await fleet.add("dev", platform=platform, lines=60)

    async with shell_on(device) as shell:
        await shell.until(prompt)
        shell.type(command + "\r")
        pages = [await shell.until(more)]
        while not pages[-1].endswith(prompt):
            shell.type(" ")
            pages.append(await shell.until_one_of(more, prompt))

    assert len(pages) > 2
    assert all(page.startswith(erase) for page in pages[1:])


@pytest.mark.parametrize(("platform", "words"), ERRORS)
async def test_unknown_command_gets_the_platforms_own_words(fleet: Fleet, platform: str, words: str) -> None:
    device = await fleet.add("dev", platform=platform)

    result = await run(device, "frobnicate")

    said = (result.stdout + result.stderr).decode()
    assert words in said


@pytest.mark.parametrize(("platform", "command", "_newline"), EXECS)
async def test_refused_configuration_command_gets_the_same_words(
    fleet: Fleet, platform: str, command: str, _newline: bytes
) -> None:
    device = await fleet.add("dev", platform=platform)
    device.fault = Fault.REJECTS_CONFIG

    result = await run(device, command)

    assert len(result.stdout + result.stderr) < 200
    assert device.shows == 0


async def test_junos_lets_root_into_a_shell_first(fleet: Fleet) -> None:
    device = await fleet.add("edge1", platform="juniper_junos", username="root")

    async with shell_on(device) as shell:
        await shell.until("root@edge1% ")
        shell.type("show version\r")
        refusal = await shell.until("root@edge1% ")
        shell.type("cli\r")
        await shell.until("root@edge1> ")

    assert "show: Command not found." in refusal


async def test_routeros_probes_the_terminal_unless_the_user_name_forbids_it(fleet: Fleet) -> None:
    device = await fleet.add("gw1", platform="mikrotik_routeros")

    async with shell_on(device) as shell:
        loud = await shell.until("> ")
    async with shell_on(device, username="backup+cte512w4098h") as shell:
        quiet = await shell.until("\r[backup@gw1] > ")

    assert "\x1b[6n" in loud
    assert "\x1b" not in quiet


async def test_routeros_hides_secrets_from_the_plain_export(fleet: Fleet) -> None:
    device = await fleet.add("gw1", platform="mikrotik_routeros")

    plain = await run(device, "/export")
    full = await run(device, "/export show-sensitive")

    assert b"secret=" not in plain.stdout
    assert b"secret=" in full.stdout


async def test_vyos_knows_its_commands_on_an_exec_channel_only_through_the_wrapper(fleet: Fleet) -> None:
    device = await fleet.add("vy1", platform="vyos")

    result = await run(device, "show configuration commands")

    assert result.exit_status == 127
    assert not result.stdout


async def test_linux_prints_files_and_the_output_of_commands(fleet: Fleet) -> None:
    files = {"/etc/motd": b"no newline at the end"}
    device = await fleet.add("srv1", platform="linux", files=files, outputs={"ip route": b"default via 192.0.2.1\n"})

    both = await run(device, "cat /etc/motd; echo")
    route = await run(device, "ip route")
    missing = await run(device, "cat /etc/shadow")

    assert both.stdout == b"no newline at the end\n"
    assert route.stdout == b"default via 192.0.2.1\n"
    assert (missing.exit_status, missing.stdout) == (1, b"")
    assert missing.stderr == b"cat: /etc/shadow: No such file or directory\n"


async def test_systems_own_ssh_client_agrees(fleet: Fleet) -> None:
    device = await fleet.add("edge1", platform="juniper_junos")
    words = ["ssh", "-F", "none", "-p", str(device.port), "-o", "BatchMode=yes", "-o", "UserKnownHostsFile=/dev/null"]

    process = await asyncio.create_subprocess_exec(
        *words,
        *["-o", "StrictHostKeyChecking=accept-new", f"{device.username}@{device.host}", "show version"],
        stderr=asyncio.subprocess.PIPE,
    )
    _, said = await process.communicate()

    assert b"Permission denied (password)" in said
    assert not device.logins.password_received


async def test_eos_takes_keyboard_interactive_only_when_it_insists(fleet: Fleet) -> None:
    device = await fleet.add("leaf1", platform="arista_eos", keyboard_interactive=True)

    result = await run(device, "show version", preferred_auth="keyboard-interactive")

    assert b"Arista" in result.stdout
    assert device.logins.accepted == 1
