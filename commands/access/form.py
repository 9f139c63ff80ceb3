"""The form in which access is given."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from commands.access.changes import AccessChanges
from commands.forms import Entries, FieldErrors
from commands.request import Form
from domain.access.granting import principal_of, role_called
from domain.errors import UnknownName
from domain.roles import Action
from notifications.pages.access import CHANNEL, GROUP, PERSON, ROLE, access_form
from notifications.pages.job_form import Reading

if TYPE_CHECKING:
    from commands.request import Option
    from commands.services import Services
    from domain.access.people import Person
    from domain.inventory.declared import Site

CALLBACK = "access"

_WHO = (PERSON, GROUP, CHANNEL)


class AccessForm:
    """Asks whom to give which role, and gives it."""

    callback: ClassVar = CALLBACK
    action: ClassVar = Action.GRANT

    def __init__(self, services: Services) -> None:
        self._services = services

    def blank(self, site: Site) -> Form:
        """The form for ``site``, with nothing chosen."""
        return _form(site.key, access_form(site.name, {}))

    async def refill(self, person: Person, entries: Entries) -> Form:
        """The form again: nothing in it answers while it is filled in."""
        site = self._site(person, entries)
        return _form(site.key, access_form(site.name, entries.values))

    async def submit(self, person: Person, entries: Entries) -> Form | FieldErrors:
        """Give the role."""
        site = self._site(person, entries)
        chosen = {name: _text(entries, name) for name in _WHO if _text(entries, name)}
        role = role_called(_text(entries, ROLE))
        if len(chosen) != 1 or role is None:
            return FieldErrors({PERSON: "Choose one: a person, a user group or a private channel."})
        [(name, word)] = chosen.items()
        principal = principal_of(word)
        if principal is None or (name == GROUP and not principal.startswith("S")):
            return FieldErrors({name: "This is not the id of a user group. Such an id begins with S."})
        await AccessChanges(self._services, person).give(site.key, principal, role)
        lines = [f"✅ The role {role.word} at {site.name} is granted. It is effective now."]
        context = {"title": "Access granted", "lines": lines, "schedule": Reading()}
        return Form(callback=CALLBACK, template="form_closing", context=context)

    def kept(self, entries: Entries, sentence: str) -> Form:
        """The form as it was filled in, with ``sentence`` at its top. Looks nothing up but a declared name."""
        return _form(entries.memory[:64], access_form("this site", entries.values, sentence=sentence))

    async def options(self, person: Person, name: str, typed: str) -> list[Option]:  # noqa: ARG002 - no field has a list
        """Nothing: Slack offers people and channels by itself."""
        return []

    def _site(self, person: Person, entries: Entries) -> Site:
        site = self._services.inventory.sites.get(entries.memory)
        if site is None or not self._services.access.may(person, Action.SEE, site.key):
            raise UnknownName("site", entries.memory[:64], lister=self._services.typed("access"))
        self._services.access.require(person, Action.GRANT, site.key)
        return site


def _text(entries: Entries, name: str) -> str:
    value = entries.values.get(name, "")
    return value.strip() if isinstance(value, str) else ""


def _form(site: str, context: dict[str, object]) -> Form:
    return Form(callback=CALLBACK, template="choice_form", context=context, memory=site)
