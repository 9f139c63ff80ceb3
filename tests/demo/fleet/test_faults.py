"""Every fault does what its name says, for as many connections as it was asked to."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import asyncssh
import pytest

from demo.fleet import DEMO_PASSWORD, Fault
from tests.demo.fleet.client import logged_in, run, run_on, shell_on
from tests.support.fleet_fixtures import old_algorithms

if TYPE_CHECKING:
    from demo.fleet import Device, Fleet

SHOW = "show running-config"


async def configuration(device: Device, **options: object) -> bytes:
    """What one exec channel prints."""
    return (await run(device, SHOW, **options)).stdout


async def test_refuses_until_told_otherwise_on_the_same_port(switch: Device) -> None:
    port = switch.port
    switch.fault = Fault.REFUSES

    with pytest.raises(ConnectionRefusedError):
        await configuration(switch)

    switch.fault = None
    assert (await configuration(switch)).endswith(b"end\r\n")
    assert switch.port == port


async def test_refuses_the_next_connections_by_a_reset(switch: Device) -> None:
    switch.fail_next(Fault.REFUSES, times=2)

    for _ in range(2):
        with pytest.raises((ConnectionResetError, asyncssh.ConnectionLost)):
            await configuration(switch)

    assert (await configuration(switch)).endswith(b"end\r\n")


async def test_hangs_after_connect_without_a_banner(switch: Device) -> None:
    switch.fault = Fault.HANGS_AFTER_CONNECT

    reader, writer = await asyncio.open_connection(switch.host, switch.port)
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.2):
            await reader.read(1)
    writer.close()

    assert switch.logins.connections == 0


async def test_changed_host_key_stops_a_careful_client_before_the_password(switch: Device) -> None:
    switch.fault = Fault.CHANGED_HOST_KEY

    with pytest.raises(asyncssh.HostKeyNotVerifiable):
        await configuration(switch)

    assert switch.logins.connections == 1
    assert not switch.logins.password_received


async def test_replaced_host_key_is_the_one_it_names(switch: Device) -> None:
    before = switch.host_key
    after = switch.replace_host_key()

    await configuration(switch)

    assert before != after == switch.host_key
    assert after.startswith("ssh-ed25519 ")


async def test_wrong_password_is_refused_and_counted(switch: Device) -> None:
    switch.fault = Fault.WRONG_PASSWORD

    with pytest.raises(asyncssh.PermissionDenied):
        await configuration(switch)

    assert switch.logins.password_received
    assert (switch.logins.accepted, switch.logins.refused, switch.max_sessions_seen) == (0, 1, 0)


async def test_keyboard_interactive_only_refuses_plain_passwords(switch: Device) -> None:
    switch.fault = Fault.KEYBOARD_INTERACTIVE_ONLY

    with pytest.raises(asyncssh.PermissionDenied):
        await configuration(switch, preferred_auth="password")
    text = await configuration(switch, preferred_auth="keyboard-interactive,password")

    assert text.endswith(b"end\r\n")


@old_algorithms
async def test_old_algorithms_only(switch: Device) -> None:
    switch.fault = Fault.OLD_ALGORITHMS
    old: dict[str, object] = {
        "kex_algs": ["diffie-hellman-group14-sha1"],
        "encryption_algs": ["aes128-cbc"],
        "mac_algs": ["hmac-sha1"],
        "server_host_key_algs": ["ssh-rsa"],
        "known_hosts": None,
    }

    with pytest.raises(asyncssh.KeyExchangeFailed):
        await configuration(switch, known_hosts=None, server_host_key_algs=["ssh-ed25519"])
    text = await configuration(switch, **old)

    assert text.endswith(b"end\r\n")


async def test_hangs_after_log_in(switch: Device) -> None:
    switch.fault = Fault.HANGS_AFTER_LOGIN

    async with shell_on(switch) as shell:
        assert await shell.is_silent()

    assert switch.max_sessions_seen == 1


async def test_expired_password_wants_a_new_one_and_ends(switch: Device) -> None:
    switch.fault = Fault.PASSWORD_EXPIRED

    async with shell_on(switch) as shell:
        notice = await shell.until("New password: ")
        shell.type("something\r")
        await shell.rest()

    assert "password has expired" in notice
    assert switch.commands == []


async def test_no_prompt_but_a_menu_whatever_is_typed(switch: Device) -> None:
    switch.fault = Fault.NO_PROMPT

    async with shell_on(switch) as shell:
        first = await shell.until("Your choice: ")
        shell.type("show running-config\r")
        second = await shell.until("Your choice: ")

    assert "#" not in first + second


@pytest.mark.parametrize(
    ("fault", "question", "key"),
    [
        pytest.param(Fault.PRESS_ANY_KEY, "Press any key to continue", " ", id="any key"),
        pytest.param(Fault.ACCEPT_BANNER, "(Press 'a' to accept):", "a", id="the letter a"),
        pytest.param(Fault.ACCEPT_POLICY, "Accept the policy banner? [yes/no]: ", "yes\n", id="the word yes"),
    ],
)
async def test_stands_in_the_way_until_answered(switch: Device, fault: Fault, question: str, key: str) -> None:
    switch.fault = fault

    async with shell_on(switch) as shell:
        before = await shell.until(question)
        shell.type(key)
        await shell.until("core-sw1#")

    assert "core-sw1#" not in before


async def test_wrong_enable_password(fleet: Fleet) -> None:
    device = await fleet.add("core-sw1", enable_password=DEMO_PASSWORD)
    device.fault = Fault.WRONG_ENABLE

    async with shell_on(device) as shell:
        await shell.until("core-sw1>")
        shell.type("enable\r")
        for _ in range(3):
            await shell.until("Password: ")
            shell.type(f"{DEMO_PASSWORD}\r")
        await shell.until("% Bad secrets")


async def test_hangs_in_the_middle_of_the_configuration(switch: Device) -> None:
    switch.fault = Fault.HANGS_IN_CONFIG

    async with shell_on(switch) as shell:
        await shell.until("core-sw1#")
        shell.type("terminal length 0\rshow running-config\r")
        await shell.until("hostname core-sw1")
        while not await shell.is_silent():
            pass

    assert switch.shows == 1


async def test_drops_in_the_middle_once(switch: Device) -> None:
    switch.fail_next(Fault.DROPS)

    async with logged_in(switch) as client:
        cut = await run_on(client, SHOW)
        await client.wait_closed()

    assert cut.exit_status is None
    assert b"hostname core-sw1" in cut.stdout
    assert not cut.stdout.endswith(b"end\r\n")
    assert (await configuration(switch)).endswith(b"end\r\n")


async def test_sends_for_ever(switch: Device) -> None:
    switch.fault = Fault.ENDLESS

    async with logged_in(switch) as client:
        process = await client.create_process(SHOW, encoding=None)
        taken = 0
        while taken < 1_000_000:
            taken += len(await process.stdout.read(65_536))
        client.abort()


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        pytest.param(Fault.REJECTS_CONFIG, b"% Invalid input detected at '^' marker.", id="invalid input"),
        pytest.param(Fault.AUTHORIZATION_FAILED, b"Command authorization failed.", id="authorization"),
    ],
)
async def test_answers_the_configuration_command_with_an_error(switch: Device, fault: Fault, words: bytes) -> None:
    switch.fault = fault

    text = await configuration(switch)

    assert words in text
    assert len(text) < 200


async def test_pages_although_told_not_to(switch: Device) -> None:
    switch.fault = Fault.PAGES_ANYWAY

    async with shell_on(switch) as shell:
        await shell.until("core-sw1#")
        shell.type("terminal length 0\r")
        await shell.until("core-sw1#")
        shell.type("show running-config\r")
        await shell.until(" --More-- ")


async def test_log_lines_fall_into_the_output_only(switch: Device) -> None:
    switch.fault = Fault.LOG_LINES

    text = await configuration(switch)

    assert text.count(b"%SYS-5-CONFIG_I: Configured from console") >= 2
    assert b"%SYS-5" not in switch.config


async def test_prompt_like_lines_stand_inside_the_configuration(switch: Device) -> None:
    switch.fault = Fault.PROMPT_LIKE_LINES

    text = await configuration(switch)

    assert b"\r\ncore-sw1#\r\n" in text
    assert text.endswith(b"end\r\n")


async def test_truncated_has_no_end_marker_and_ends_politely(switch: Device) -> None:
    switch.fault = Fault.TRUNCATED

    result = await run(switch, SHOW)

    assert result.exit_status == 0
    assert not result.stdout.endswith(b"end\r\n")


@pytest.mark.parametrize("fault", [Fault.SHRUNK, Fault.LOW_PRIVILEGE])
async def test_shrunk_configuration_still_has_its_end_marker(switch: Device, fault: Fault) -> None:
    whole = await configuration(switch)
    switch.fault = fault

    text = await configuration(switch)

    assert len(text) < len(whole) / 5
    assert text.endswith(b"end\r\n")


async def test_big_configuration_has_five_megabytes(switch: Device) -> None:
    switch.fault = Fault.BIG

    text = await configuration(switch)

    assert len(text) > 5_000_000
    assert text.endswith(b"end\r\n")


async def test_crlf_and_bytes_that_are_not_utf8_come_through_as_they_are(fleet: Fleet) -> None:
    device = await fleet.add("leaf1", platform="arista_eos")
    device.set_faults([Fault.CRLF, Fault.NOT_UTF8])

    text = await configuration(device)

    assert text == device.config
    assert b"\r\n" in text
    with pytest.raises(UnicodeDecodeError):
        text.decode()


@pytest.mark.parametrize("fault", [Fault.BYTE_BY_BYTE, Fault.RANDOM_CHUNKS])
async def test_cut_into_pieces_it_is_still_the_same_text(fleet: Fleet, fault: Fault) -> None:
    device = await fleet.add("core-sw1", lines=80)
    device.fault = fault

    assert await configuration(device) == device.wire


async def test_exec_channel_closes_without_an_exit_status(switch: Device) -> None:
    switch.fault = Fault.NO_EXIT_STATUS

    result = await run(switch, SHOW)

    assert result.exit_status is None
    assert result.stdout.endswith(b"end\r\n")


async def test_a_connection_keeps_the_faults_it_began_with(switch: Device) -> None:
    async with logged_in(switch) as client:
        switch.fault = Fault.TRUNCATED
        result = await run_on(client, SHOW)

    assert result.stdout.endswith(b"end\r\n")


def test_every_fault_is_tried_here() -> None:
    with open(__file__, encoding="utf-8") as source:  # noqa: PTH123 - the test reads itself
        text = source.read()

    assert [fault for fault in Fault if f"Fault.{fault.name}" not in text] == []
