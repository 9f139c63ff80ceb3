"""Captures over real SSH: every platform, and every way in which a device can go wrong."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from demo.fleet import Fault
from demo.fleet.device import LINUX_CONFIG
from domain.configs.texts import comparable
from domain.failures import DeviceError, FailureKind
from runners.ssh.capture import CaptureOutcome, capture
from runners.ssh.failures import HostKeyChanged
from runners.ssh.login import Login
from runners.wire.messages import Capture, LoginTarget
from tests.runners.agent_ground import PLATFORMS, WIDE, job_for, login_of, short, until
from tests.support.fleet_fixtures import fleet, old_algorithms, switch  # noqa: F401 - fixtures

if TYPE_CHECKING:
    from demo.fleet import Device, Fleet
    from runners.wire.messages import Limits


async def captured(device: Device, job: Capture | None = None) -> CaptureOutcome:
    job = job or job_for(device)
    return await capture(job, PLATFORMS[job.platform], login_of(device))


async def failure(device: Device, job: Capture | None = None, *, login: Login | None = None) -> DeviceError:
    job = job or job_for(device)
    with pytest.raises(DeviceError) as caught:
        await capture(job, PLATFORMS[job.platform], login or login_of(device))
    return caught.value


@pytest.mark.parametrize("platform", sorted(PLATFORMS))
async def test_each_platform_is_captured_byte_for_byte_v2(fleet: Fleet, platform: str) -> None:  # noqa: F811
    device = await fleet.add("dev-1", platform=platform)

    outcome = await captured(device, job_for(device, commands=(LINUX_CONFIG,)))

    assert outcome.text == device.wire
    assert outcome.host_key == device.host_key


@pytest.mark.parametrize("platform", sorted(PLATFORMS))
async def test_two_captures_of_an_unchanged_device_compare_alike_d2(fleet: Fleet, platform: str) -> None:  # noqa: F811
    device = await fleet.add("dev-1", platform=platform)
    job = job_for(device, commands=(LINUX_CONFIG,))

    first, second = await captured(device, job), await captured(device, job)

    assert comparable(first.text, PLATFORMS[platform]) == comparable(second.text, PLATFORMS[platform])


_HANGS = {  # the limit that each way to hang meets
    Fault.HANGS_AFTER_CONNECT: short(connect=1),
    Fault.HANGS_AFTER_LOGIN: short(login=2),
    Fault.NO_PROMPT: short(login=2),
    Fault.HANGS_IN_CONFIG: short(silence=1),
}


def _within(fault: Fault) -> Limits:
    return _HANGS.get(fault, WIDE).model_copy(update={"size": 1_000_000})


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        (Fault.REFUSES, FailureKind.REFUSED),
        (Fault.HANGS_AFTER_CONNECT, FailureKind.UNREACHABLE),
        (Fault.WRONG_PASSWORD, FailureKind.AUTHENTICATION),
        (Fault.HANGS_AFTER_LOGIN, FailureKind.NO_PROMPT),
        (Fault.NO_PROMPT, FailureKind.NO_PROMPT),
        (Fault.PASSWORD_EXPIRED, FailureKind.PASSWORD_EXPIRED),
        (Fault.HANGS_IN_CONFIG, FailureKind.SILENT),
        (Fault.DROPS, FailureKind.CONNECTION_LOST),
        (Fault.ENDLESS, FailureKind.TOO_LARGE),
        (Fault.REJECTS_CONFIG, FailureKind.COMMAND_REJECTED),
        (Fault.AUTHORIZATION_FAILED, FailureKind.COMMAND_REJECTED),
        (Fault.TRUNCATED, FailureKind.INCOMPLETE),
    ],
)
async def test_fault_ends_in_its_kind_within_the_limits(switch: Device, fault: Fault, kind: FailureKind) -> None:  # noqa: F811
    switch.fault = fault

    error = await failure(switch, job_for(switch, limits=_within(fault)))

    assert error.kind is kind
    assert switch.password not in str(error)


@pytest.mark.parametrize(
    "fault",
    [
        *(Fault.KEYBOARD_INTERACTIVE_ONLY, Fault.PRESS_ANY_KEY, Fault.ACCEPT_BANNER, Fault.ACCEPT_POLICY),
        *(Fault.PAGES_ANYWAY, Fault.LOG_LINES, Fault.PROMPT_LIKE_LINES, Fault.CRLF, Fault.NOT_UTF8),
        *(Fault.BYTE_BY_BYTE, Fault.RANDOM_CHUNKS, Fault.BIG),
    ],
)
async def test_device_with_manners_of_its_own_is_captured_exactly(switch: Device, fault: Fault) -> None:  # noqa: F811
    switch.fault = fault

    outcome = await captured(switch)

    assert outcome.text == switch.wire
    assert outcome.text.rstrip().endswith(b"end")


@pytest.mark.parametrize("platform", ["cisco_ios", "cisco_nxos", "fortinet_fortios", "vyos", "frr", "arista_eos"])
async def test_pager_that_stays_on_is_answered_and_leaves_no_trace(fleet: Fleet, platform: str) -> None:  # noqa: F811
    device = await fleet.add("dev-1", platform=platform)
    device.set_faults([Fault.PAGES_ANYWAY, Fault.RANDOM_CHUNKS])

    outcome = await captured(device)

    assert outcome.text == device.wire


@pytest.mark.parametrize(
    ("fault", "kind"),
    [(Fault.SHRUNK, FailureKind.SUSPECT), (Fault.LOW_PRIVILEGE, FailureKind.COMMAND_REJECTED)],
)
async def test_configuration_that_dropped_by_half_is_suspect_or_none_a8(
    switch: Device,  # noqa: F811
    fault: Fault,
    kind: FailureKind,
) -> None:
    before = await captured(switch)
    switch.fault = fault

    error = await failure(switch, job_for(switch, previous_size=len(before.text)))

    assert error.kind is kind


async def test_changed_host_key_is_told_before_any_password_left_c3(switch: Device) -> None:  # noqa: F811
    pinned = switch.host_key
    offered = switch.replace_host_key()

    error = await failure(switch, job_for(switch, host_key=pinned))

    assert isinstance(error, HostKeyChanged)
    assert error.offered == offered
    assert not switch.logins.password_received


async def test_pinned_host_key_is_accepted_c3(switch: Device) -> None:  # noqa: F811
    outcome = await captured(switch, job_for(switch, host_key=f"{switch.host_key} a comment"))

    assert outcome.host_key == switch.host_key


async def test_wrong_password_is_sent_once(switch: Device) -> None:  # noqa: F811
    error = await failure(switch, login=Login(switch.username, password="wrong"))

    assert error.kind is FailureKind.AUTHENTICATION
    assert switch.logins.attempts == 1


@old_algorithms
async def test_old_algorithms_are_off_by_default(switch: Device) -> None:  # noqa: F811
    switch.fault = Fault.OLD_ALGORITHMS

    error = await failure(switch)

    assert error.kind is FailureKind.KEY_EXCHANGE


@old_algorithms
async def test_old_algorithms_work_when_named(switch: Device) -> None:  # noqa: F811
    switch.fault = Fault.OLD_ALGORITHMS
    named = ("diffie-hellman-group14-sha1", "aes128-cbc", "hmac-sha1", "ssh-rsa")

    outcome = await captured(switch, job_for(switch, algorithms=named))

    assert outcome.text == switch.wire


async def test_enable_is_answered_with_its_own_password(fleet: Fleet) -> None:  # noqa: F811
    device = await fleet.add("sw1", platform="cisco_ios", enable_password="deeper-secret")

    outcome = await captured(device)

    assert outcome.text == device.wire


async def test_refused_enable_password_is_told(fleet: Fleet) -> None:  # noqa: F811
    device = await fleet.add("sw1", platform="cisco_ios", enable_password="deeper-secret")

    error = await failure(device, login=Login(device.username, password=device.password, enable="wrong"))

    assert error.kind is FailureKind.ENABLE


async def test_jump_host_is_passed_with_its_own_credential(fleet: Fleet, switch: Device) -> None:  # noqa: F811
    jump = await fleet.add_jump_host(password="another-secret")
    target = LoginTarget(host=jump.host, port=jump.port, credentials=("jump",), host_key=jump.host_key)
    login = Login(jump.username, password="another-secret")

    outcome = await capture(job_for(switch, jump=target), PLATFORMS["cisco_ios"], login_of(switch), jump=login)

    assert outcome.text == switch.wire
    assert outcome.jump_host_key == jump.host_key
    assert jump.forwarded == [switch.port]


async def test_unknown_name_is_told() -> None:
    target = LoginTarget(host="no-such-host.invalid", credentials=("lab",))
    job = Capture(run=1, device="sw1", site="plant-a", platform="cisco_ios", target=target, limits=WIDE)

    with pytest.raises(DeviceError) as caught:
        await capture(job, PLATFORMS["cisco_ios"], Login("backup", password="x"))

    assert caught.value.kind is FailureKind.NAME_NOT_RESOLVED


async def test_linux_takes_files_and_commands_each_below_its_name(fleet: Fleet) -> None:  # noqa: F811
    device = await fleet.add(
        "srv1", platform="linux", files={"/etc/hosts": b"127.0.0.1 a\n"}, outputs={"ip rule": b"0: x\n"}
    )

    outcome = await captured(device, job_for(device, commands=("/etc/hosts", "ip rule")))

    assert outcome.text == b"# ==== /etc/hosts ====\n127.0.0.1 a\n# ==== ip rule ====\n0: x\n"


async def test_missing_file_is_told_with_its_name(fleet: Fleet) -> None:  # noqa: F811
    device = await fleet.add("srv1", platform="linux")

    error = await failure(device, job_for(device, commands=("/etc/nothing",)))

    assert error.kind is FailureKind.COMMAND_REJECTED
    assert "/etc/nothing" in error.facts


@pytest.mark.parametrize("platform", ["juniper_junos", "mikrotik_routeros"])
@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        (Fault.HANGS_IN_CONFIG, FailureKind.SILENT),
        (Fault.DROPS, FailureKind.CONNECTION_LOST),
        (Fault.ENDLESS, FailureKind.TOO_LARGE),
        (Fault.REJECTS_CONFIG, FailureKind.COMMAND_REJECTED),
    ],
)
async def test_fault_of_a_command_channel_ends_in_its_kind(
    fleet: Fleet,  # noqa: F811
    platform: str,
    fault: Fault,
    kind: FailureKind,
) -> None:
    device = await fleet.add("dev-1", platform=platform)
    device.fault = fault

    error = await failure(device, job_for(device, limits=_within(fault)))

    assert error.kind is kind


async def test_cancelled_capture_closes_its_session(switch: Device) -> None:  # noqa: F811
    switch.fault = Fault.HANGS_IN_CONFIG
    task = asyncio.create_task(captured(switch))
    await until(lambda: switch.shows > 0)

    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    await until(lambda: switch.sessions == 0)

    assert task.cancelled()
    assert switch.sessions == 0


async def test_hundred_devices_at_once_are_each_captured_exactly(fleet: Fleet) -> None:  # noqa: F811
    devices = [await fleet.add(f"sw{number}", platform="cisco_ios", seed=number) for number in range(100)]

    outcomes = await asyncio.gather(*(captured(device) for device in devices))

    assert [outcome.text for outcome in outcomes] == [device.wire for device in devices]
