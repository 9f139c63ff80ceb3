"""The family of ``show running-config``: levels, pagers, line ends, error texts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.demo.fleet.client import run, shell_on

if TYPE_CHECKING:
    from demo.fleet import Device, Fleet


async def test_ios_prints_its_configuration_between_echo_and_prompt(switch: Device) -> None:
    async with shell_on(switch) as shell:
        await shell.until("core-sw1#")
        shell.type("terminal length 0\r")
        await shell.until("core-sw1#")
        shell.type("show running-config\r")
        seen = await shell.until("end\r\ncore-sw1#")

    text = seen.removeprefix("show running-config\r\n").removesuffix("core-sw1#")
    assert text.encode() == switch.wire
    assert text.replace("\r\n", "\n").encode() == switch.config


async def test_ios_pages_until_told_otherwise_and_its_pager_erases_itself(switch: Device) -> None:
    async with shell_on(switch) as shell:
        await shell.until("core-sw1#")
        shell.type("sh run\r")
        first = await shell.until(" --More-- ")
        shell.type(" ")
        second = await shell.until(" --More-- ")
        shell.type("q")
        await shell.until("core-sw1#")

    assert first.count("\r\n") == 24  # the echo and 23 lines
    assert second.startswith("\b" * 10 + " " * 10 + "\b" * 10)


async def test_ios_asks_for_the_enable_password_unseen(fleet: Fleet) -> None:
    device = await fleet.add("core-sw1", enable_password="enable-secret")

    async with shell_on(device) as shell:
        await shell.until("core-sw1>")
        shell.type("show running-config\r")
        refusal = await shell.until("core-sw1>")
        shell.type("enable\r")
        await shell.until("Password: ")
        shell.type("enable-secret\r")
        answer = await shell.until("core-sw1#")

    assert "% Invalid input detected at '^' marker." in refusal
    assert "enable-secret" not in answer
    assert device.commands == ["show running-config", "enable"]


async def test_ios_says_bad_secrets_after_three_wrong_ones(fleet: Fleet) -> None:
    device = await fleet.add("core-sw1", enable_password="enable-secret")

    async with shell_on(device) as shell:
        await shell.until("core-sw1>")
        shell.type("enable\r")
        for _ in range(3):
            await shell.until("Password: ")
            shell.type("wrong\r")
        answer = await shell.until("core-sw1>")

    assert "% Bad secrets" in answer


async def test_ios_answers_one_exec_command_and_closes_the_connection(switch: Device) -> None:
    result = await run(switch, "show running-config")

    assert result.stdout == switch.wire
    assert b"\r\n" in switch.wire


async def test_nxos_ends_lines_with_cr_cr_lf_and_redraws_its_prompt(fleet: Fleet) -> None:
    device = await fleet.add("nexus1", platform="cisco_nxos")

    async with shell_on(device) as shell:
        licence = await shell.until("\rnexus1# ")
        shell.type("terminal length 0\r")
        await shell.until("\rnexus1# ")
        shell.type("show running-config\r")
        text = await shell.until("remote-as 65020\r\r\n\rnexus1# ")

    assert "licenses, such as open source" in licence
    assert "\r\r\n!Time: " in text


async def test_eos_names_the_level_that_is_missing(fleet: Fleet) -> None:
    device = await fleet.add("leaf1", platform="arista_eos", enable_password="")

    async with shell_on(device) as shell:
        await shell.until("leaf1>")
        shell.type("show running-config\r")
        refusal = await shell.until("leaf1>")
        shell.type("enable\r")
        await shell.until("leaf1#")

    assert "% Invalid input (privileged mode required)" in refusal


@pytest.mark.parametrize("platform", ["cisco_ios", "cisco_nxos", "arista_eos"])
async def test_exec_prints_exactly_what_the_device_says_it_printed(fleet: Fleet, platform: str) -> None:
    device = await fleet.add("sw1", platform=platform)

    result = await run(device, "show running-config")

    assert result.exit_status == 0
    assert result.stdout == device.wire
