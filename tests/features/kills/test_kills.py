"""Whatever is killed and whenever: no run is lost, none counts twice, and Slack shows the truth."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
import pytest_asyncio

from demo.fleet import Fault
from tests.features.kills.truth import lies, outcomes
from tests.support.serve_process import CONCURRENCY, TIMEOUT, Works, is_alive, named, until, works

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from _pytest.mark.structures import ParameterSet

pytestmark = pytest.mark.asyncio(loop_scope="module")

DEVICES = [f"sw{number:02}" for number in range(50)]
AT_MOST = 2 * CONCURRENCY  # runs that one kill can reach: those in progress, and results on their way
INTERRUPTED, LOST = "interrupted", "agent_lost"


@dataclass(frozen=True)
class Round:
    """One run of a whole site that is killed into."""

    works: Works
    site: str
    strike: Callable[[], None]


Moment = Callable[[Round], Coroutine[Any, Any, None]]  # waits until it has come, and strikes


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def plant(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Works]:
    """An installation with fifty devices, over SQLite."""
    async with works("sqlite", tmp_path_factory.mktemp("kills"), devices=DEVICES) as here:
        yield here


def row(table: str, where: str, count: int = 1) -> Moment:
    """The moment when so many rows of the site's batch are there."""

    async def moment(now: Round) -> None:
        async def there() -> bool:
            return await now.works.count(table, f"site = '{now.site}' AND {where}") >= count

        await until(there, f"{count} of {table} where {where}")
        now.strike()

    return moment


def commit(number: int) -> Moment:
    """The moment when the archive has so many versions of the site."""

    async def moment(now: Round) -> None:
        async def there() -> bool:
            return len(now.works.commits(now.site)) >= number

        await until(there, f"commit {number}")
        now.strike()

    return moment


def sessions(count: int) -> Moment:
    """The moment when so many sessions with devices are open: each stays so until there are enough."""

    async def moment(now: Round) -> None:
        async def there() -> bool:
            return sum(device.sessions for device in now.works.fleet) >= count

        now.works.let_all(Fault.HANGS_IN_CONFIG)
        await until(there, f"{count} sessions")
        now.strike()
        now.works.let_all(None)

    return moment


def call(method: str, *, says: str = "", is_answered: bool = False) -> Moment:
    """The moment when this call reaches Slack: before it takes effect, or after it, with its answer lost."""

    async def moment(now: Round) -> None:
        loop, struck = asyncio.get_running_loop(), asyncio.Event()

        def where(args: dict[str, Any]) -> bool:
            if struck.is_set() or says not in str(args):
                return False
            struck.set()
            if is_answered:
                loop.call_soon(now.strike)
            else:
                now.strike()
            return True

        now.works.slack.faults.drop(method, after_effect=is_answered, where=where)
        async with asyncio.timeout(TIMEOUT):
            await struck.wait()

    return moment


async def agent_starts(now: Round) -> None:
    """The moment when the agent's process is there, before it has said anything."""

    async def there() -> bool:
        return bool(now.works.serve.agents)

    await until(there, "an agent's process")
    now.strike()


# What `make test` tries too; every other moment takes as long, and there are many: `make test-long`.
ALWAYS = ("the_twentieth_version_is_in_git", "a_change_is_in_git", "half_of_the_versions_are_in_git")

SERVE_MOMENTS: dict[str, list[Moment]] = {
    "the_runs_are_written_down": [row("run", "outcome = 'pending'")],
    "the_batch_is_about_to_be_posted": [call("chat.postMessage", says="batch:")],
    "the_batch_was_posted_and_the_answer_is_on_its_way": [call("chat.postMessage", says="batch:", is_answered=True)],
    "the_first_run_begins": [row("run", "outcome = 'in_progress'")],
    "the_first_session_is_open": [sessions(1)],
    "ten_sessions_are_open": [sessions(CONCURRENCY)],
    "the_first_version_is_in_git": [commit(1)],
    "the_twentieth_version_is_in_git": [commit(20)],
    "the_last_version_is_in_git": [commit(50)],
    "the_first_run_has_ended": [row("run", "outcome = 'up_to_date'")],
    "the_fortieth_run_has_ended": [row("run", "outcome = 'up_to_date'", 40)],
    "every_run_has_ended": [row("run", "outcome = 'up_to_date'", 50)],
    "the_final_state_is_about_to_be_shown": [call("chat.update", says="is done")],
    "the_final_state_was_shown_and_the_answer_is_on_its_way": [call("chat.update", says="is done", is_answered=True)],
    "it_knows_slack_again_and_is_about_to_recover": [commit(10), call("auth.test")],
    "it_is_recovering": [row("run", "outcome = 'in_progress'"), row("run", "reason = 'interrupted'")],
    "its_next_agent_starts": [commit(10), agent_starts],
    "it_goes_on_with_what_was_waiting": [commit(10), commit(25)],
    "three_times_in_a_row": [commit(3), commit(10), commit(17)],
}


CHANGE_MOMENTS: dict[str, Moment] = {
    "a_change_is_in_git": commit(52),
    "a_diff_is_about_to_be_posted": call("chat.postMessage", says=":diff"),
    "a_diff_was_posted_and_the_answer_is_on_its_way": call("chat.postMessage", says=":diff", is_answered=True),
}

AGENT_MOMENTS: dict[str, list[Moment]] = {
    "it_starts": [agent_starts],
    "its_first_session_is_open": [sessions(1)],
    "half_of_the_versions_are_in_git": [commit(25)],
    "it_was_killed_before": [commit(5), agent_starts, commit(15)],
}


def cases(moments: Mapping[str, object]) -> list[ParameterSet]:
    """Each moment by its name; most of them are for those who have the time."""
    return [
        pytest.param(moment, id=name, marks=() if name in ALWAYS else pytest.mark.long)
        for name, moment in moments.items()
    ]


@pytest.mark.parametrize("moments", cases(SERVE_MOMENTS))
async def test_serve_killed_when(plant: Works, moments: list[Moment]) -> None:
    site = plant.next_site()

    await killed_at(plant, site, moments)

    assert await lies(plant, site) == []
    ends = await outcomes(plant, site)
    assert ends.total() == len(DEVICES)
    assert ends.keys() <= {"up_to_date", INTERRUPTED}
    assert ends[INTERRUPTED] <= AT_MOST * len(moments)


@pytest.mark.parametrize("moment", cases(CHANGE_MOMENTS))
async def test_serve_killed_with_changes_when(plant: Works, moment: Moment) -> None:
    site = plant.next_site()
    await plant.ready(site)
    await plant.ask(f"/backup now {site}", site)
    await until(lambda: ended(plant, site, len(DEVICES)), "the baselines")
    await plant.settled()
    await plant.change(DEVICES[:3])

    await killed_at(plant, site, [moment])

    assert await lies(plant, site) == []
    ends = await outcomes(plant, site)
    assert ends.total() == 2 * len(DEVICES)
    assert ends.keys() <= {"up_to_date", "modified", INTERRUPTED}
    diffs = [key for key, _ in plant.keyed() if key.endswith(":diff")]
    modified = await plant.books.rows(f"SELECT id FROM run WHERE site = '{site}' AND outcome = 'modified'")  # noqa: S608
    assert {f"run:{run['id']}:diff" for run in modified} <= set(diffs)


@pytest.mark.parametrize("moments", cases(AGENT_MOMENTS))
async def test_agent_killed_when(plant: Works, moments: list[Moment]) -> None:
    site = plant.next_site()
    await plant.ready(site)
    if moments == [agent_starts]:
        plant.serve.kill_agents()

    for number, moment in enumerate(moments):
        watching = asyncio.create_task(moment(Round(plant, site, plant.serve.kill_agents)))
        if not number:
            await plant.ask(f"/backup now {site}", site)
        await watching
    await until(lambda: ended(plant, site, len(DEVICES)), "every run ends")
    await plant.settled()

    assert await lies(plant, site) == []
    ends = await outcomes(plant, site)
    assert ends.total() == len(DEVICES)
    assert ends.keys() <= {"up_to_date", LOST}
    assert ends[LOST] <= AT_MOST * max(0, len(moments) - 2)  # an attempt is lost with each agent, and there are three


@pytest.mark.long
@pytest.mark.parametrize("name", ["the_first_run_begins", "the_twentieth_version_is_in_git", "it_is_recovering"])
async def test_serve_over_postgres_killed_when(tmp_path: Path, name: str) -> None:
    async with works("postgres", tmp_path, devices=DEVICES) as here:
        site = here.next_site()

        await killed_at(here, site, SERVE_MOMENTS[name])

        assert await lies(here, site) == []
        ends = await outcomes(here, site)
        assert ends.total() == len(DEVICES)
        assert ends.keys() <= {"up_to_date", INTERRUPTED}


async def test_sigterm_in_the_middle_of_a_run_loses_nothing(plant: Works) -> None:
    site = plant.next_site()
    await plant.ready(site)
    watching = asyncio.create_task(commit(10)(Round(plant, site, plant.serve.terminate)))
    await plant.ask(f"/backup now {site}", site)
    await watching

    status = await plant.serve.ended()
    begun = await plant.count("run", f"site = '{site}' AND outcome = 'in_progress'")
    doubtful = await plant.count("outbox", "in_doubt")
    waiting = await plant.count("run", f"site = '{site}' AND outcome = 'pending'")
    await plant.start()
    await plant.settled()

    assert (status, begun, doubtful) == (0, 0, 0)
    assert waiting > 0
    assert await lies(plant, site) == []
    assert await outcomes(plant, site) == {"up_to_date": len(DEVICES)}


async def test_a7_run_in_a_session_is_failed_as_interrupted_after_a_kill_and_its_message_says_so(plant: Works) -> None:
    site = plant.next_site()
    await plant.ready(site)
    device = plant.fleet[DEVICES[0]]
    device.fault = Fault.HANGS_IN_CONFIG
    watching = asyncio.create_task(row("run", "outcome = 'in_progress'")(Round(plant, site, plant.serve.kill)))
    await plant.ask(f"/backup now {named(site, device.name)}", site)
    await watching
    await plant.serve.ended()
    device.fault = None

    await plant.start()
    await plant.settled()

    [run] = await plant.books.rows(f"SELECT * FROM run WHERE site = '{site}'")  # noqa: S608 - of tests
    assert (run["outcome"], run["reason"]) == ("failed", INTERRUPTED)
    message = dict(plant.keyed())[f"run:{run['id']}"]
    assert "Failed" in plant.slack.plain(message)
    assert "Lastgood was stopped during this run." in plant.slack.plain(message)
    assert device.sessions == 0


async def killed_at(here: Works, site: str, moments: list[Moment]) -> None:
    """Ask for a backup of the site and kill the bot at each of ``moments``; it is started again at once."""
    await here.ready(site)
    coming = [moment(Round(here, site, here.serve.kill)) for moment in moments]
    watching = asyncio.create_task(coming.pop(0))
    await here.ask(f"/backup now {site}", site)
    for _ in moments:
        await watching
        orphans = here.serve.agents
        await here.serve.ended()
        await here.start()
        if coming:  # at once: what it does first may be what is waited for
            watching = asyncio.create_task(coming.pop(0))
        await until(lambda pids=orphans: gone(pids), "the agents of a killed serve end by themselves")  # type: ignore[misc]
    await here.settled()


async def gone(pids: list[int]) -> bool:
    """Whether none of these processes is alive."""
    return not any(is_alive(pid) for pid in pids)


async def ended(here: Works, site: str, count: int) -> bool:
    """Whether so many runs of the site have ended."""
    return await here.count("run", f"site = '{site}' AND outcome NOT IN ('pending', 'in_progress')") >= count
