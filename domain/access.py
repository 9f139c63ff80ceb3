"""Who may do what, where: one table, and the one question that every entry point asks."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum, StrEnum
from typing import TYPE_CHECKING

from domain.errors import NotAllowed

if TYPE_CHECKING:
    from domain.inventory import Device, Inventory, Site
    from domain.people import Person


class Role(IntEnum):
    """What a person is at a site; a higher role may do all that a lower one may."""

    VIEWER = 1
    OPERATOR = 2
    ADMIN = 3
    OWNER = 4  # of the installation: every site

    @property
    def word(self) -> str:
        """The role as people read and write it."""
        return self.name.lower()


class Action(StrEnum):
    """What can be asked for at a site; the value completes "may not ... at Plant A"."""

    SEE = "see configurations"
    RUN = "run backups"
    CANCEL = "cancel runs"
    TRUST = "accept host keys"
    EDIT = "add or change jobs"


LOWEST_ROLE = {
    Action.SEE: Role.VIEWER,
    Action.RUN: Role.OPERATOR,
    Action.CANCEL: Role.OPERATOR,
    Action.TRUST: Role.ADMIN,
    Action.EDIT: Role.OPERATOR,
}


@dataclass(frozen=True)
class Access:
    """The grants of an installation, asked at every door and again when something is sent."""

    inventory: Inventory
    owners: frozenset[str]
    allow_guests: bool = False
    allow_external: bool = False

    def admit(self, person: Person) -> None:
        """Let ``person`` through the first door, or say why not.

        Raises:
            NotAllowed: a bot, a deactivated account, a guest, or somebody of another organisation.
        """
        reason = self._refusal(person)
        if reason:
            raise NotAllowed(f"{person.id} refused: {reason}", advice=f"Lastgood does not answer {reason}.")

    def role(self, person: Person, site: str) -> Role | None:
        """The highest role of ``person`` at ``site``; None: the site does not exist for this person."""
        if self._refusal(person):
            return None
        if person.id in self.owners:
            return Role.OWNER
        found = self.inventory.sites.get(site)
        granted = (role for role, ids in found.access.items() if ids & person.principals) if found else ()
        return max(granted, default=None)

    def may(self, person: Person, action: Action, site: str) -> bool:
        """Whether ``person`` may do ``action`` at ``site``."""
        role = self.role(person, site)
        return role is not None and role >= LOWEST_ROLE[action]

    def require(self, person: Person, action: Action, site: str) -> None:
        """Pass, or refuse in words that name what is missing and who can grant it.

        Raises:
            NotAllowed: the role is too low. Whoever has no role at all hears nothing about the site.
        """
        if self.may(person, action, site):
            return
        if self.role(person, site) is None:
            raise NotAllowed(f"{person.id} has no role at {site}", advice="You have no access to that.")
        name = self.inventory.sites[site].name
        raise NotAllowed(
            f"{person.id} may not {action.value} at {site}",
            advice=f"You may not {action.value} at {name}: that takes the role {LOWEST_ROLE[action].word}. "
            f"{self._granters(site)} can grant it.",
        )

    def visible_sites(self, person: Person) -> tuple[Site, ...]:
        """The sites that exist for ``person``."""
        return tuple(site for site in self.inventory.sites.values() if self.role(person, site.key) is not None)

    def visible_devices(self, person: Person) -> tuple[Device, ...]:
        """The devices that exist for ``person``."""
        return tuple(device for site in self.visible_sites(person) for device in self.inventory.by_site[site.key])

    def _granters(self, site: str) -> str:
        admins = sorted(self.inventory.sites[site].access.get(Role.ADMIN, frozenset()) | self.owners)
        return ", ".join(mention(who) for who in admins[:5]) or "Whoever keeps app.yaml"

    def _refusal(self, person: Person) -> str:
        refusals = {
            "bots": person.is_bot,
            "deactivated accounts": person.is_deactivated,
            "people of other organisations": person.is_external and not self.allow_external,
            "guests": person.is_guest and not self.allow_guests,
        }
        return next((reason for reason, applies in refusals.items() if applies), "")


def mention(principal: str) -> str:
    """How Slack shows a person or a user group by its id."""
    return f"<!subteam^{principal}>" if principal.startswith("S") else f"<@{principal}>"
