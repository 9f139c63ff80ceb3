"""A command of any kind is authorised before it answers, and cannot leave that out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

import pytest

from commands.lookup import kinds
from commands.lookup.kinds import (
    Command,
    DeviceCommand,
    JobCommand,
    OwnCommand,
    RunCommand,
    SiteCommand,
    SomewhereCommand,
)
from commands.registry import KINDS
from commands.request import Option, Reply, Request, Surface
from domain.errors import LastgoodError, NotAllowed, UsageError
from domain.messages.places import Place
from domain.roles import Action
from tests.commands.access.test_roles import furnished, plant, words
from tests.commands.plants import PEOPLE, Plant

if TYPE_CHECKING:
    from domain.access.people import Person

__all__ = ["furnished", "plant", "words"]


class Told(Command[Any]):
    """What a command of a few lines says: it answers everybody whom its kind lets through."""

    name: ClassVar = "told"
    usage: ClassVar = "told NAME"
    summary: ClassVar = "Nothing but its kind"
    action: ClassVar = Action.TRUST  # of admins and owners
    examples: ClassVar = ("told core-sw1",)
    question: ClassVar = "Which one?"

    async def _answer(self, _: Request, __: object) -> Reply:
        return Reply(template="answered")


class OfDevice(Told, DeviceCommand):
    """About a device."""


class OfRun(Told, RunCommand):
    """About a run."""

    async def options(self, _person: Person, _typed: str) -> list[Option]:
        """Nothing to choose from."""
        return []


class OfJob(Told, JobCommand):
    """About a job."""


class OfSite(Told, SiteCommand):
    """About a site."""


class OfSomewhere(Told, SomewhereCommand):
    """About all sites."""


class OfOneself(Told, OwnCommand):
    """About the person."""


NAMED: dict[type[Command[Any]], str] = {
    OfDevice: "core-sw1",
    OfRun: "{run}",
    OfJob: "nightly",
    OfSite: "plant-a",
    OfSomewhere: "",
}


async def answered(kind: type[Command[Any]], plant: Plant, who: str, typed: str) -> str:
    """The template of the answer; the error's name if it was refused."""
    place = Place(channel="C0PLANTA")
    request = Request(person=PEOPLE[who], words=tuple(typed.split()), place=place, surface=Surface.COMMAND, id="c0ffee")
    try:
        return (await kind(plant.services).handle(request)).template
    except LastgoodError as error:
        return type(error).__name__


@pytest.mark.parametrize("kind", NAMED)
@pytest.mark.parametrize(
    ("who", "expected"),
    [("viewer", NotAllowed.__name__), ("operator", NotAllowed.__name__), ("admin", "answered"), ("owner", "answered")],
)
async def test_a_kind_lets_through_whose_role_is_high_enough(
    plant: Plant, words: dict[str, str], kind: type[Command[Any]], who: str, expected: str
) -> None:
    assert await answered(kind, plant, who, NAMED[kind].format(**words)) == expected


@pytest.mark.parametrize("kind", [OfDevice, OfRun, OfJob])
async def test_who_sees_another_site_alone_is_never_answered(
    plant: Plant, words: dict[str, str], kind: type[Command[Any]]
) -> None:
    assert await answered(kind, plant, "other_plant", NAMED[kind].format(**words)) != "answered"


@pytest.mark.parametrize("who", ["viewer", "admin", "other_plant"])
async def test_what_is_about_oneself_is_for_everybody(plant: Plant, who: str) -> None:
    assert await answered(OfOneself, plant, who, "") == "answered"


@pytest.mark.parametrize("kind", [OfDevice, OfRun, OfJob])
@pytest.mark.parametrize(("who", "expected"), [("viewer", NotAllowed.__name__), ("admin", "picker")])
async def test_a_missing_name_is_asked_for_where_something_can_be_chosen(
    plant: Plant, kind: type[Command[Any]], who: str, expected: str
) -> None:
    assert await answered(kind, plant, who, "") == expected


async def test_a_command_without_a_picker_says_how_it_is_used(plant: Plant) -> None:
    class Unclear(Told):
        async def _find(self, _: Request) -> str | None:
            return None

        def _authorise(self, _: Person, __: str) -> None:
            """Never asked: there is no subject."""

    assert await answered(Unclear, plant, "owner", "") == UsageError.__name__


def test_a_command_that_says_nothing_of_authorisation_cannot_be_built(plant: Plant) -> None:
    class Forgot(Told):
        async def _find(self, _: Request) -> str:
            return ""

    with pytest.raises(TypeError, match="_authorise"):
        Forgot(plant.services)  # type: ignore[abstract]


@pytest.mark.parametrize("kind", KINDS)
def test_no_command_goes_round_its_kind(kind: type[Command[Any]]) -> None:
    """``handle`` is of the base alone; who authorises by himself is written down in ``_authorise``, not in passing."""
    assert [one for one in kind.__mro__ if "handle" in vars(one)] == [Command]
    assert kinds.__name__ in {one.__module__ for one in kind.__mro__}
