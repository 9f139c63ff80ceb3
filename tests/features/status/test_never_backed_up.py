"""Row U3: a device without one good backup is counted and named apart everywhere, and is green nowhere."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from demo.fleet import Fault
from domain.runs.outcomes import Outcome
from tests.features.access.doors import plain, private_words
from tests.features.asking import runs_of
from tests.features.jobs.timing import all_ended, start_by_hand

if TYPE_CHECKING:
    from demo.slack import Message
    from tests.support.serve_fixtures import Town

GOOD = ("core-sw1", "core-sw2", "edge-rt1")
NEVER = ("new-sw1", "new-sw2", "new-sw3", "new-sw4", "old-fw9")  # the last one was tried, and failed
COUNT = "5 of 8 devices were never backed up"


@dataclass
class Eight:
    """Plant A with eight devices, three of which have a good backup."""

    town: Town

    async def asked(self, typed: str) -> str:
        """What Anna, who may run backups there, is answered."""
        return (await private_words(self.town, self.town.anna, f"/backup {typed}")).replace("*", "")

    async def answer(self, typed: str, text: str) -> Message:
        """The message of that answer."""
        await self.town.command(self.town.anna, f"/backup {typed}")
        return await self.town.private(self.town.anna, text)

    async def press_and_wait(self, message: Message, action: str) -> None:
        """Press a button and wait until what it began has ended."""
        done = await self.town.slack.press(self.town.anna, message, action)
        assert done.acked
        await self.town.serve.settled()
        await all_ended(self.town)


@pytest.fixture
async def eight(town: Town) -> Eight:
    """Three backups were made; one more was tried and failed; nobody has asked for the rest."""
    for name in (*GOOD, *NEVER):
        await town.add_device(name, retries=0)
    town.fleet.devices["old-fw9"].fault = Fault.REJECTS_CONFIG
    await start_by_hand(town)
    for name in (*GOOD, "old-fw9"):
        await town.command(town.anna, f"/backup now {name}")
        await town.serve.settled()
        await all_ended(town)
    return Eight(town)


async def test_u3_the_list_of_old_backups_names_them_first_and_its_counts_add_up(eight: Eight) -> None:
    shown = await eight.asked("stale")

    assert COUNT in shown
    assert "3 devices with a good backup from the last 7 days" in shown
    assert "Every one" not in shown
    places = [shown.index(name) for name in NEVER]
    assert places == sorted(places)
    assert shown.count("⚠️ never backed up") == len(NEVER)
    assert not [name for name in GOOD if name in shown]
    old = await eight.asked("stale 0")
    assert "3 devices without a good backup for more than 0 days" in old
    assert max(old.index(name) for name in NEVER) < min(old.index(name) for name in GOOD)


async def test_u3_devices_and_home_count_each_device_once(eight: Eight) -> None:
    listed = await eight.asked("devices")
    await eight.town.slack.open_home(eight.town.anna)
    home = eight.town.slack.plain(await eight.town.until(lambda: eight.town.slack.home(eight.town.anna)))
    home = home.replace("*", "")

    assert "⚠️ 5 never backed up · 🟢 3 good" in listed
    assert COUNT in home
    assert "The other 3 devices have a good backup" in home
    assert "No backup is too old" not in home
    assert "1 device failing now, 1 of them never backed up" in home
    assert "Plant A · 8 devices · ⚠️ 5 never backed up · 🟢 3 good" in home
    assert "Back them up" in home


async def test_u3_summary_report_and_graph_say_it_beside_the_counts_of_runs(eight: Eight) -> None:
    for typed in ("summary plant-a", "graph plant-a"):
        shown = await eight.asked(typed)
        assert COUNT in shown, typed
    summary = await eight.asked("summary plant-a")
    assert "8 devices now: ⚠️ 5 never backed up, 🟢 3 good" in summary
    assert "no device is overdue" not in summary
    assert [name for name in NEVER if name in summary] == list(NEVER)


async def test_u3_the_morning_report_is_not_calm_about_a_site_that_nobody_has_backed_up(town: Town) -> None:
    town.settings["sites"]["plant-a"]["digests"] = [{"schedule": "daily 07:00"}]
    for name in ("new-sw1", "new-sw2"):
        await town.add_device(name)
    await start_by_hand(town)

    town.clock.advance(timedelta(days=1))
    await town.serve.timetable.bring_digests()
    await town.serve.settled()

    report = await town.until(
        lambda: next((one for one in town.slack.messages(town.plant_a) if "run" in one.text), None)
    )
    said = plain(town, report)
    assert "2 of 2 devices were never backed up" in said
    assert "new-sw1" in said
    assert "Back them up" in said


async def test_u3_one_press_backs_up_exactly_those_that_never_were(eight: Eight) -> None:
    message = await eight.answer("stale", COUNT)
    eight.town.fleet.devices["old-fw9"].fault = None
    before = {name: len(await runs_of(name)) for name in (*GOOD, *NEVER)}

    await eight.press_and_wait(message, "do:now#never")

    after = {name: await runs_of(name) for name in before}
    assert {name for name, runs in after.items() if len(runs) == before[name] + 1} == set(NEVER)
    assert {after[name][0].outcome for name in NEVER} == {Outcome.UP_TO_DATE}
    assert "Every one of 8 devices that you can see has a good backup" in await eight.asked("stale")
    assert "has a good backup already" in await eight.asked("now plant-a never")
    assert "⚠️" not in await eight.asked("devices")


async def test_u3_whoever_may_not_run_backups_gets_no_button_and_no_run(eight: Eight) -> None:
    town = eight.town
    await town.command(town.vera, "/backup stale")

    message = await town.private(town.vera, COUNT)

    assert "Back them up" not in town.slack.plain(message)
    assert "You may not run backups" in await private_words(town, town.vera, "/backup now plant-a never")


async def test_u3_a_restricted_device_is_in_no_count_of_those_who_may_not_see_it(town: Town) -> None:
    for name in (*GOOD[:2], "vault-fw1"):
        await town.add_device(name)
    town.settings["devices"]["vault-fw1"]["only"] = [town.anna.id]
    await town.start(keeps_time=False)

    hers = await private_words(town, town.anna, "/backup stale")
    others = await private_words(town, town.vera, "/backup stale")

    assert "3 of 3 devices were never backed up" in hers.replace("*", "")
    assert "2 of 2 devices were never backed up" in others.replace("*", "")
    assert "vault" not in others


async def test_u3_metrics_give_each_device_one_state(eight: Eight) -> None:
    await eight.town.serve.timetable.count_devices()

    found = dict(
        re.findall(r'lastgood_devices\{state="(\w+)"\} ([\d.]+)', eight.town.serve.core.metrics.text().decode())
    )

    assert found == {"never_backed_up": "5.0", "failing": "0.0", "overdue": "0.0", "good": "3.0"}


async def test_u3_the_alert_about_old_backups_counts_them_apart_and_offers_to_back_them_up(eight: Eight) -> None:
    town = eight.town
    town.settings["sites"]["plant-a"]["access"]["admin"] = [town.vera.id]
    await town.stop()
    await start_by_hand(town)
    town.clock.advance(timedelta(days=8))

    await town.serve.engine.overdue.tick()
    await town.serve.settled()

    dm = town.slack.dm(town.vera)
    alert = await town.until(lambda: next((one for one in town.slack.messages(dm) if "Plant A" in one.text), None))
    said = plain(town, alert)
    assert "5 devices never backed up, 3 devices without a good backup for too long" in said
    assert "Back them up" in said
