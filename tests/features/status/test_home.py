"""Row R2: the Home tab says what is wrong, what goes on and what comes next, and keeps itself right."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from slack_sdk.web.async_client import AsyncWebClient

from bot.requests.home_tab import HOME_PUBLISH_INTERVAL
from domain.failures import FailureKind
from domain.runs.outcomes import Outcome
from domain.runs.run import NewRun, Trigger
from domain.runs.steps import RunEnd, RunStart, StoredVersion
from notifications.rendering.units import MINUS
from storage.database.statements import fetch, utc
from storage.runs import runs as run_store
from tests.features.asking import back_up

if TYPE_CHECKING:
    from demo.slack import Person
    from demo.slack.state.values import Call, View
    from domain.runs.run import Run
    from tests.support.serve_fixtures import Town

DAY = timedelta(days=1)


async def test_r2_shows_failing_stale_unreviewed_running_and_next_runs_each_with_a_way_on(town: Town) -> None:
    await _plant(town, "core-sw1", "core-sw2", "edge-rt1", "edge-rt2", "far-sw1")
    await _failed("core-sw2", town, ago=DAY)
    await _good("core-sw1", town, ago=30 * DAY, version=1)
    await _good("core-sw1", town, ago=20 * DAY, version=2)
    await _good("edge-rt2", town, ago=DAY, version=1)
    await _failed("far-sw1", town, ago=DAY, site="plant-b")
    going = await _going("edge-rt1", town)

    tab = await _home(town, town.vera)
    await _end(going)

    shown = _words(town, tab)
    assert "1 device failing now, 1 of them never backed up" in shown
    assert "core-sw2 · Plant A · 🔴 Failed" in shown
    assert "2 of 4 devices were never backed up" in shown
    assert "1 device without a good backup for too long" in shown
    assert "core-sw1 · Plant A · last good" in shown
    assert "edge-rt1 · Plant A · never backed up" in shown
    assert "1 change to review" in shown
    assert f"core-sw1 · Plant A · v2, +3 {MINUS}1" in shown
    assert "Running now: 1 in progress" in shown
    assert "No job is scheduled" in shown
    assert "You have no subscriptions yet" in shown
    assert "Plant A · 4 devices · ⚠️ 2 never backed up · ⏰ 1 overdue · 🟢 1 good · your role: viewer" in shown
    assert "far-sw1" not in shown
    assert "Plant B" not in shown
    assert len(tab.blocks) <= 100


async def test_r2_device_that_was_declared_a_minute_ago_is_not_called_stale_but_never_backed_up(town: Town) -> None:
    await town.add_device("core-sw1")
    await town.start(keeps_time=False)

    tab = await _home(town, town.vera)

    shown = _words(town, tab)
    assert "1 of 1 device was never backed up" in shown
    assert "for too long" not in shown
    assert "🟢 No device is failing" not in shown


async def test_r2_device_that_has_moved_brings_no_failure_of_another_site_along(town: Town) -> None:
    await _plant(town, "core-sw1")
    await _failed("core-sw1", town, ago=DAY, site="plant-x")

    tab = await _home(town, town.vera)

    shown = _words(town, tab)
    assert "No device is failing" in shown
    assert "core-sw1 · Plant A · never backed up" in shown


async def test_r2_buttons_lead_on(town: Town) -> None:
    await _plant(town, "core-sw1", "core-sw2")
    await _failed("core-sw2", town, ago=DAY)
    await _good("core-sw1", town, ago=2 * DAY, version=1)
    await _good("core-sw1", town, ago=DAY, version=2)
    tab = await _home(town, town.vera)

    for action in ("run", "history#failed", "unreviewed", "graph", "jobs", "subscriptions"):
        done = await town.slack.press(town.vera, tab, f"do:{action}")
        assert done.acked
    await town.serve.settled()

    own = "\n".join(town.slack.plain(one) for one in town.slack.messages(town.slack.dm(town.vera)))
    assert "Lastgood hit an internal error" not in own
    for words in ("run 1", "core-sw2", "to review", "the last 30 days"):
        assert words in own


async def test_r2_restricted_device_is_in_no_line_and_in_no_number(town: Town) -> None:
    await _plant(town, "core-sw1", "vault-fw1", only={"vault-fw1": [town.anna.id]})
    await _good("core-sw1", town, ago=DAY, version=1)
    await _good("vault-fw1", town, ago=2 * DAY, version=1)
    await _good("vault-fw1", town, ago=2 * DAY, version=2)
    await _failed("vault-fw1", town, ago=DAY)
    going = await _going("vault-fw1", town)

    hers = _words(town, await _home(town, town.anna))
    others = _words(town, await _home(town, town.vera))
    await _end(going)

    assert "1 device failing now" in hers
    assert "1 in progress" in hers
    assert "vault-fw1" not in others
    assert "No device is failing" in others
    assert "No changes to review" in others
    assert "Nothing is running now" in others
    assert "Plant A · 1 device · 🟢 1 good" in others


async def test_r2_tab_of_whoever_looked_lately_is_right_again_after_a_run(town: Town) -> None:
    await town.add_device("core-sw1")
    await town.start()
    before = _words(town, await _home(town, town.vera))

    await back_up(town, "core-sw1")
    town.clock.advance(HOME_PUBLISH_INTERVAL)

    await town.until(lambda: "🟢 1 good" in _words(town, town.slack.home(town.vera)))
    assert "🟢 1 good" not in before


async def test_r2_many_changes_are_one_publication_and_nobody_is_asked_without_a_change(town: Town) -> None:
    await _plant(town, "core-sw1")
    await _home(town, town.vera)
    home = town.serve.front.home
    first = _publications(town)

    for _ in range(50):
        home.changed({"plant-a"})
    home.changed({"plant-b"})
    town.clock.advance(HOME_PUBLISH_INTERVAL)
    await town.until(lambda: _publications(town) > first)
    await town.serve.settled()
    town.clock.advance(10 * HOME_PUBLISH_INTERVAL)
    await town.serve.settled()

    assert _publications(town) == first + 1


async def test_r2_tab_that_somebody_else_published_meanwhile_is_read_anew(town: Town) -> None:
    await _plant(town, "core-sw1")
    await _home(town, town.vera)
    other = AsyncWebClient(token=town.slack.bot_token, base_url=town.slack.api_url)
    stale = {"type": "home", "blocks": [{"type": "section", "text": {"type": "mrkdwn", "text": "old events"}}]}
    await other.views_publish(user_id=town.vera.id, view=stale)
    await _failed("core-sw1", town, ago=DAY)

    town.serve.front.home.changed({"plant-a"})
    town.clock.advance(HOME_PUBLISH_INTERVAL)

    await town.until(lambda: "1 device failing now" in _words(town, town.slack.home(town.vera)))
    assert [call.error for call in _calls(town)][-2:] == ["hash_conflict", None]


async def test_r2_access_is_asked_at_each_publication(town: Town) -> None:
    await _plant(town, "core-sw1")
    await _failed("core-sw1", town, ago=DAY)
    before = _words(town, await _home(town, town.vera))

    town.slack.happenings.person_changed(replace(town.vera, deleted=True))
    town.serve.slack.people.changed(town.vera.id)  # as the event tells, which comes in its own time
    town.serve.front.home.all_changed()
    town.clock.advance(HOME_PUBLISH_INTERVAL)

    await town.until(lambda: "core-sw1" not in _words(town, town.slack.home(town.vera)))
    assert "core-sw1" in before


async def test_r2_five_hundred_devices_fit_into_one_tab(town: Town) -> None:
    names = [f"access-{number:03}" for number in range(500)]
    await _plant(town, *names)
    for name in names[:60]:
        await _failed(name, town, ago=DAY)

    tab = await _home(town, town.vera)

    shown = _words(town, tab)
    assert "60 devices failing now" in shown
    assert "500 of 500 devices were never backed up" in shown
    assert "and 495 more" in shown
    assert len(tab.blocks) <= 100


async def _plant(town: Town, *devices: str, only: dict[str, list[str]] | None = None) -> None:
    town.settings["sites"]["plant-b"] = {"name": "Plant B"}
    for name in devices:
        site = "plant-b" if name.startswith("far-") else "plant-a"
        declared = {"site": site, "host": "192.0.2.1", "platform": "cisco_ios", "credential": "lab"}
        restricted = {"only": only[name]} if only and name in only else {}
        town.settings["devices"][name] = declared | restricted
    await town.start(keeps_time=False)
    long_ago = town.clock.now() - 60 * DAY
    await fetch("UPDATE device SET known_since = $1 WHERE known_since IS NOT NULL RETURNING name", [utc(long_ago)])


async def _home(town: Town, person: Person) -> View:
    await town.slack.open_home(person)
    await town.until(lambda: town.slack.home(person))
    await town.serve.settled()
    found = town.slack.home(person)
    assert found
    return found


def _words(town: Town, tab: View | None) -> str:
    return town.slack.plain(tab).replace("*", "") if tab else ""


async def _going(device: str, town: Town, *, ago: timedelta = timedelta(0), site: str = "plant-a") -> Run:
    at = town.clock.now() - ago
    limit = timedelta(minutes=30)
    new = NewRun(
        device=device,
        site=site,
        trigger=Trigger.SCHEDULE,
        created_at=at,
        waiting_limit=limit,
        running_limit=limit,
    )
    [run] = await run_store.add_runs([new])
    [started] = await run_store.start_runs([RunStart(run=run.id, agent="local", attempt=1, at=at)])
    return started


async def _failed(device: str, town: Town, *, ago: timedelta, site: str = "plant-a") -> None:
    await _end(await _going(device, town, ago=ago, site=site))


async def _end(run: Run) -> None:
    end = RunEnd(run=run.id, outcome=Outcome.FAILED, at=run.created_at, reason=FailureKind.UNREACHABLE)
    await run_store.finish_runs([end])


async def _good(device: str, town: Town, *, ago: timedelta, version: int) -> None:
    run = await _going(device, town, ago=ago)
    stored = StoredVersion(
        device=device,
        site=run.site,
        number=version,
        commit=f"{version:040x}",
        run=run.id,
        captured_at=run.created_at,
        size=100,
        digest=f"d{version}",
        added=3 if version > 1 else 0,
        removed=1 if version > 1 else 0,
    )
    outcome = Outcome.MODIFIED if version > 1 else Outcome.UP_TO_DATE
    base = version - 1 or None
    end = RunEnd(run=run.id, outcome=outcome, at=run.created_at, base_version=base, version=version, stored=stored)
    await run_store.finish_runs([end])


def _publications(town: Town) -> int:
    return len(_calls(town))


def _calls(town: Town) -> list[Call]:
    return [one for one in town.slack.calls if one.method == "views.publish"]
