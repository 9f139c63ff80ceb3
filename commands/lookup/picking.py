"""Sites where somebody may do something: at least one, or the answer that there is none."""

from __future__ import annotations

from typing import TYPE_CHECKING

from domain.errors import NotAllowed

if TYPE_CHECKING:
    from commands.services import Services
    from domain.access.people import Person
    from domain.roles import Action


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
