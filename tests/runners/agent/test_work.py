"""The agent's work: limits, retries, cancelling, refusals, and what it says about each."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from demo.fleet import Fault
from demo.fleet.device import DEMO_PASSWORD
from domain.failures import DeviceError, FailureKind
from runners.agent.attempts import Attempts
from runners.agent.logins import LogIns
from runners.agent.secrets.credentials import Credentials, CredentialSources
from runners.agent.settings import AgentSettings
from runners.agent.work import Work
from runners.ssh.capture import CaptureOutcome, capture
from runners.wire.messages import Cancel, Capture, Captured, Failed, LoginTarget, Started
from tests.runners.agent_ground import PLATFORMS, WIDE, RealClock, Reports, job_for, short, until
from tests.support.fleet_fixtures import fleet, switch  # noqa: F401 - fixtures

if TYPE_CHECKING:
    from demo.fleet import Device, Fleet
    from domain.configs.platforms import Platform
    from runners.ssh.login import Login
    from runners.ssh.transcript import Transcript


class HeldDevices:
    """Stands for SSH: holds every capture until it is let go, and counts how many are open."""

    def __init__(self) -> None:
        self.open: list[Capture] = []
        self.most: dict[str, int] = {}
        self.started: list[int] = []
        self._free = asyncio.Event()

    async def capture(
        self, job: Capture, platform: Platform, login: Login, *, jump: Login | None, transcript: Transcript
    ) -> CaptureOutcome:
        """Open a session and keep it until ``let_go``."""
        del platform, login, jump, transcript
        self.open.append(job)
        self.started.append(job.run)
        for key in ("all", job.site, job.device):
            count = sum(key in {"all", one.site, one.device} for one in self.open)
            self.most[key] = max(self.most.get(key, 0), count)
        try:
            await self._free.wait()
        finally:
            self.open.remove(job)
        await asyncio.sleep(0)
        return CaptureOutcome(b"end\n", "ssh-ed25519 AAAA")

    def let_go(self) -> None:
        """Let every session end."""
        self._free.set()


def working(reports: Reports, *, capture_device: Any = capture, **settings: Any) -> Work:  # noqa: ANN401 - a function
    told = AgentSettings(
        name="local",
        socket=Path("nothing-connects-here"),
        platforms=PLATFORMS,
        credentials={"lab": CredentialSources("backup", password="env:LAB_PASSWORD")},
        **settings,
    )
    attempts = Attempts(
        agent="local",
        platforms=told.platforms,
        log_ins=LogIns(Credentials(told.credentials)),
        clock=RealClock(),
        send=reports.send,
        capture=capture_device,
    )
    return Work(told, attempts, reports.send)


@pytest.fixture(autouse=True)
def _password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LAB_PASSWORD", DEMO_PASSWORD)


def job(run: int, *, device: str = "", site: str = "plant-a") -> Capture:
    target = LoginTarget(host="127.0.0.1", credentials=("lab",))
    return Capture(
        run=run, device=device or f"sw{run}", site=site, platform="cisco_ios", target=target, retries=0, limits=WIDE
    )


async def test_capture_is_announced_and_reported(switch: Device) -> None:  # noqa: F811
    reports = Reports()

    await working(reports).take(job_for(switch))
    (end,) = await reports.until(1)

    assert isinstance(reports.messages[0], Started)
    assert isinstance(end, Captured)
    assert (end.text, end.attempts, end.agent) == (switch.wire, 1, "local")


async def test_transient_failure_is_tried_again_in_the_same_run_a5(switch: Device) -> None:  # noqa: F811
    reports = Reports()
    switch.fail_next(Fault.DROPS)

    await working(reports).take(job_for(switch, retries=2, attempt=4))
    (end,) = await reports.until(1)

    assert isinstance(end, Captured)
    assert end.attempts == 5
    assert [one.attempt for one in reports.messages if isinstance(one, Started)] == [4, 5]


async def test_refused_password_is_never_tried_again_a5(switch: Device) -> None:  # noqa: F811
    reports = Reports()
    switch.fault = Fault.WRONG_PASSWORD

    await working(reports).take(job_for(switch, retries=5))
    (end,) = await reports.until(1)

    assert isinstance(end, Failed)
    assert (end.kind, end.attempts, switch.logins.attempts) == (FailureKind.AUTHENTICATION, 1, 1)


async def test_retries_end_with_the_last_failure(switch: Device) -> None:  # noqa: F811
    reports = Reports()
    switch.fault = Fault.DROPS

    await working(reports).take(job_for(switch, retries=2))
    (end,) = await reports.until(1)

    assert isinstance(end, Failed)
    assert (end.kind, end.attempts) == (FailureKind.CONNECTION_LOST, 3)


async def test_running_limit_holds_over_all_attempts_a3(switch: Device) -> None:  # noqa: F811
    reports = Reports()
    switch.fault = Fault.HANGS_IN_CONFIG
    limits = short(running=0.5)

    await working(reports).take(job_for(switch, retries=9, limits=limits))
    (end,) = await reports.until(1)

    assert isinstance(end, Failed)
    assert end.kind is FailureKind.RUNNING_LIMIT


async def test_next_in_the_queue_starts_when_a_hung_one_was_ended_a3(fleet: Fleet) -> None:  # noqa: F811
    reports = Reports()
    hung, good = await fleet.add("hung"), await fleet.add("good")
    hung.fault = Fault.HANGS_IN_CONFIG
    limits = short(running=0.5)
    work = working(reports, concurrency=1)

    await work.take(job_for(hung, run=1, limits=limits))
    await work.take(job_for(good, run=2))
    first, second = await reports.until(2)

    assert (first.run, second.run) == (1, 2)
    assert isinstance(second, Captured)


async def test_cancel_closes_the_session_and_reports_it_a7(switch: Device) -> None:  # noqa: F811
    reports = Reports()
    switch.fault = Fault.HANGS_IN_CONFIG
    work = working(reports)
    await work.take(job_for(switch, run=7))
    await until(lambda: switch.shows > 0)

    await work.take(Cancel(run=7))
    (end,) = await reports.until(1)
    await until(lambda: switch.sessions == 0)

    assert isinstance(end, Failed)
    assert end.kind is FailureKind.CANCELLED
    assert work.running == ()


async def test_cancel_right_behind_its_capture_is_reported_once() -> None:
    reports, devices = Reports(), HeldDevices()
    work = working(reports, capture_device=devices.capture)

    await work.take(job(1))
    await work.take(Cancel(run=1))
    await work.take(Cancel(run=1))
    (end,) = await reports.until(1)

    assert isinstance(end, Failed)
    assert end.kind is FailureKind.CANCELLED
    assert devices.open == []


async def test_waiting_capture_is_cancelled_without_ever_starting_a7() -> None:
    reports, devices = Reports(), HeldDevices()
    work = working(reports, capture_device=devices.capture, concurrency=1)
    await work.take(job(1))
    await work.take(job(2))

    await work.take(Cancel(run=2))
    devices.let_go()
    first, second = await reports.until(2)

    assert isinstance(first, Failed)
    assert (first.run, first.kind, second.run) == (2, FailureKind.CANCELLED, 1)
    assert devices.started == [1]


async def test_sessions_are_capped_for_agent_site_and_device_a6() -> None:
    reports, devices = Reports(), HeldDevices()
    work = working(reports, capture_device=devices.capture, concurrency=5, per_site=3, site_limits={"plant-b": 1})
    for run in range(1, 9):
        await work.take(job(run, site="plant-a", device=f"a{run % 4}"))
        await work.take(job(100 + run, site="plant-b"))
    await until(lambda: len(devices.open) == 4)

    devices.let_go()
    ends = await reports.until(16)

    assert all(isinstance(end, Captured) for end in ends)
    assert devices.most["all"] == 4
    assert devices.most["plant-a"] == 3
    assert devices.most["plant-b"] == 1
    assert max(devices.most[f"a{number}"] for number in range(4)) == 1


async def test_third_device_down_fails_alone_a6(fleet: Fleet) -> None:  # noqa: F811
    reports = Reports()
    devices = [await fleet.add(f"sw{number}") for number in range(10)]
    devices[2].fault = Fault.REFUSES
    work = working(reports, concurrency=3)

    for number, device in enumerate(devices):
        await work.take(job_for(device, run=number))
    ends = await reports.until(10)

    assert [end.run for end in ends if isinstance(end, Failed)] == [2]
    assert sum(isinstance(end, Captured) for end in ends) == 9


async def test_device_of_another_site_is_refused_a1() -> None:
    reports = Reports()
    work = working(reports, sites=frozenset({"plant-b"}))

    await work.take(job(1, site="plant-a"))

    (end,) = reports.ends()
    assert isinstance(end, Failed)
    assert end.kind is FailureKind.WRONG_SITE


async def test_a_fault_of_ours_is_reported_and_the_agent_lives_on(switch: Device) -> None:  # noqa: F811
    reports = Reports()

    async def failed_attempts(*_: object, **__: object) -> CaptureOutcome:
        message = "a bug"
        raise RuntimeError(message)

    work = working(reports, capture_device=failed_attempts)

    await work.take(job_for(switch, run=1))
    await work.take(job_for(switch, run=2))
    ends = await reports.until(2)

    assert [end.kind for end in ends if isinstance(end, Failed)] == [FailureKind.INTERNAL, FailureKind.INTERNAL]


async def test_no_secret_is_in_a_report_even_when_the_device_echoes_it_c4(
    switch: Device,  # noqa: F811
    caplog: pytest.LogCaptureFixture,
) -> None:
    reports = Reports()

    async def echoes(*_: object, **__: object) -> CaptureOutcome:
        raise DeviceError(FailureKind.COMMAND_REJECTED, f"% Invalid: {switch.password}; enable secret 5 $1$abc")

    await working(reports, capture_device=echoes).take(job_for(switch))
    (end,) = await reports.until(1)

    assert isinstance(end, Failed)
    assert switch.password not in end.model_dump_json() + caplog.text
    assert "Invalid" in end.facts


async def test_stopped_agent_reports_nothing_more() -> None:
    reports, devices = Reports(), HeldDevices()
    work = working(reports, capture_device=devices.capture, concurrency=1)
    await work.take(job(1))
    await work.take(job(2))
    await reports.until_message(Started)

    await work.stop()

    assert reports.ends() == []
    assert devices.open == []
