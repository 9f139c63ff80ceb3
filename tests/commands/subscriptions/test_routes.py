"""Channel routes: made, changed, tested and removed by site admins, seen by everybody of the site."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from commands.forms import Entries, FieldErrors
from domain.audit import AuditAction, AuditQuery
from domain.subscriptions.kinds import EVERYTHING, USUAL, EventKind
from domain.subscriptions.routes import RouteFields, RouteHealth
from storage.access.audit import audit_page
from storage.subscriptions import routes
from tests.commands.plants import PEOPLE, RENDERER, Plant, sentence

if TYPE_CHECKING:
    from collections.abc import Mapping

    from commands.request import Form, Reply

USUAL_ENTRIES: Mapping[str, Any] = {"site": "plant-a", "channel": "C0NET", "events": ("failed",), "active": ("on",)}


def shown(reply: Reply) -> str:
    return str(RENDERER.render(reply.template, reply.context).blocks)


async def fill(plant: Plant, by: str = "admin", memory: str = "", **changed: object) -> Form | FieldErrors:
    entries = Entries(values={**USUAL_ENTRIES, **changed}, memory=memory)  # type: ignore[dict-item]
    return await plant.commands.forms.submit(PEOPLE[by], "route", entries)


@pytest.mark.parametrize(
    ("typed", "events"),
    [("", USUAL), (" failed,overdue", frozenset({EventKind.FAILED, EventKind.OVERDUE})), (" all", EVERYTHING)],
)
async def test_n9_an_admin_adds_a_route_in_words(plant: Plant, typed: str, events: frozenset[EventKind]) -> None:
    reply = await plant.ask(f"routes plant-a add <#C0NET|network>{typed}", by="admin")

    [route] = await routes.routes_of("plant-a")
    assert (route.channel, route.events, route.active, route.declared) == ("C0NET", events, True, False)
    assert "The route is added" in sentence(reply)
    assert "nothing sent yet" in shown(reply)


async def test_n9_an_admin_adds_a_route_in_a_form(plant: Plant) -> None:
    opened = await plant.ask("routes plant-a add", by="admin")
    found = await fill(plant)

    assert opened.form
    assert not isinstance(found, FieldErrors)
    [route] = await routes.routes_of("plant-a")
    assert route.events == frozenset({EventKind.FAILED})


@pytest.mark.parametrize("who", ["viewer", "operator"])
async def test_who_is_no_admin_sees_routes_and_changes_none(plant: Plant, who: str) -> None:
    route = await routes.add_route(RouteFields(site="plant-a", channel="C0NET"), by="U0ADMIN", now=plant.clock.now())

    listed = shown(await plant.ask("routes", by=who))
    tried = [f"{what} {route.id}" for what in ("test", "off", "remove", "change")]
    refused = [await plant.ask(f"routes {words}", by=who) for words in (*tried, "plant-a add <#C0X>")]

    assert "C0NET" in listed
    assert "do:routes" not in listed
    assert {one.template for one in refused} == {"refusal"}
    assert "change routes" in sentence(refused[0])
    assert "this needs the role admin" in str(await fill(plant, by=who))
    assert await routes.routes_of("plant-a") == [route]
    assert plant.publisher.tested == []


async def test_routes_of_another_site_are_neither_shown_nor_reached(plant: Plant) -> None:
    route = await routes.add_route(RouteFields(site="plant-b", channel="C0B"), by="U0OTHER", now=plant.clock.now())

    listed = shown(await plant.ask("routes", by="admin"))
    reached = await plant.ask(f"routes test {route.id}", by="admin")
    absent = await plant.ask("routes test 999", by="admin")

    assert "C0B" not in listed
    assert sentence(reached).replace(str(route.id), "N") == sentence(absent).replace("999", "N")
    assert isinstance(await fill(plant, site="plant-b"), FieldErrors)


async def test_route_of_a_site_that_is_no_longer_declared_is_not_there_even_for_an_owner(plant: Plant) -> None:
    route = await routes.add_route(RouteFields(site="gone", channel="C0B"), by="U0OTHER", now=plant.clock.now())

    reached = await plant.ask(f"routes test {route.id}", by="owner")
    absent = await plant.ask("routes test 999", by="owner")

    assert sentence(reached).replace(str(route.id), "N") == sentence(absent).replace("999", "N")


async def test_n10_the_test_button_sends_a_test(plant: Plant) -> None:
    route = await routes.add_route(RouteFields(site="plant-a", channel="C0NET"), by="U0ADMIN", now=plant.clock.now())
    await routes.note_health("C0NET", RouteHealth.BAD, trouble="is_archived", now=plant.clock.now())

    listed = shown(await plant.ask("routes plant-a", by="admin"))
    reply = await plant.ask(f"routes test {route.id}", by="admin")

    assert "🔴 messages do not arrive: the channel is archived" in listed
    assert [one.id for one in plant.publisher.tested] == [route.id]
    assert "on its way" in sentence(reply)


async def test_a_route_is_switched_off_changed_and_removed(plant: Plant) -> None:
    await plant.ask("routes plant-a add <#C0NET>", by="admin")
    [route] = await routes.routes_of("plant-a")

    off = shown(await plant.ask(f"routes off {route.id}", by="admin"))
    form = (await plant.ask(f"routes change {route.id}", by="admin")).form
    assert form
    await fill(plant, memory=form.memory, events=("modified", "agent"))
    [changed] = await routes.routes_of("plant-a")
    await plant.ask(f"routes remove {route.id}", by="admin")

    assert "disabled" in off
    assert changed.events == frozenset({EventKind.MODIFIED, EventKind.AGENT})
    assert await routes.routes_of("plant-a") == []


async def test_of_two_admins_the_second_is_told(plant: Plant) -> None:
    await plant.ask("routes plant-a add <#C0NET>", by="admin")
    [route] = await routes.routes_of("plant-a")
    form = (await plant.ask(f"routes change {route.id}", by="admin")).form
    assert form
    await plant.ask(f"routes off {route.id}", by="owner")

    found = await fill(plant, memory=form.memory)

    assert not isinstance(found, FieldErrors)
    assert "in the meantime" in str(found.context)


async def test_a_declared_route_is_only_switched_and_tested(plant: Plant) -> None:
    await routes.sync_routes([RouteFields(site="plant-a", channel="C0PLANTA")])
    [route] = await routes.routes_of("plant-a")

    listed = shown(await plant.ask("routes plant-a", by="admin"))
    refused = await plant.ask(f"routes remove {route.id}", by="admin")

    assert "from app.yaml" in listed
    assert f"test {route.id}" in listed
    assert f"remove {route.id}" not in listed
    assert "declared in app.yaml" in sentence(refused)


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"site": ""}, "site"),
        ({"site": "plant-z"}, "site"),
        ({"channel": ""}, "channel"),
        ({"channel": "C0FOREIGN"}, "channel"),
        ({"channel": "<!channel>"}, "channel"),
        ({"events": ()}, "events"),
        ({"events": ("everything",)}, "events"),
    ],
)
async def test_what_is_wrong_is_said_at_its_field(plant: Plant, changed: dict[str, Any], field: str) -> None:
    found = await fill(plant, **changed)

    assert isinstance(found, FieldErrors)
    assert set(found.sentences) == {field}
    assert await routes.routes_of("plant-a") == []


@pytest.mark.parametrize("line", ["plant-a add", "add"])
async def test_what_is_missing_opens_the_form(plant: Plant, line: str) -> None:
    assert (await plant.ask(f"routes {line}", by="admin")).form


@pytest.mark.parametrize("line", ["plant-a add <#C0NET> sometimes", "plant-a nonsense", "plant-a add nowhere"])
async def test_words_that_mean_nothing_are_refused(plant: Plant, line: str) -> None:
    assert (await plant.ask(f"routes {line}", by="admin")).template == "refusal"
    assert await routes.routes_of("plant-a") == []


async def test_p5_changes_of_routes_are_in_the_audit(plant: Plant) -> None:
    await plant.ask("routes plant-a add <#C0NET> failed", by="admin")
    [route] = await routes.routes_of("plant-a")
    await plant.ask(f"routes off {route.id}", by="admin")
    await plant.ask(f"routes remove {route.id}", by="admin")

    entries = [one for one in await audit_page(AuditQuery(sites=None)) if one.what is AuditAction.ROUTES_CHANGED]

    removed, switched, added = entries
    assert {one.actor for one in entries} == {"U0ADMIN"}
    assert added.after["Events"] == "failed and timed out"
    assert (switched.before["On"], switched.after["On"]) == ("yes", "no")
    assert (removed.before["Channel"], removed.after) == ("<#C0NET>", {})
