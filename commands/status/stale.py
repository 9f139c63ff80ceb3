"""``stale``: devices that were never backed up, and those whose last good backup is too old."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, ClassVar

from commands.lookup.kinds import SitesCommand
from commands.request import Reply
from commands.status.devices import never_buttons_for, page_of, paging
from domain.roles import Action
from domain.runs.health import ages_of
from notifications.pages import lists
from storage.devices.devices import last_goods

if TYPE_CHECKING:
    from collections.abc import Sequence

    from commands.request import Request
    from domain.access.people import Person
    from domain.inventory.declared import Site

STALE_PAGE = 15  # devices
USUAL = 7  # days
MAX_STALE_DAYS = 3_650  # days

_Wanted = tuple["Site | None", int, int]  # the site, the days, the page


class Stale(SitesCommand[_Wanted]):
    """Devices without a good backup, ever or for too long: success in silence may be a failure that nobody saw."""

    name: ClassVar = "stale"
    usage: ClassVar = "stale [SITE] [DAYS]"
    summary: ClassVar = "Devices never backed up, or with a last good backup older than 7 days, or than you say"
    action: ClassVar = Action.SEE
    examples: ClassVar = ("stale", "stale 3", "stale plant-a 30")

    async def _answer(self, request: Request, wanted: _Wanted) -> Reply:
        """Show the devices that were never backed up, then those whose last good backup is older than so many days."""
        person = request.person
        site, days, page = wanted
        now = self._services.clock.now()
        among = [one for one in self._services.access.visible_devices(person) if site is None or one.site == site.key]
        goods = await last_goods(one.name for one in among)
        ages = ages_of(goods, before=now - timedelta(days=days))
        found = (*ages.never, *ages.old)
        count = max(1, -(-len(found) // STALE_PAGE))
        page = min(max(1, page), count)
        names = {one.name: self._services.inventory.sites[one.site].name for one in among}
        shown = [(name, names[name], goods[name]) for name in found[(page - 1) * STALE_PAGE : page * STALE_PAGE]]
        spoken = (*((self._services.catalogue.word(person, site),) if site else ()), str(days))
        command = self._typed(*spoken)
        context = lists.stale(shown, ages, days=days, now=now, command=command, is_one_site=site is not None)
        never = never_buttons_for(self._services, person, [one for one in among if goods[one.name] is None])
        context["buttons"] = (*never, *paging(self.name, spoken, page, count))
        sites = {one.site for one in among} | ({site.key} if site else set())
        devices = self._services.access.restricted_among(one.name for one in among)  # each of them is counted
        return Reply(template="stale", context=context, sites=tuple(sorted(sites)), devices=devices)

    async def _read(self, request: Request) -> _Wanted:
        words, page = page_of(request.words)
        return *self._parse(request.person, words), page

    def _site_of(self, wanted: _Wanted) -> str | None:
        site, _, _ = wanted
        return site.key if site else None

    def _parse(self, person: Person, words: Sequence[str]) -> tuple[Site | None, int]:
        rest = list(words)
        days = _days(rest[-1]) if rest else None
        if days is not None:
            rest.pop()
        name = " ".join(rest)
        site = self._services.catalogue.site_called(person, name.removeprefix("site:")) if name else None
        if name and site is None:
            raise self._misused("Name a site, a number of days, or both")
        return site, USUAL if days is None else days


def _days(word: str) -> int | None:
    digits = word.casefold().removesuffix("d")
    return min(int(digits), MAX_STALE_DAYS) if digits.isascii() and digits.isdecimal() and len(digits) < 10 else None  # noqa: PLR2004 - plenty
