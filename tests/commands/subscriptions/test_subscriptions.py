"""What people choose to hear: said in words or chosen in a form, shown whole, stopped one by one."""

from __future__ import annotations

from datetime import time, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from commands.forms import Entries, FieldErrors
from commands.request import Form
from domain.digests.digests import DigestForm, DigestPeriod
from domain.jobs.schedules import Daily, Days
from domain.subscriptions.subscriptions import SubscriptionScope
from storage.subscriptions.digests import digests_of
from storage.subscriptions.profiles import mutes_over, profile_of
from storage.subscriptions.subscriptions import subscriptions_of
from tests.commands.plants import PEOPLE, RENDERER, Plant, sentence

if TYPE_CHECKING:
    from collections.abc import Mapping

    from commands.request import Reply

USUAL: Mapping[str, Any] = {
    "what": "device:core-sw1",
    "at_once": ("failed",),
    "new": ("on",),
    "digests": (),
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
        ("core-sw1 failed", SubscriptionScope.DEVICE, True, False),
        ("core-sw1 modified", SubscriptionScope.DEVICE, False, True),
        ("site:plant-a both", SubscriptionScope.SITE, True, True),
        ("core-sw1 nothing", SubscriptionScope.DEVICE, False, False),
    ],
)
async def test_n2_choices_can_be_said_in_words(
    plant: Plant, line: str, scope: SubscriptionScope, *, failed: bool, modified: bool
) -> None:
    reply = await plant.ask(f"subscribe {line}", by="viewer")

    [subscription] = await subscriptions_of("U0VIEW")
    assert (subscription.scope, subscription.failed, subscription.modified) == (scope, failed, modified)
    assert "You are subscribed to" in sentence(reply)


async def test_digests_are_said_with_their_times_and_stay_when_something_else_is_chosen(plant: Plant) -> None:
    await plant.ask("subscribe core-sw1 failed daily 06:30", by="operator")
    await plant.ask("subscribe core-sw2 both weekly fri 06:30", by="operator")

    reports = {one.period: one for one in await digests_of("U0OPER")}
    assert reports[DigestPeriod.DAY].schedule == Daily(time(6, 30), weekends=True)
    assert reports[DigestPeriod.WEEK].schedule == Days(frozenset({4}), time(6, 30))
    assert {one.zone for one in reports.values()} == {"Europe/Berlin"}
    assert [subscription.target for subscription in await subscriptions_of("U0OPER")] == ["core-sw1", "core-sw2"]


async def test_job_can_be_watched(plant: Plant) -> None:
    await plant.ask("add plant-a daily 02:00 as nightly", by="owner")

    await plant.ask("subscribe nightly failed", by="viewer")

    [subscription] = await subscriptions_of("U0VIEW")
    assert (subscription.scope, subscription.site) == (SubscriptionScope.JOB, "plant-a")
    assert "job nightly" in shown(await plant.ask("subscriptions", by="viewer"))


async def test_form_writes_everything_at_once(plant: Plant) -> None:
    found = await fill(
        plant,
        what="site:plant-a",
        at_once=("failed", "modified"),
        new=(),
        digests=("daily", "weekly"),
        form="short",
        quiet_from="22:00",
        quiet_to="06:00",
        twice=("on",),
    )

    assert "Quiet hours from 22:00 to 06:00" in lines(found)
    [subscription] = await subscriptions_of("U0VIEW")
    assert (subscription.scope, subscription.target, subscription.and_new) == (SubscriptionScope.SITE, "plant-a", False)
    assert {(one.period, one.form) for one in await digests_of("U0VIEW")} == {
        (DigestPeriod.DAY, DigestForm.SHORT),
        (DigestPeriod.WEEK, DigestForm.SHORT),
    }
    profile = await profile_of("U0VIEW")
    assert (profile.quiet_from, profile.quiet_to, profile.even_if_in_channel) == (time(22), time(6), True)


async def test_form_shows_what_was_chosen_before_and_takes_it_back(plant: Plant) -> None:
    await fill(plant, at_once=("modified",), digests=("daily",), at="05:15")

    opened = await plant.ask("subscribe core-sw1", by="viewer")
    assert opened.form
    fields = {one.name: one for one in opened.form.context["fields"]}
    assert fields["at_once"].value == ("modified",)
    assert (fields["digests"].value, fields["at"].value) == (("daily",), "05:15")

    await fill(plant, digests=())
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
        ({"at": "teatime"}, "at"),
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
    assert await subscriptions_of("U0VIEW") == []
    assert await digests_of("U0VIEW") == []


@pytest.mark.parametrize("name", ["what", "at", "day", "form", "quiet_from", "at_once", "digests"])
@pytest.mark.parametrize("nasty", NASTY, ids=["long", "emoji", "sql", "mention", "marks", "half a character"])
async def test_nonsense_in_a_field_is_refused_or_means_nothing(plant: Plant, name: str, nasty: str) -> None:
    found = await fill(plant, **{name: nasty})

    if isinstance(found, FieldErrors):
        assert await subscriptions_of("U0VIEW") == []
    else:
        [subscription] = await subscriptions_of("U0VIEW")
        assert (subscription.target, subscription.failed) == ("core-sw1", name != "at_once")
        assert await digests_of("U0VIEW") == []


@pytest.mark.parametrize("line", ["core-sw1 sometimes", "core-sw1 daily teatime", "core-sw1 weekly mon 25:00"])
async def test_words_that_mean_nothing_are_refused_with_the_usage(plant: Plant, line: str) -> None:
    reply = await plant.ask(f"subscribe {line}", by="viewer")

    assert reply.template == "refusal"
    assert "daily 07:00" in sentence(reply)
    assert await subscriptions_of("U0VIEW") == []


async def test_everything_a_person_gets_is_shown_with_a_button_to_stop_it(plant: Plant) -> None:
    await plant.ask("subscribe core-sw1 both daily 07:00", by="viewer")
    [subscription] = await subscriptions_of("U0VIEW")
    [report] = await digests_of("U0VIEW")

    listed = shown(await plant.ask("subscriptions", by="viewer"))
    assert "core-sw1: at once when it fails, times out or recovers" in listed
    assert "Daily digest" in listed

    await plant.ask(f"unsubscribe subscription:{subscription.id}", by="viewer")
    await plant.ask(f"unsubscribe digest:{report.id}", by="viewer")
    assert await subscriptions_of("U0VIEW") == []
    assert await digests_of("U0VIEW") == []
    assert "already been stopped" in sentence(
        await plant.ask(f"unsubscribe subscription:{subscription.id}", by="viewer")
    )


async def test_nobody_stops_what_another_person_gets(plant: Plant) -> None:
    await plant.ask("subscribe core-sw1 both daily 07:00", by="viewer")
    [subscription] = await subscriptions_of("U0VIEW")
    [report] = await digests_of("U0VIEW")

    for what in (f"subscription:{subscription.id}", f"digest:{report.id}"):
        assert (await plant.ask(f"unsubscribe {what}", by="owner")).template == "refusal"

    assert await subscriptions_of("U0VIEW") == [subscription]
    assert await digests_of("U0VIEW") == [report]


async def test_n4_one_device_of_a_watched_site_can_fall_silent(plant: Plant) -> None:
    await plant.ask("subscribe site:plant-a failed", by="viewer")

    reply = await plant.ask("unsubscribe core-sw1", by="viewer")

    assert "is now excluded" in sentence(reply)
    assert {(one.target, one.silent) for one in await subscriptions_of("U0VIEW")} == {
        ("plant-a", False),
        ("core-sw1", True),
    }


async def test_an_excluded_device_can_be_included_again_from_the_list(plant: Plant) -> None:
    await plant.ask("subscribe site:plant-a failed", by="viewer")
    await plant.ask("unsubscribe core-sw1", by="viewer")
    silent = next(one for one in await subscriptions_of("U0VIEW") if one.silent)

    listed = shown(await plant.ask("subscriptions", by="viewer"))
    reply = await plant.ask(f"unsubscribe subscription:{silent.id}", by="viewer")

    assert "Include core-sw1 again" in listed
    assert "Unsubscribe from core-sw1" not in listed
    assert sentence(reply) == "`core-sw1` is no longer excluded from your subscription to its site."
    assert [one.target for one in await subscriptions_of("U0VIEW")] == ["plant-a"]


async def test_subscription_on_a_site_one_has_left_is_neither_shown_nor_offered(plant: Plant) -> None:
    await plant.ask("subscribe hidden-fw1 failed", by="other_plant")
    [subscription] = await subscriptions_of("U0OTHER")

    mine = shown(await plant.ask("subscriptions", by="viewer"))
    refused = await plant.ask("subscribe hidden-fw1 failed", by="viewer")

    assert subscription.site == "plant-b"
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
