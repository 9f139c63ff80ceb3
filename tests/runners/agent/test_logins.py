"""Several credentials in order for one device, over real SSH: as few refused log-ins as can be."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import tenacity

from demo.fleet import Fault
from demo.fleet.device import DEMO_PASSWORD
from domain.failures import FailureKind
from runners.agent.attempts import Attempts
from runners.agent.logins import LogIns
from runners.agent.secrets.credentials import Credentials, CredentialSources
from runners.ssh.capture import capture
from runners.wire.messages import Captured, Failed, LoginTarget
from tests.runners.agent_ground import PLATFORMS, RealClock, Reports, job_for, short
from tests.support.fleet_fixtures import fleet, switch  # noqa: F401 - fixtures

if TYPE_CHECKING:
    from demo.fleet import Device, Fleet

NEW = "the-new-password"
OLD = DEMO_PASSWORD


@pytest.fixture(autouse=True)
def _passwords(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEW", NEW)
    monkeypatch.setenv("OLD", OLD)


def attempts() -> Attempts:
    """An agent's attempts, with a memory of its own."""
    known = {
        "new": CredentialSources("backup", password="env:NEW"),
        "old": CredentialSources("backup", password="env:OLD"),
        "newer": CredentialSources("backup", password="env:NEW"),
        "lost": CredentialSources("backup", password="env:NOT_SET_ANYWHERE"),
    }
    return Attempts(
        agent="local",
        platforms=PLATFORMS,
        log_ins=LogIns(Credentials(known)),
        clock=RealClock(),
        send=Reports().send,
        capture=capture,
        pause=tenacity.wait_none(),
    )


async def run(tried: Attempts, device: Device, *names: str, **changes: object) -> Captured | Failed:
    """One run of ``device`` with these credentials."""
    target = LoginTarget(host=device.host, port=device.port, credentials=names)
    job = job_for(device, retries=3, **changes).model_copy(update={"target": target})
    return await tried.carry_out(job, tried.begin(job))


async def test_next_credential_is_tried_when_the_device_refused_the_one_before_c2(switch: Device) -> None:  # noqa: F811
    end = await run(attempts(), switch, "new", "old")

    assert isinstance(end, Captured)
    assert (end.attempts, switch.logins.refused, switch.logins.accepted) == (1, 1, 1)


async def test_what_worked_last_comes_first_and_the_other_way_round_when_the_device_has_changed_c2(
    switch: Device,  # noqa: F811
) -> None:
    tried = attempts()
    await run(tried, switch, "new", "old")

    await run(tried, switch, "new", "old")
    refused_before = switch.logins.refused
    switch.password = NEW
    await run(tried, switch, "new", "old")
    refused_once = switch.logins.refused
    await run(tried, switch, "new", "old")

    assert (refused_before, refused_once, switch.logins.refused) == (1, 2, 2)
    assert switch.logins.accepted == 4
    assert tried.log_ins.last(switch.name) == "new"


async def test_each_is_tried_once_and_never_again_when_all_are_refused_a5(switch: Device) -> None:  # noqa: F811
    switch.fault = Fault.WRONG_PASSWORD

    end = await run(attempts(), switch, "new", "old")

    assert isinstance(end, Failed)
    assert (end.kind, end.facts, end.attempts) == (FailureKind.AUTHENTICATION, "refused: new, old", 1)
    assert switch.logins.attempts == 2


async def test_refused_password_is_not_said_again_under_another_name(switch: Device) -> None:  # noqa: F811
    end = await run(attempts(), switch, "new", "newer", "old")

    assert isinstance(end, Captured)
    assert switch.logins.refused == 1


async def test_further_attempt_in_the_same_run_begins_behind_what_was_refused(switch: Device) -> None:  # noqa: F811
    switch.fail_next(Fault.WRONG_PASSWORD)
    switch.fail_next(Fault.DROPS, times=2)

    end = await run(attempts(), switch, "new", "old")

    assert isinstance(end, Captured)
    assert (end.attempts, switch.logins.refused, switch.logins.accepted) == (3, 1, 3)


@pytest.mark.parametrize("fault", [Fault.DROPS, Fault.REJECTS_CONFIG, Fault.NO_PROMPT, Fault.SHRUNK], ids=str)
async def test_other_trouble_never_leads_to_the_next_credential(switch: Device, fault: Fault) -> None:  # noqa: F811
    switch.fault = fault

    end = await run(attempts(), switch, "old", "new", previous_size=10_000_000, limits=short(login=0.5))

    assert isinstance(end, Failed)
    assert switch.logins.refused == 0


async def test_credential_that_the_device_took_is_remembered_though_the_capture_failed(
    switch: Device,  # noqa: F811
) -> None:
    tried = attempts()
    switch.fault = Fault.REJECTS_CONFIG

    ends = [await run(tried, switch, "new", "old") for _ in range(3)]

    assert [end.kind for end in ends if isinstance(end, Failed)] == [FailureKind.COMMAND_REJECTED] * 3
    assert (switch.logins.refused, switch.logins.accepted) == (1, 3)


async def test_secret_that_cannot_be_had_is_told_instead_of_trying_another(switch: Device) -> None:  # noqa: F811
    end = await run(attempts(), switch, "lost", "old")

    assert isinstance(end, Failed)
    assert (end.kind, end.facts) == (FailureKind.CREDENTIAL, "the environment variable NOT_SET_ANYWHERE is not set")
    assert switch.logins.attempts == 0


async def test_refusal_at_the_jump_host_never_leads_to_the_next_credential(fleet: Fleet) -> None:  # noqa: F811
    switch = await fleet.add("core-sw1")  # noqa: F811 - the device
    jump = await fleet.add_jump_host(username="backup", password="another")
    target = LoginTarget(host=jump.host, port=jump.port, credentials=("old",))

    end = await run(attempts(), switch, "new", "old", jump=target)

    assert isinstance(end, Failed)
    assert (end.kind, end.facts) == (FailureKind.AUTHENTICATION, "at the jump host")
    assert (jump.logins.refused, switch.logins.attempts) == (1, 0)


async def test_devices_are_remembered_each_by_itself(fleet: Fleet) -> None:  # noqa: F811
    tried = attempts()
    changed, unchanged = await fleet.add("sw1", password=NEW), await fleet.add("sw2")

    for _ in range(2):
        for device in (changed, unchanged):
            await run(tried, device, "new", "old")

    assert (changed.logins.refused, unchanged.logins.refused) == (0, 1)
