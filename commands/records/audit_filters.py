"""What somebody wants to see of the audit, read from the words that were typed, and what they may see of it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from commands.backups.history_filters import MAX_DIGITS, zone_of
from commands.input.catalogue import site_of
from commands.input.values import since
from commands.lookup.picking import require_somewhere
from domain.audit import AuditQuery
from domain.errors import UsageError
from domain.inventory.declared import Device
from domain.roles import Action

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from commands.input.catalogue import Target
    from commands.services import Services
    from domain.access.people import Person

USAGE = "audit [SITE|DEVICE] [@PERSON] [SINCE] [denied]"
_DENIED = "denied"
_FILLERS = frozenset({"by", "since"})


@dataclass(frozen=True)
class WantedAudit:
    """What was asked for: the words that a person types, and where in the list the page begins."""

    about: Target | None = None
    actor: str | None = None
    since: datetime | None = None
    denied: bool | None = None  # None: both
    words: tuple[str, ...] = ()  # all of it again, without the place in the list
    trail: tuple[int, ...] = ()  # entries that ended the pages before this one

    def query(self, services: Services, person: Person, *, limit: int) -> AuditQuery:
        """The same as a question to storage, for what ``person`` may read."""
        about = self.about
        return AuditQuery(
            sites=audited_sites(services, person),
            hidden=services.access.hidden_devices(person),
            site=about.site if isinstance(about, Device) else about.key if about else None,
            device=about.name if isinstance(about, Device) else None,
            actor=self.actor,
            denied=self.denied,
            since=self.since.astimezone(UTC) if self.since else None,
            before=self.trail[-1] if self.trail else None,
            limit=limit,
        )


def audited_sites(services: Services, person: Person) -> frozenset[str] | None:
    """Keys of the sites whose audit ``person`` may read; None: an owner, who may read everything."""
    access = services.access
    if person.id in access.owners:
        return None
    visible = access.visible_sites(person)
    return frozenset(site.key for site in visible if access.may(person, Action.AUDIT, site.key))


def read_audit(services: Services, person: Person, words: Sequence[str]) -> WantedAudit:
    """What ``words`` ask for, by somebody who may read it.

    Raises:
        NotAllowed: this person may not read the audit there, or anywhere.
        UnknownName: there is no such site or device that this person may see.
        UsageError: a word is no filter.
    """
    _require_any(services, person)
    hidden = [word for word in words if word.startswith("trail:")]
    wanted, rest = _about(services, person, [word for word in words if word not in hidden])
    for word in rest:
        wanted = _take(services, person, wanted, word)
    return replace(wanted, trail=_trail(hidden))


def require_audit(services: Services, person: Person, wanted: WantedAudit) -> None:
    """Pass if ``person`` may read the audit of what is wanted. Raises ``NotAllowed``."""
    if wanted.about is None:
        _require_any(services, person)
        return
    device = wanted.about.name if isinstance(wanted.about, Device) else None
    services.access.require(person, Action.AUDIT, site_of(wanted.about), device)


def _require_any(services: Services, person: Person) -> None:
    if person.id not in services.access.owners:
        require_somewhere(services, person, Action.AUDIT)


def _about(services: Services, person: Person, words: Sequence[str]) -> tuple[WantedAudit, Sequence[str]]:
    catalogue = services.catalogue
    for count in range(len(words), 0, -1):
        if catalogue.has_target(person, words[:count]):
            target = catalogue.target(person, words[:count])
            wanted = WantedAudit(about=target, words=(catalogue.word(person, target),))
            require_audit(services, person, wanted)
            return wanted, words[count:]
    if words and not _is_filter(services, words[0]):
        catalogue.target(person, words[:1])  # unknown: raises with what is nearest
    return WantedAudit(), words


def _take(services: Services, person: Person, wanted: WantedAudit, word: str) -> WantedAudit:
    said = word.casefold()
    if said in _FILLERS:
        return wanted
    if said == _DENIED:
        return replace(wanted, denied=True, words=(*wanted.words, said))
    if said == "me":
        return replace(wanted, actor=person.id, words=(*wanted.words, said))
    if word.startswith("<@"):
        return replace(wanted, actor=word.strip("<@>")[:20], words=(*wanted.words, word))
    start = since(word, now=services.clock.now(), zone=zone_of(person))
    if start is None:
        usage = f"{services.slash} {USAGE}"
        raise UsageError("Filter by a site or device, `@person`, a time such as `7d`, or `denied`", usage=usage)
    return replace(wanted, since=start, words=(*wanted.words, said))


def _is_filter(services: Services, word: str) -> bool:
    said = word.casefold()
    is_time = since(word, now=services.clock.now(), zone=ZoneInfo("UTC")) is not None
    return said in {*_FILLERS, _DENIED, "me"} or word.startswith("<@") or is_time


def _trail(hidden: Sequence[str]) -> tuple[int, ...]:
    numbers = hidden[-1].removeprefix("trail:").split(",") if hidden else []
    return tuple(int(one) for one in numbers if one.isdecimal() and one.isascii() and len(one) <= MAX_DIGITS)
