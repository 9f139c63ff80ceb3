"""What a failed attempt tells of its last moment: over real SSH, from devices that misbehave each in its way."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from demo.fleet import Fault
from demo.fleet.device import DEMO_PASSWORD, LINUX_CONFIG
from domain.failures import FailureKind
from domain.runs.evidence import MAX_SCREEN_LINE, MAX_SCREEN_LINES, Evidence, Step
from runners.ssh.transcript import Transcript, shown
from runners.wire.messages import FROM_AGENT, Cancel, Captured, Failed
from tests.runners.agent.test_work import working
from tests.runners.agent_ground import Reports, job_for, short, until
from tests.support.fleet_fixtures import fleet, switch  # noqa: F401 - fixtures

if TYPE_CHECKING:
    from demo.fleet import Device, Fleet
    from runners.wire.messages import Capture

pytestmark = pytest.mark.usefixtures("_password")


@pytest.fixture
def _password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LAB_PASSWORD", DEMO_PASSWORD)


async def failed(job: Capture) -> Failed:
    """How an agent reports ``job``, as it travels."""
    reports = Reports()
    await working(reports).take(job)
    [end] = await reports.until(1)
    assert isinstance(end, Failed), end
    told = FROM_AGENT.validate_json(FROM_AGENT.dump_json(end))
    assert told == end
    return end


async def evidence(device: Device, **changes: object) -> Evidence:
    end = await failed(job_for(device, **changes))
    assert end.evidence
    return end.evidence


async def test_a_device_that_falls_silent_shows_command_bytes_prompt_and_its_last_lines(switch: Device) -> None:  # noqa: F811
    switch.fault = Fault.HANGS_IN_CONFIG

    found = await evidence(switch, limits=short(silence=1))

    assert (found.step, found.command, found.awaited) == (
        Step.CONFIG,
        "show running-config",
        "the prompt core-sw1#",
    )
    assert found.received > 1_000
    assert len(found.screen) == MAX_SCREEN_LINES
    assert all(line in switch.config.decode() for line in found.screen)


async def test_a_menu_instead_of_a_prompt_is_shown(switch: Device) -> None:  # noqa: F811
    switch.fault = Fault.NO_PROMPT

    found = await evidence(switch, limits=short(login=2))

    assert (found.step, found.command) == (Step.FIRST_PROMPT, "")
    assert found.awaited.startswith("a prompt such as ^")
    assert found.screen


async def test_an_enable_password_that_is_refused_is_nowhere_and_the_refusal_is_shown(fleet: Fleet) -> None:  # noqa: F811
    device = await fleet.add("edge-sw7", enable_password="Wiesengrund4")

    end = await failed(job_for(device))

    assert end.kind is FailureKind.ENABLE
    assert end.evidence
    assert (end.evidence.step, end.evidence.command) == (Step.ENABLE, "<secret>")
    assert any("Password" in line for line in end.evidence.screen)
    assert DEMO_PASSWORD not in end.model_dump_json()


async def test_a_rejected_command_waited_for_nothing_and_shows_the_words_of_the_device(switch: Device) -> None:  # noqa: F811
    switch.set_config(b"% Feature 'telemetry' is not licensed here\n% Invalid input detected\n", exact=True)

    found = await evidence(switch)

    assert (found.step, found.awaited) == (Step.CONFIG, "")
    assert "% Feature 'telemetry' is not licensed here" in found.screen


@pytest.mark.parametrize("fault", [Fault.WRONG_PASSWORD, Fault.REFUSES, Fault.HANGS_AFTER_CONNECT])
async def test_who_never_came_in_has_no_screen_to_show(switch: Device, fault: Fault) -> None:  # noqa: F811
    switch.fault = fault

    found = await evidence(switch, limits=short(connect=1))

    assert found == Evidence(step=Step.CONNECTING)


async def test_the_evidence_is_that_of_the_last_attempt(switch: Device) -> None:  # noqa: F811
    switch.fail_next(Fault.NO_PROMPT)
    switch.fail_next(Fault.DROPS)

    found = await evidence(switch, retries=1, limits=short(login=2))

    assert (found.step, found.command) == (Step.CONFIG, "show running-config")


async def test_a_run_that_took_too_long_shows_where_it_stood(switch: Device) -> None:  # noqa: F811
    switch.fault = Fault.HANGS_IN_CONFIG

    end = await failed(job_for(switch, limits=short(running=2)))

    assert end.kind is FailureKind.RUNNING_LIMIT
    assert end.evidence
    assert end.evidence.awaited == "the prompt core-sw1#"


async def test_a_cancelled_run_shows_where_it_stood(switch: Device) -> None:  # noqa: F811
    reports = Reports()
    switch.fault = Fault.HANGS_IN_CONFIG
    work = working(reports)
    await work.take(job_for(switch, run=7))
    await until(lambda: switch.shows > 0)

    await work.take(Cancel(run=7))
    [end] = await reports.until(1)

    assert isinstance(end, Failed)
    assert end.evidence
    assert end.evidence.step is Step.CONFIG


async def test_a_command_without_a_shell_shows_what_it_complained_of(fleet: Fleet) -> None:  # noqa: F811
    device = await fleet.add("srv-2", platform="linux")

    found = await evidence(device, commands=(LINUX_CONFIG, "/etc/not/there.conf"))

    assert (found.step, found.command) == (Step.CONFIG, "cat -- /etc/not/there.conf")
    assert any("/etc/not/there.conf" in line for line in found.screen)


async def test_a_configuration_that_is_refused_only_afterwards_shows_its_own_command(switch: Device) -> None:  # noqa: F811
    found = await evidence(switch, previous_size=10_000_000)

    assert found.command == "show running-config"
    assert found.screen[-1] == "end"


async def test_whatever_a_hostile_device_prints_the_evidence_is_small_plain_and_without_the_password(
    switch: Device,  # noqa: F811
) -> None:
    spaced = " ".join(DEMO_PASSWORD)
    unseen = f"\x1b[31m{DEMO_PASSWORD}\x1b[0m \x1b]0;{DEMO_PASSWORD}\x07\u202e\x00\x9b"
    nasty = f"% Invalid {unseen} <!channel>\n{'A ' * 1_500}\n"
    switch.set_config(f"{nasty}snmp-server community Winterlinde RO\n{nasty}".encode(), exact=True)

    end = await failed(job_for(switch))

    report = end.model_dump_json()
    assert DEMO_PASSWORD not in report
    assert spaced not in report
    assert "Winterlinde" not in report
    assert end.evidence
    assert all(len(line) <= MAX_SCREEN_LINE and line.isprintable() for line in end.evidence.screen)
    assert any("<!channel>" in line for line in end.evidence.screen)


async def test_a_good_run_reports_its_configuration_and_nothing_beside_it(switch: Device) -> None:  # noqa: F811
    reports = Reports()

    await working(reports).take(job_for(switch))
    [end] = await reports.until(1)

    assert isinstance(end, Captured)
    assert set(end.model_dump()) == {
        *(
            "type",
            "run",
            "agent",
            "attempts",
            "started_at",
            "finished_at",
            "text",
            "own_words",
            "host_key",
            "jump_host_key",
        )
    }
    assert [line for line in switch.commands if line not in {"", "exit"}] == [
        "terminal length 0",
        "show running-config",
    ]


@pytest.mark.parametrize(
    ("raw", "lines"),
    [
        (b"one\r\ntwo\r\r\n", ["one", "two", ""]),
        (b" --More-- \r          \rline", ["line      "]),
        (b"--More--\b\b\b\b\b\b\b\b        \b\b\b\b\b\b\b\bnext", ["next"]),
        (b"lines 1-20\r\x1b[Kntp", ["ntp"]),
        (b"\x1b[1mbold\x1b[0m \x1b]0;title\x07end", ["bold end"]),
        (b"K\xf6ln \x01 \xe2\x80\xae", ["Köln \ufffd â\ufffd®"]),
        (b"\x1b[", [""]),
    ],
)
def test_a_screen_is_read_as_a_person_would(raw: bytes, lines: list[str]) -> None:
    assert [line.rstrip() for line in shown(raw)] == [line.rstrip() for line in lines]


def test_a_transcript_stays_small_however_much_is_said() -> None:
    transcript = Transcript()
    transcript.open()
    for number in range(20_000):
        transcript.seen(b"access-list 10 permit 192.0.2.%d\r\n" % (number % 250))

    assert transcript.received == sum(len(b"access-list 10 permit 192.0.2.%d\r\n" % (n % 250)) for n in range(20_000))
    assert sum(len(line) for line in transcript.last_lines()) < 20_000
    assert all(line.startswith("access-list") for line in transcript.last_lines() if line)
