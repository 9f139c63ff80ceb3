"""Asking for the argument that is missing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from commands.request import Reply
from domain.errors import NotAllowed
from notifications.pages import answers

if TYPE_CHECKING:
    from commands.request import Picks
    from commands.services import Services
    from domain.access.people import Person
    from domain.roles import Action


def ask(command: Picks, services: Services, person: Person) -> Reply:
    """Show the picker of ``command``.

    Raises:
        NotAllowed: there is no site where ``person`` may do what the command does, so the list would be empty.
    """
    require_somewhere(services, person, command.picks)
    full = f"{services.slash} {command.usage}"
    context = answers.picker(command.name, question=command.question, placeholder="Type to search", full=full)
    return Reply(template="picker", context=context)


def require_somewhere(services: Services, person: Person, action: Action) -> None:
    """Pass if there is a site where ``person`` may do this.

    Raises:
        NotAllowed: there is none; says who can change that.
    """
    access, sites = services.access, services.access.visible_sites(person)
    if any(access.may(person, action, site.key) for site in sites):
        return
    for site in sites:
        access.require(person, action, site.key)
    raise no_sites(person)


def no_sites(person: Person) -> NotAllowed:
    """The answer to somebody for whom no site exists."""
    return NotAllowed(
        f"{person.id} has no role at any site",
        advice="You have no access to any site yet. Ask a site admin or an owner of Lastgood for it.",
    )
