"""Runs from the asking to their one outcome, over a real database and a real archive."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from domain.errors import NotNow
from domain.failures import FailureKind
from domain.inventory.declared import Agent
from domain.runs.evidence import Step
from domain.runs.outcomes import Outcome
from runners.dispatcher import RunUnderWay
from storage.devices.devices import device_state
from storage.devices.versions import newest_version, versions_of
from tests.runners.workshop import (
    CHANGED,
    CONFIG,
    HOST_KEY,
    Workshop,
    make_device,
    make_inventory,
    make_site,
    workshop,
)

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path


@pytest.fixture
async def shop(tmp_path: Path) -> AsyncIterator[Workshop]:
    """Two devices, one agent that has not come yet."""
    async with workshop(tmp_path) as one:
        yield one


async def test_run_waits_until_its_agent_comes(shop: Workshop) -> None:
    run = await shop.start()
    await shop.settle()
    before = shop.captures()

    await shop.connect()

    assert before == []
    assert [(capture.run, capture.device, capture.attempt) for capture in shop.captures()] == [(run.id, "core-sw1", 1)]
    assert (await shop.look_up(run)).outcome is Outcome.PENDING


async def test_h1_first_capture_is_the_baseline_and_up_to_date(shop: Workshop) -> None:
    await shop.connect()

    run = await shop.back_up(CONFIG)

    assert (run.outcome, run.version, run.base_version, run.added) == (Outcome.UP_TO_DATE, 1, None, 0)
    assert run.is_baseline
    assert (run.agent, run.attempts) == ("local", 1)


async def test_v2_stored_version_is_what_the_device_printed(shop: Workshop) -> None:
    await shop.connect()
    text = CONFIG.replace(b"\n", b"\r\n") + b"! caf\xe9\r\nend\r\n"

    await shop.back_up(text)

    version = await newest_version("core-sw1")
    assert version
    assert await shop.archive.read("plant-a", version.commit, "core-sw1") == text


async def test_v1_unchanged_configuration_makes_no_version(shop: Workshop) -> None:
    await shop.connect()
    await shop.back_up(CONFIG)

    runs = [await shop.back_up(CONFIG) for _ in range(3)]

    assert {run.outcome for run in runs} == {Outcome.UP_TO_DATE}
    assert [run.base_version for run in runs] == [1, 1, 1]
    assert len(await versions_of("core-sw1")) == 1


async def test_changed_configuration_is_modified_with_its_counts(shop: Workshop) -> None:
    await shop.connect()
    await shop.back_up(CONFIG)

    run = await shop.back_up(CHANGED)

    assert (run.outcome, run.base_version, run.version) == (Outcome.MODIFIED, 1, 2)
    assert (run.added, run.removed) == (1, 1)


async def test_moving_lines_alone_are_no_change(shop: Workshop) -> None:
    await shop.connect()
    await shop.back_up(b"! Last configuration change at 10:00:00 UTC Mon Mar 2 2026 by anna\n" + CONFIG)

    run = await shop.back_up(b"! Last configuration change at 11:11:11 UTC Tue Mar 3 2026 by ben\n" + CONFIG)

    assert run.outcome is Outcome.UP_TO_DATE
    assert len(await versions_of("core-sw1")) == 1


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        pytest.param(CONFIG.removesuffix(b"end\n"), FailureKind.INCOMPLETE, id="end mark missing"),
        pytest.param(b"!\nend\n", FailureKind.SUSPECT, id="shrunk to less than half"),
        pytest.param(b"", FailureKind.SUSPECT, id="empty"),
    ],
)
async def test_a8_doubtful_capture_is_failed_and_not_stored(shop: Workshop, text: bytes, reason: FailureKind) -> None:
    await shop.connect()
    await shop.back_up(CONFIG)

    run = await shop.back_up(text)

    assert (run.outcome, run.reason) == (Outcome.FAILED, reason)
    assert run.version == 1
    assert len(await versions_of("core-sw1")) == 1


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (b"Error: AAA authorization failed\n", FailureKind.COMMAND_REJECTED),
        (b"! Last configuration change at 10:00:00 UTC\n!\n!\nend\n", FailureKind.COMMAND_REJECTED),
        (CONFIG.replace(b"!\nend", b"%Error opening nvram (Device or resource busy)\nend"), FailureKind.INCOMPLETE),
        (b"", FailureKind.INCOMPLETE),
    ],
    ids=["refused", "frame", "hole", "empty"],
)
async def test_a8_first_text_that_is_no_configuration_is_failed_and_not_stored(
    shop: Workshop, text: bytes, reason: FailureKind
) -> None:
    await shop.connect()

    run = await shop.back_up(text)

    assert (run.outcome, run.reason) == (Outcome.FAILED, reason)
    assert await versions_of("core-sw1") == []
    assert (await shop.back_up(CONFIG)).outcome is Outcome.UP_TO_DATE


@pytest.mark.parametrize("is_first", [True, False], ids=["proof", "shrink"])
async def test_refusal_of_a_text_keeps_its_last_lines_masked_the_command_and_its_size(
    shop: Workshop, *, is_first: bool
) -> None:
    await shop.connect()
    if not is_first:
        await shop.back_up(CONFIG * 20)
    text = b"hostname lab\r\nbanner Blue-Lamp-41 here\r\nsnmp-server community Lindenallee7 RO\r\nend\r\n"

    run = await shop.back_up(text, own_words=((21, 33),))

    assert run.reason is (FailureKind.COMMAND_REJECTED if is_first else FailureKind.SUSPECT)
    assert run.evidence
    assert (run.evidence.command, run.evidence.received) == ("show running-config", len(text))
    assert (run.evidence.step, run.evidence.awaited) == (Step.CONFIG, "")
    assert run.evidence.screen[0] == "hostname lab"
    assert run.evidence.screen[1] == "banner <secret> here"
    assert "Lindenallee7" not in " ".join(run.evidence.screen)
    assert run.evidence.screen[-1] == "end"


async def test_failure_of_the_agent_is_the_runs_failure(shop: Workshop) -> None:
    await shop.connect()
    run = await shop.start()
    await shop.begin(run)

    await shop.say(shop.failed(run, FailureKind.AUTHENTICATION, facts="as backup"))

    ended = await shop.look_up(run)
    assert (ended.outcome, ended.reason, ended.facts) == (Outcome.FAILED, FailureKind.AUTHENTICATION, "as backup")


async def test_a3_running_limit_reported_by_the_agent_is_timed_out(shop: Workshop) -> None:
    await shop.connect()
    run = await shop.start()
    await shop.begin(run)

    await shop.say(shop.failed(run, FailureKind.RUNNING_LIMIT))

    assert (await shop.look_up(run)).outcome is Outcome.TIMED_OUT


async def test_c3_first_key_is_pinned_and_a_changed_one_is_kept_for_a_decision(shop: Workshop) -> None:
    await shop.connect()
    await shop.back_up(CONFIG)
    run = await shop.start()
    await shop.settle()

    await shop.say(shop.failed(run, FailureKind.HOST_KEY_CHANGED, offered="ssh-ed25519 AAAAother"))

    state = await device_state("core-sw1")
    assert state
    assert (state.host_key, state.offered_host_key) == (HOST_KEY, "ssh-ed25519 AAAAother")
    assert shop.captures()[-1].target.host_key == HOST_KEY


async def test_second_run_of_a_device_under_way_is_refused_with_its_number(shop: Workshop) -> None:
    first = await shop.start()

    with pytest.raises(RunUnderWay) as refusal:
        await shop.start()

    assert refusal.value.run == first
    assert f"Run {first.id}" in refusal.value.advice


async def test_i1_same_command_twice_at_once_starts_one_run(shop: Workshop) -> None:
    answers = await asyncio.gather(*[shop.start() for _ in range(5)], return_exceptions=True)

    assert sum(isinstance(answer, RunUnderWay) for answer in answers) == 4


async def test_site_run_leaves_out_devices_under_way(shop: Workshop) -> None:
    first = await shop.start("core-sw1")

    runs = await shop.start_site()

    assert [run.device for run in runs] == ["edge-sw2"]
    assert first.batch is None
    with pytest.raises(NotNow, match="every device"):
        await shop.start_site()


async def test_result_that_comes_twice_counts_once(shop: Workshop) -> None:
    await shop.connect()
    run = await shop.start()
    await shop.settle()

    await shop.say(shop.captured(run, CONFIG), shop.captured(run, CHANGED), shop.failed(run, FailureKind.SILENT))
    await shop.say(shop.captured(run, CHANGED))

    assert (await shop.look_up(run)).outcome is Outcome.UP_TO_DATE
    assert len(await versions_of("core-sw1")) == 1


async def test_agent_cannot_speak_for_a_site_it_does_not_serve(tmp_path: Path) -> None:
    agents = [Agent(name="local"), Agent(name="other", sites=frozenset({"plant-b"}))]
    devices = [make_device("core-sw1"), make_device("far", site="plant-b")]
    async with workshop(tmp_path, make_inventory(devices, agents=agents)) as shop:
        await shop.connect("local")
        await shop.connect("other")
        run = await shop.start()
        await shop.settle()

        await shop.say(shop.captured(run, CONFIG, agent="other"), agent="other")

        assert (await shop.look_up(run)).outcome is Outcome.PENDING


async def test_v6_failing_archive_is_a_failed_run(shop: Workshop, tmp_path: Path) -> None:
    await shop.connect()
    await shop.back_up(CONFIG)
    site = next(path for path in (tmp_path / "archive").iterdir() if "plant-a" in path.name)
    site.rename(tmp_path / "elsewhere")
    site.write_text("not a repository")

    run = await shop.back_up(CHANGED)

    assert (run.outcome, run.reason) == (Outcome.FAILED, FailureKind.ARCHIVE)
    assert len(await versions_of("core-sw1")) == 1


async def test_every_change_is_announced_after_the_database_has_it(shop: Workshop) -> None:
    await shop.connect()
    run = await shop.start()
    await shop.settle()
    await shop.begin(run)
    await shop.say(shop.captured(run))

    assert [one.outcome for one in shop.announced] == [Outcome.PENDING, Outcome.IN_PROGRESS, Outcome.UP_TO_DATE]


async def test_crash_while_announcing_harms_no_run_and_is_made_good(shop: Workshop) -> None:
    await shop.connect()
    shop.announcing_fails = True
    run = await shop.back_up(CONFIG)
    shop.announcing_fails = False

    await shop.dispatcher.watch()
    await shop.settle()

    assert run.outcome is Outcome.UP_TO_DATE
    assert [one.id for one in shop.announced] == [run.id]


async def test_a6_never_more_sessions_than_the_site_allows(tmp_path: Path) -> None:
    devices = [make_device(f"sw{number}") for number in range(10)]
    inventory = make_inventory(devices, sites=[make_site("plant-a", concurrency=3)])
    async with workshop(tmp_path, inventory) as shop:
        await shop.connect()
        runs = await shop.start_site()
        await shop.settle()
        most = 0
        while open_runs := [
            capture.run for capture in shop.captures() if not (await shop.look_up(capture.run)).outcome.is_final
        ]:
            most = max(most, len(open_runs))
            run = open_runs[0]
            await shop.begin(run)
            down = run == runs[2].id
            await shop.say(shop.failed(run, FailureKind.UNREACHABLE) if down else shop.captured(run))

        ends = [await shop.look_up(run) for run in runs]

    assert most == 3
    assert [run.outcome for run in ends].count(Outcome.UP_TO_DATE) == 9
    assert [run.reason for run in ends if run.outcome is Outcome.FAILED] == [FailureKind.UNREACHABLE]


async def test_agents_own_queue_is_bounded(tmp_path: Path) -> None:
    devices = [make_device(f"sw{number}") for number in range(40)]
    inventory = make_inventory(devices, sites=[make_site("plant-a", concurrency=40)])
    async with workshop(tmp_path, inventory) as shop:
        await shop.connect(concurrency=8)
        await shop.start_site()
        await shop.settle()

        status = shop.dispatcher.agents()[0]

        assert len(shop.captures()) == 12
        assert (status.name, status.concurrency, status.running, status.waiting) == ("local", 8, 0, 40)
        assert status.connected_since == shop.clock.now()


async def test_previous_size_and_the_rest_of_the_limit_travel_with_the_job(shop: Workshop) -> None:
    await shop.connect()
    await shop.back_up(CONFIG)

    await shop.start()
    await shop.settle()

    capture = shop.captures()[-1]
    assert capture.previous_size == len(CONFIG)
    assert capture.limits.running == shop.inventory.devices["core-sw1"].running_limit
    assert capture.target.credentials == ("lab",)


async def test_run_of_a_former_version_is_compared_with_that_version(shop: Workshop) -> None:
    await shop.connect()
    await shop.back_up(CONFIG)
    await shop.back_up(CHANGED)

    run = await shop.back_up(CONFIG)

    assert (run.outcome, run.base_version, run.version) == (Outcome.MODIFIED, 2, 3)


async def test_many_results_at_once_are_stored_for_the_right_devices(tmp_path: Path) -> None:
    devices = [make_device(f"sw{number}") for number in range(30)]
    async with workshop(tmp_path, make_inventory(devices, sites=[make_site("plant-a", concurrency=30)])) as shop:
        await shop.connect()
        runs = await shop.start_site()
        await shop.settle()

        await shop.say(*[shop.captured(run, CONFIG + run.device.encode() + b"\nend\n") for run in runs])

        for run in runs:
            version = await newest_version(run.device)
            assert version
            assert (await shop.archive.read("plant-a", version.commit, run.device)).endswith(
                run.device.encode() + b"\nend\n"
            )
