"""Who may do what, where: one table, and the one question that every entry point asks."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING

from domain.access.grants import GrantBook
from domain.errors import NotAllowed
from domain.roles import LOWEST_ROLE, Action, Role

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from domain.access.people import Person
    from domain.inventory.declared import Device, Inventory, Site


@dataclass(frozen=True)
class Access:
    """Who has which role, asked at every door and again when something is sent.

    Grants come from two sources, app.yaml and Slack; they add up and the highest role counts.
    """

    inventory: Inventory
    owners: frozenset[str]
    allow_guests: bool = False
    allow_external: bool = False
    book: GrantBook = field(default_factory=GrantBook)

    def admit(self, person: Person) -> None:
        """Let ``person`` through the first door, or say why not.

        Raises:
            NotAllowed: a bot, a deactivated account, a guest, or somebody of another organisation.
        """
        reason = self._refusal(person)
        if reason:
            raise NotAllowed(f"refused: {reason}", advice=f"Lastgood does not answer {reason}.")

    @property
    def principals(self) -> frozenset[str]:
        """Everybody to whom anything is granted: people, user groups and private channels."""
        return self.inventory.principals | self.book.principals

    def principals_at(self, sites: Iterable[str] | None) -> frozenset[str]:
        """Everybody to whom something is granted at ``sites``, or for a device there; None: anywhere."""
        if sites is None:
            return self.principals
        found: set[str] = set()
        for site in sites:
            found.update(*self.granted(site).values(), self.inventory.named_at(site))
        return frozenset(found)

    def places(self, sites: Iterable[str], devices: Iterable[str]) -> frozenset[str]:
        """These sites, and those where these devices are now: what must be asked about whoever is to see them."""
        declared = self.inventory.devices
        return frozenset(sites).union(declared[name].site for name in devices if name in declared)

    def is_unsure(self, person: Person, sites: Iterable[str]) -> bool:
        """Whether Slack left open something that ``person`` may be allowed at one of ``sites``."""
        return bool(person.unknown and person.unknown & self.principals_at(sites))

    def granted(self, site: str) -> Mapping[Role, frozenset[str]]:
        """Who has which role at ``site``, from both sources; empty: it is not declared."""
        found = self.inventory.sites.get(site)
        if found is None:
            return MappingProxyType({})
        given = self.book.roles(site)
        roles = {*found.access, *given}
        return MappingProxyType(
            {role: found.access.get(role, frozenset()) | given.get(role, frozenset()) for role in roles}
        )

    def role(self, person: Person, site: str) -> Role | None:
        """The highest role of ``person`` at ``site``; None: the site does not exist for this person."""
        if self._refusal(person):
            return None
        if person.id in self.owners:
            return Role.OWNER
        principals = person.principals
        return max((role for role, ids in self.granted(site).items() if ids & principals), default=None)

    def may(self, person: Person, action: Action, site: str, device: str | None = None) -> bool:
        """Whether ``person`` may do ``action`` at ``site``, and with ``device`` if one is named."""
        role = self.role(person, site)
        if role is None or role < LOWEST_ROLE[action]:
            return False
        return device is None or not self.is_hidden(person, device)

    def sees(self, person: Person, site: str, device: str | None) -> bool:
        """Whether ``device`` of ``site``, or the site if none is named, exists for ``person``."""
        return self.may(person, Action.SEE, site, device)

    def require(self, person: Person, action: Action, site: str, device: str | None = None) -> None:
        """Pass, or refuse in words that name what is missing and who can grant it.

        Raises:
            NotAllowed: the role is too low. Whoever may not see what it is about hears nothing of it.
        """
        if self.may(person, action, site, device):
            return
        if self.role(person, site) is None or (device is not None and self.is_hidden(person, device)):
            facts = f"may not see {device or site}"
            raise NotAllowed(facts, advice="You have no access to that.", site=site, device=device)
        name = self.inventory.sites[site].name
        raise NotAllowed(
            f"may not {action.value} at {site}",
            advice=f"You may not {action.value} at {name}: this needs the role {LOWEST_ROLE[action].word}. "
            f"{self._granters(site)} can grant it.",
            site=site,
            device=device,
        )

    def is_hidden(self, person: Person, device: str) -> bool:
        """Whether ``device`` is restricted and ``person`` is none of those it is there for."""
        if person.id in self.owners:
            return False
        declared = self.inventory.devices.get(device)
        if declared is None:
            return device in self.book.sealed
        return declared.only is not None and not declared.only & person.principals

    def visible_sites(self, person: Person) -> tuple[Site, ...]:
        """The sites that exist for ``person``."""
        return tuple(site for site in self.inventory.sites.values() if self.role(person, site.key) is not None)

    def visible_devices(self, person: Person) -> tuple[Device, ...]:
        """The devices that exist for ``person``."""
        hidden = self.hidden_devices(person)
        every = (device for site in self.visible_sites(person) for device in self.inventory.by_site[site.key])
        return tuple(device for device in every if device.name not in hidden)

    def hidden_devices(self, person: Person) -> frozenset[str]:
        """Names of devices that this person may not see, whatever sites exist for them."""
        return frozenset(name for name in self.restricted_devices() if self.is_hidden(person, name))

    def restricted_devices(self) -> frozenset[str]:
        """Names of devices that are hidden from somebody: they are never shown in a channel."""
        sealed = self.book.sealed - self.inventory.devices.keys() if self.book.sealed else frozenset()
        return self.inventory.restricted | sealed

    def restricted_among(self, devices: Iterable[str]) -> tuple[str, ...]:
        """Those of ``devices`` that are hidden from somebody: what a message must say that it holds."""
        restricted = self.restricted_devices()
        return tuple(sorted(restricted.intersection(devices))) if restricted else ()

    def _granters(self, site: str) -> str:
        admins = sorted(self.granted(site).get(Role.ADMIN, frozenset()) | self.owners)
        admins = [who for who in admins if not who.startswith(("C", "G"))]  # who is in it is nobody else's business
        return ", ".join(mention(who) for who in admins[:5]) or "Whoever maintains app.yaml"

    def _refusal(self, person: Person) -> str:
        refusals = {
            "bots": person.is_bot,
            "deactivated accounts": person.is_deactivated,
            "people of other organisations": person.is_external and not self.allow_external,
            "guests": person.is_guest and not self.allow_guests,
        }
        return next((reason for reason, applies in refusals.items() if applies), "")


def mention(principal: str) -> str:
    """How Slack shows a person, a user group or a channel by its id."""
    if principal.startswith(("C", "G")):
        return f"<#{principal}>"
    return f"<!subteam^{principal}>" if principal.startswith("S") else f"<@{principal}>"
