"""What people choose to hear: said in words or chosen in a form, shown whole, stopped one by one."""

from __future__ import annotations

from datetime import time, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from commands.forms import Entries, FieldErrors
from commands.request import Form
from domain.digests.digests import DigestForm, DigestPeriod
from domain.jobs.schedules import Daily, Days
from domain.subscriptions.watches import WatchScope
from storage.subscriptions.digests import digests_of
from storage.subscriptions.profiles import mutes_over, profile_of
from storage.subscriptions.watches import watches_of
from tests.commands.plants import PEOPLE, RENDERER, Plant, sentence

if TYPE_CHECKING:
    from collections.abc import Mapping

    from commands.request import Reply

USUAL: Mapping[str, Any] = {
    "what": "device:core-sw1",
    "at_once": ("failed",),
    "new": ("on",),
    "reports": (),
    "at": "07:00",
    "day": "mon",
    "form": "long",
    "quiet_from": "",
    "quiet_to": "",
    "twice": (),
}
NASTY = ("x" * 10_000, "🧨", "'; DROP TABLE watch; --", "<!channel>", "\u202e`*_~", "\ud800")


async def fill(plant: Plant, by: str = "viewer", **changed: object) -> Form | FieldErrors:
    opened = await plant.ask("subscribe", by=by)
    assert opened.form
    entries = Entries(values={**USUAL, **changed}, memory=opened.form.memory)  # type: ignore[dict-item]
    return await plant.commands.forms.submit(PEOPLE[by], "subscribe", entries)


def lines(found: Form | FieldErrors) -> str:
    assert isinstance(found, Form), found
    return str(RENDERER.view(found.template, found.context, callback="x", metadata="")["blocks"])


def shown(reply: Reply) -> str:
    return str(RENDERER.render(reply.template, reply.context).blocks)


@pytest.mark.parametrize(
    ("line", "scope", "failed", "modified"),
    [
        ("core-sw1 failed", WatchScope.DEVICE, True, False),
        ("core-sw1 modified", WatchScope.DEVICE, False, True),
        ("site:plant-a both", WatchScope.SITE, True, True),
        ("core-sw1 nothing", WatchScope.DEVICE, False, False),
    ],
)
async def test_n2_choices_can_be_said_in_words(
    plant: Plant, line: str, scope: WatchScope, *, failed: bool, modified: bool
) -> None:
    reply = await plant.ask(f"subscribe {line}", by="viewer")

    [watch] = await watches_of("U0VIEW")
    assert (watch.scope, watch.failed, watch.modified) == (scope, failed, modified)
    assert "You watch" in sentence(reply)


async def test_reports_are_said_with_their_times_and_stay_when_something_else_is_chosen(plant: Plant) -> None:
    await plant.ask("subscribe core-sw1 failed daily 06:30", by="operator")
    await plant.ask("subscribe core-sw2 both weekly fri 06:30", by="operator")

    reports = {one.period: one for one in await digests_of("U0OPER")}
    assert reports[DigestPeriod.DAY].schedule == Daily(time(6, 30), weekends=True)
    assert reports[DigestPeriod.WEEK].schedule == Days(frozenset({4}), time(6, 30))
    assert {one.zone for one in reports.values()} == {"Europe/Berlin"}
    assert [watch.target for watch in await watches_of("U0OPER")] == ["core-sw1", "core-sw2"]


async def test_job_can_be_watched(plant: Plant) -> None:
    await plant.ask("add plant-a daily 02:00 as nightly", by="owner")

    await plant.ask("subscribe nightly failed", by="viewer")

    [watch] = await watches_of("U0VIEW")
    assert (watch.scope, watch.site) == (WatchScope.JOB, "plant-a")
    assert "job nightly" in shown(await plant.ask("subscriptions", by="viewer"))


async def test_form_writes_everything_at_once(plant: Plant) -> None:
    found = await fill(
        plant,
        what="site:plant-a",
        at_once=("failed", "modified"),
        new=(),
        reports=("daily", "weekly"),
        form="short",
        quiet_from="22:00",
        quiet_to="06:00",
        twice=("on",),
    )

    assert "Quiet hours from 22:00 to 06:00" in lines(found)
    [watch] = await watches_of("U0VIEW")
    assert (watch.scope, watch.target, watch.and_new) == (WatchScope.SITE, "plant-a", False)
    assert {(one.period, one.form) for one in await digests_of("U0VIEW")} == {
        (DigestPeriod.DAY, DigestForm.SHORT),
        (DigestPeriod.WEEK, DigestForm.SHORT),
    }
    profile = await profile_of("U0VIEW")
    assert (profile.quiet_from, profile.quiet_to, profile.even_if_in_channel) == (time(22), time(6), True)


async def test_form_shows_what_was_chosen_before_and_takes_it_back(plant: Plant) -> None:
    await fill(plant, at_once=("modified",), reports=("daily",), at="05:15")

    opened = await plant.ask("subscribe core-sw1", by="viewer")
    assert opened.form
    fields = {one.name: one for one in opened.form.context["fields"]}
    assert fields["at_once"].value == ("modified",)
    assert (fields["reports"].value, fields["at"].value) == (("daily",), "05:15")

    await fill(plant, reports=())
    assert await digests_of("U0VIEW") == []


async def test_another_thing_shows_its_own_choices(plant: Plant) -> None:
    await plant.ask("subscribe core-sw2 both", by="viewer")
    opened = await plant.ask("subscribe core-sw1", by="viewer")
    assert opened.form
    entries = Entries(values={**USUAL, "what": "device:core-sw2"}, memory=opened.form.memory)

    form = await plant.commands.forms.refill(PEOPLE["viewer"], "subscribe", entries)

    fields = {one.name: one for one in form.context["fields"]}
    assert fields["at_once"].value == ("failed", "modified")
    assert fields["at_once"].turn == 1


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"what": ""}, "what"),
        ({"what": "device:hidden-fw1"}, "what"),
        ({"what": "device:nothing-like-it"}, "what"),
        ({"at": "noon"}, "at"),
        ({"quiet_from": "22:00"}, "quiet_to"),
        ({"quiet_to": "06:00"}, "quiet_from"),
        ({"quiet_from": "22:00", "quiet_to": "22:00"}, "quiet_to"),
        ({"quiet_from": "99:99", "quiet_to": "06:00"}, "quiet_from"),
        ({"day": "someday"}, "day"),
        ({"form": "medium"}, "form"),
    ],
)
async def test_what_is_wrong_is_said_at_its_field_and_nothing_is_written(
    plant: Plant, changed: dict[str, Any], field: str
) -> None:
    found = await fill(plant, **changed)

    assert isinstance(found, FieldErrors)
    assert set(found.sentences) == {field}
    assert await watches_of("U0VIEW") == []
    assert await digests_of("U0VIEW") == []


@pytest.mark.parametrize("name", ["what", "at", "day", "form", "quiet_from", "at_once", "reports"])
@pytest.mark.parametrize("nasty", NASTY, ids=["long", "emoji", "sql", "mention", "marks", "half a character"])
async def test_nonsense_in_a_field_is_refused_or_means_nothing(plant: Plant, name: str, nasty: str) -> None:
    found = await fill(plant, **{name: nasty})

    if isinstance(found, FieldErrors):
        assert await watches_of("U0VIEW") == []
    else:
        [watch] = await watches_of("U0VIEW")
        assert (watch.target, watch.failed) == ("core-sw1", name != "at_once")
        assert await digests_of("U0VIEW") == []


@pytest.mark.parametrize("line", ["core-sw1 sometimes", "core-sw1 daily noon", "core-sw1 weekly mon 25:00"])
async def test_words_that_mean_nothing_are_refused_with_the_usage(plant: Plant, line: str) -> None:
    reply = await plant.ask(f"subscribe {line}", by="viewer")

    assert reply.template == "refusal"
    assert "daily 07:00" in sentence(reply)
    assert await watches_of("U0VIEW") == []


async def test_everything_a_person_gets_is_shown_with_a_button_to_stop_it(plant: Plant) -> None:
    await plant.ask("subscribe core-sw1 both daily 07:00", by="viewer")
    [watch] = await watches_of("U0VIEW")
    [report] = await digests_of("U0VIEW")

    listed = shown(await plant.ask("subscriptions", by="viewer"))
    assert "core-sw1: at once when it fails or times out" in listed
    assert "Daily report" in listed

    await plant.ask(f"unsubscribe watch:{watch.id}", by="viewer")
    await plant.ask(f"unsubscribe report:{report.id}", by="viewer")
    assert await watches_of("U0VIEW") == []
    assert await digests_of("U0VIEW") == []
    assert "stopped already" in sentence(await plant.ask(f"unsubscribe watch:{watch.id}", by="viewer"))


async def test_nobody_stops_what_another_person_gets(plant: Plant) -> None:
    await plant.ask("subscribe core-sw1 both daily 07:00", by="viewer")
    [watch] = await watches_of("U0VIEW")
    [report] = await digests_of("U0VIEW")

    for what in (f"watch:{watch.id}", f"report:{report.id}"):
        assert (await plant.ask(f"unsubscribe {what}", by="owner")).template == "refusal"

    assert await watches_of("U0VIEW") == [watch]
    assert await digests_of("U0VIEW") == [report]


async def test_n4_one_device_of_a_watched_site_can_fall_silent(plant: Plant) -> None:
    await plant.ask("subscribe site:plant-a failed", by="viewer")

    reply = await plant.ask("unsubscribe core-sw1", by="viewer")

    assert "silent" in sentence(reply)
    assert {(one.target, one.silent) for one in await watches_of("U0VIEW")} == {("plant-a", False), ("core-sw1", True)}


async def test_watch_on_a_site_one_has_left_is_neither_shown_nor_offered(plant: Plant) -> None:
    await plant.ask("subscribe hidden-fw1 failed", by="other_plant")
    [watch] = await watches_of("U0OTHER")

    mine = shown(await plant.ask("subscriptions", by="viewer"))
    refused = await plant.ask("subscribe hidden-fw1 failed", by="viewer")

    assert watch.site == "plant-b"
    assert "hidden-fw1" not in mine
    assert refused.template == "refusal"


async def test_n11_mute_has_an_end_and_can_be_taken_back(plant: Plant) -> None:
    reply = await plant.ask("mute 2h", by="viewer")

    assert "Muted until Mon 4 May 12:00" in sentence(reply)  # the viewer's clock shows UTC
    assert (await profile_of("U0VIEW")).muted_until == plant.clock.now() + timedelta(hours=2)
    assert "Muted until" in shown(await plant.ask("subscriptions", by="viewer"))
    assert await mutes_over(plant.clock.now()) == []

    await plant.ask("unmute", by="viewer")
    assert (await profile_of("U0VIEW")).muted_until is None
    assert "were not muted" in sentence(await plant.ask("unmute", by="viewer"))


@pytest.mark.parametrize("line", ["mute sometime", "mute until yesterday", "mute 99d", "mute until 2027-01-01"])
async def test_mute_without_a_near_end_is_refused(plant: Plant, line: str) -> None:
    reply = await plant.ask(line, by="viewer")

    assert reply.template == "refusal"
    assert (await profile_of("U0VIEW")).muted_until is None


async def test_mute_alone_asks_for_how_long(plant: Plant) -> None:
    reply = await plant.ask("mute", by="viewer")

    assert "2 hours" in shown(reply)
