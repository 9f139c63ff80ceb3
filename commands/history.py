"""``history``: past runs, newest first."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC
from typing import TYPE_CHECKING, ClassVar
from zoneinfo import ZoneInfo

from commands.finding import visible_sites
from commands.names import site_of
from commands.parsing import leading_outcomes, since
from commands.picking import no_sites
from commands.request import Reply
from commands.words import quote
from domain.access import Action
from domain.errors import UsageError
from domain.inventory import Device, Site
from domain.runs import RunQuery
from notifications import pages
from notifications.views import Button
from storage.history import runs_page

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from commands.names import Target
    from commands.request import Request
    from commands.services import Services
    from domain.outcomes import Outcome
    from domain.people import Person
    from domain.runs import Run

PAGE = 10  # runs
MAX_DIGITS = 18  # of a run's number
MAX_TRAIL = 140  # characters of the pages that Newer can go back; further back it starts with the newest


@dataclass(frozen=True)
class Wanted:
    """What was asked for: the words that a person types, and where in the list the page begins."""

    target: Target | None = None
    outcomes: frozenset[Outcome] = frozenset()
    since: datetime | None = None
    words: tuple[str, ...] = ()  # all of it again, without the place in the list
    trail: tuple[int, ...] = ()  # run ids that ended the pages before this one; the last one is where it begins


class History:
    """The runs of a device, a site, or everything that the person may see."""

    name: ClassVar = "history"
    usage: ClassVar = "history [DEVICE|SITE] [OUTCOME] [SINCE]"
    summary: ClassVar = "Past runs, newest first"
    examples: ClassVar[tuple[str, ...]] = (
        "history core-sw1",
        "history plant-a failed 7d",
        "history modified 2026-05-01",
    )

    def __init__(self, services: Services) -> None:
        self._services = services

    async def handle(self, request: Request) -> Reply:
        """Show one page of runs, with buttons to the older and newer ones."""
        sites = visible_sites(self._services, request.person)
        if not sites:
            raise no_sites(request.person)
        wanted = self._parse(request.person, request.words)
        site = site_of(wanted.target) if wanted.target else None
        if site:
            self._services.access.require(request.person, Action.SEE, site)
        found = await runs_page(_query(wanted, sites))
        page = found[:PAGE]
        command = self._services.typed(self.name, *wanted.words)
        names = {key: one.name for key, one in self._services.inventory.sites.items()}
        context = pages.history(page, names, about=_about(wanted), command=command)
        context["buttons"] = _paging(wanted, page, more=len(found) > PAGE)
        return Reply(template="history", context=context, site=site)

    def _parse(self, person: Person, words: Sequence[str]) -> Wanted:
        hidden = [word for word in words if word.startswith("trail:")]
        rest = [word for word in words if word not in hidden]
        target, rest = self._split_target(person, rest)
        zone = self._zone(target, person)
        wanted = Wanted(
            target=target,
            words=(self._services.catalogue.word(person, target),) if target else (),
            trail=_trail(hidden),
        )
        while rest:
            wanted, used = self._take(wanted, rest, zone)
            rest = rest[used:]
        return wanted

    def _split_target(self, person: Person, words: Sequence[str]) -> tuple[Target | None, list[str]]:
        """Take the name from the front: as many words as belong to it, none if a filter comes first."""
        catalogue = self._services.catalogue
        for count in range(len(words), 0, -1):
            if catalogue.has_target(person, words[:count]):
                return catalogue.target(person, words[:count]), list(words[count:])
        if not words or self._is_filter(words, ZoneInfo("UTC")):
            return None, list(words)
        return catalogue.target(person, words[:1]), []  # unknown: raises with what is nearest

    def _is_filter(self, words: Sequence[str], zone: ZoneInfo) -> bool:
        return (
            bool(leading_outcomes(words)[1])
            or self._since(words[0], zone) is not None
            or words[0].casefold() == "since"
        )

    def _take(self, wanted: Wanted, words: Sequence[str], zone: ZoneInfo) -> tuple[Wanted, int]:
        outcomes, used = leading_outcomes(words)
        if used:
            spoken = (*wanted.words, "-".join(words[:used]).casefold())
            return replace(wanted, outcomes=wanted.outcomes | outcomes, words=spoken), used
        if words[0].casefold() == "since" and len(words) > 1:
            return wanted, 1
        start = self._since(words[0], zone)
        if start is None:
            usage = f"{self._services.slash} {self.usage}"
            raise UsageError("I know an outcome such as `failed`, and a time such as `7d` or `2026-05-01`", usage=usage)
        return replace(wanted, since=start, words=(*wanted.words, words[0].casefold())), 1

    def _since(self, word: str, zone: ZoneInfo) -> datetime | None:
        return since(word.removeprefix("since:"), now=self._services.clock.now(), zone=zone)

    def _zone(self, target: Target | None, person: Person) -> ZoneInfo:
        return self._services.inventory.sites[site_of(target)].timezone if target else zone_of(person)


def zone_of(person: Person) -> ZoneInfo:
    """The person's own time zone as Slack knows it; UTC if this machine does not know it."""
    try:
        return ZoneInfo(person.timezone)
    except (KeyError, ValueError, OSError):
        return ZoneInfo("UTC")


def _query(wanted: Wanted, sites: frozenset[str]) -> RunQuery:
    return RunQuery(
        sites=sites,
        device=wanted.target.name if isinstance(wanted.target, Device) else None,
        site=wanted.target.key if isinstance(wanted.target, Site) else None,
        outcomes=wanted.outcomes,
        since=wanted.since.astimezone(UTC) if wanted.since else None,
        before=wanted.trail[-1] if wanted.trail else None,
        limit=PAGE + 1,
    )


def _paging(wanted: Wanted, page: Sequence[Run], *, more: bool) -> tuple[Button, ...]:
    buttons = []
    if wanted.trail:
        buttons.append(_page_button("Newer runs", "newer", wanted, wanted.trail[:-1]))
    if more:
        buttons.append(_page_button("Older runs", "older", wanted, (*wanted.trail, page[-1].id)))
    return tuple(buttons)


def _page_button(text: str, suffix: str, wanted: Wanted, trail: Sequence[int]) -> Button:
    while len(",".join(map(str, trail))) > MAX_TRAIL:
        trail = trail[1:]
    value = " ".join([*map(quote, wanted.words), f"trail:{','.join(map(str, trail))}"])
    label = f"Show {text.lower()} of {_about(wanted)}"
    return Button(text=text, action=f"do:{History.name}#{suffix}", value=value, label=label)


def _trail(hidden: Sequence[str]) -> tuple[int, ...]:
    numbers = hidden[-1].removeprefix("trail:").split(",") if hidden else []
    return tuple(int(one) for one in numbers if one.isdecimal() and one.isascii() and len(one) <= MAX_DIGITS)


def _about(wanted: Wanted) -> str:
    return wanted.target.name if wanted.target else "everything you can see"
