"""A device in the tests' hands: drift, moving lines, secrets, counters, the jump host, many at once."""

from __future__ import annotations

import asyncio
import re
from datetime import timedelta

import asyncssh
import pytest

from demo.fleet import DEMO_PASSWORD, PLATFORMS, Device, Fault, Fleet, generate_config
from tests.demo.fleet.client import logged_in, run, run_on, shell_on

SHOW = "show running-config"

# What each platform adds or moves by itself: without these lines two shows are equal.
MOVING = {
    "arista_eos": rb"^! Time: .*",
    "cisco_ios": rb"^ntp clock-period .*",
    "cisco_nxos": rb"^!Time: .*",
    "fortinet_fortios": rb"(?<= ENC )\S+|^#conf_file_ver=.*|(?<=PRIVATE KEY-----\n)\S+",
    "juniper_junos": rb"^## Last commit: .*",
    "mikrotik_routeros": rb"^# \d.* by RouterOS.*",
}
HOSTILE = ["<!channel>", "```", "{{ config.secret }}", "Büro", "倉庫"]


@pytest.mark.parametrize("platform", sorted(PLATFORMS))
def test_generated_configuration_is_the_same_for_the_same_seed_and_grows_with_lines(platform: str) -> None:
    small = generate_config(platform, lines=100, seed=5)

    assert small == generate_config(platform, lines=100, seed=5)
    assert small != generate_config(platform, lines=100, seed=6)
    assert 90 < small.count(b"\n") < 120
    assert 990 < generate_config(platform, lines=1000, seed=5).count(b"\n") < 1020


@pytest.mark.parametrize("platform", sorted(PLATFORMS))
def test_generated_configuration_holds_hostile_and_foreign_text(platform: str) -> None:
    text = generate_config(platform, lines=1000).decode()

    assert [words for words in HOSTILE if words not in text] == []


@pytest.mark.parametrize("platform", sorted(PLATFORMS))
async def test_only_the_moving_lines_differ_from_one_show_to_the_next(fleet: Fleet, platform: str) -> None:
    device = await fleet.add("dev", platform=platform)

    first, second = device.print_config(), device.print_config()

    moving = MOVING.get(platform)
    assert (first != second) == bool(moving)
    still = [re.sub(moving, b"", text, flags=re.MULTILINE) if moving else text for text in (first, second)]
    assert still[0] == still[1]


@pytest.mark.parametrize("platform", sorted(PLATFORMS))
async def test_change_adds_lines_that_can_be_removed_again(fleet: Fleet, platform: str) -> None:
    device = await fleet.add("dev", platform=platform)
    before = device.config

    added = device.change("add vlan 20")
    between = device.config
    device.change("remove vlan 20")

    assert added.encode() in between
    assert added.encode() not in device.config
    assert before.count(b"\n") == device.config.count(b"\n")


@pytest.mark.parametrize("platform", sorted(PLATFORMS))
async def test_description_and_secret_can_be_changed(fleet: Fleet, platform: str) -> None:
    device = await fleet.add("dev", platform=platform, lines=150)
    before = device.config

    device.change("describe moved to rack 7")
    described = device.config
    device.rotate_secret()

    assert b"moved to rack 7" in described
    assert len(described.splitlines()) == len(before.splitlines()) == len(device.config.splitlines())
    assert device.config != described


async def test_change_names_its_author_where_the_platform_does(fleet: Fleet) -> None:
    ios = await fleet.add("core-sw1", platform="cisco_ios")
    junos = await fleet.add("edge1", platform="juniper_junos")

    for device in (ios, junos):
        device.change(by="anna")

    assert re.search(rb"^! Last configuration change at .* by anna$", ios.config, re.MULTILINE)
    assert re.search(rb"^## Last commit: .* UTC by anna$", junos.config, re.MULTILINE)


async def test_unknown_change_is_refused(switch: Device) -> None:
    with pytest.raises(ValueError, match="no such change"):
        switch.change("paint it black")
    with pytest.raises(ValueError, match="nothing to remove"):
        switch.change("remove vlan 4000")


async def test_exact_configuration_is_printed_byte_for_byte(fleet: Fleet) -> None:
    device = await fleet.add("leaf1", platform="arista_eos")
    device.set_config(b"only this\r\nand \xff that", exact=True)

    result = await run(device, SHOW)

    assert result.stdout == device.config == b"only this\r\nand \xff that"


async def test_stop_breaks_sessions_and_start_brings_it_back_on_the_same_port(switch: Device) -> None:
    port = switch.port

    async with logged_in(switch) as client:
        await switch.stop()
        await client.wait_closed()
    with pytest.raises(ConnectionRefusedError):
        await run(switch, SHOW)
    switch.fault = None  # behaving well does not switch it on
    with pytest.raises(ConnectionRefusedError):
        await run(switch, SHOW)
    await switch.start()

    assert (await run(switch, SHOW)).exit_status == 0
    assert switch.port == port
    assert switch.sessions == 0


async def test_sessions_are_counted_while_they_last(switch: Device) -> None:
    async with logged_in(switch), logged_in(switch):
        assert switch.sessions == 2

    await run(switch, SHOW)
    assert switch.max_sessions_seen == 2
    assert switch.logins.accepted == 3


async def test_wrong_password_from_the_client_is_refused(switch: Device) -> None:
    with pytest.raises(asyncssh.PermissionDenied):
        await run(switch, SHOW, password="wrong")

    assert (switch.logins.attempts, switch.logins.refused) == (1, 1)


async def test_banner_comes_before_and_motd_after_the_log_in(fleet: Fleet) -> None:
    banner = "Authorised use only!"
    device = await fleet.add("core-sw1", banner=banner, motd="Maintenance tonight")
    seen: list[str] = []

    class Client(asyncssh.SSHClient):
        def auth_banner_received(self, msg: str, lang: str) -> None:
            seen.append(msg + lang)

    async with shell_on(device, client_factory=Client) as shell:
        text = await shell.until("core-sw1#")

    assert banner in seen[0]
    assert "Maintenance tonight\r\n" in text


async def test_delay_is_taken_before_each_answer(fleet: Fleet) -> None:
    device = await fleet.add("core-sw1", delay=timedelta(milliseconds=50))
    loop = asyncio.get_running_loop()
    begin = loop.time()

    await run(device, SHOW)

    assert loop.time() - begin >= 0.05  # the loop's own clock never runs fast


async def test_line_editing_echoes_what_a_terminal_would(switch: Device) -> None:
    async with shell_on(switch) as shell:
        await shell.until("core-sw1#")
        shell.type("show versiom\x7fn\r\n")
        seen = await shell.until("core-sw1#")
        shell.type("\x04")
        await shell.rest()

    assert seen.startswith("show versiom\b \bn\r\n")
    assert switch.commands == ["show version"]


async def test_jump_host_forwards_to_the_fleet_only(fleet: Fleet, switch: Device) -> None:
    jump_host = await fleet.add_jump_host(password=DEMO_PASSWORD)
    known = asyncssh.import_known_hosts(f"[{jump_host.host}]:{jump_host.port} {jump_host.host_key}\n")

    async with asyncssh.connect(
        jump_host.host,
        jump_host.port,
        username=jump_host.username,
        password=jump_host.password,
        known_hosts=known,
        config=None,
        client_keys=None,
    ) as tunnel:
        async with logged_in(switch, tunnel=tunnel) as client:
            result = await run_on(client, SHOW)
        with pytest.raises(asyncssh.ChannelOpenError):
            await tunnel.open_connection("127.0.0.1", jump_host.port)

    assert result.stdout.endswith(b"end\r\n")
    assert jump_host.forwarded == [switch.port]
    assert jump_host.refused == [("127.0.0.1", jump_host.port)]


async def test_fault_plan_serves_the_next_connections_in_order(switch: Device) -> None:
    switch.fail_next(Fault.TRUNCATED)
    switch.fail_next(Fault.REJECTS_CONFIG)

    texts = [(await run(switch, SHOW)).stdout for _ in range(3)]

    assert not texts[0].endswith(b"end\r\n")
    assert b"% Invalid input" in texts[1]
    assert texts[2].endswith(b"end\r\n")


async def test_two_devices_of_one_name_and_unknown_platforms_are_refused(fleet: Fleet, switch: Device) -> None:
    with pytest.raises(ValueError, match="already is a device"):
        await fleet.add(switch.name)
    with pytest.raises(ValueError, match="no platform 'vms'"):
        await fleet.add("vax1", platform="vms")


async def test_hundreds_answer_at_once(fleet: Fleet) -> None:
    devices = [await fleet.add(f"sw{number}", lines=100) for number in range(200)]

    results = await asyncio.gather(*(run(device, SHOW) for device in devices))

    assert [result.stdout == device.wire for result, device in zip(results, devices, strict=True)] == [True] * 200
    assert len({device.port for device in devices}) == 200
