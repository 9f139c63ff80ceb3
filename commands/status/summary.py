"""``summary``: what became of the runs of some days, on demand."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, ClassVar

from commands.backups.history_filters import zone_of
from commands.input.values import day_of
from commands.lookup.kinds import SiteAndRest, SiteCommand
from commands.request import Reply
from domain.digests.periods import MAX_PERIOD_DAYS, Period, read_period, short_date
from domain.digests.scopes import restricted_in, seen_scope
from domain.roles import Action
from notifications.digests.composer import about_scope
from notifications.digests.facts import DigestRequest, gather
from notifications.digests.pages import digest_page

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from commands.request import Request
    from domain.access.people import Person

_KNOWN = (
    "Give a period: `today`, `yesterday`, `7d`, `this week`, `last month`, `2026-05-03` or `2026-05-01 until "
    "2026-05-07`"
)


class Summary(SiteCommand):
    """The same that the digests tell, for a site or for all that the person may see."""

    name: ClassVar = "summary"
    usage: ClassVar = "summary [SITE] [PERIOD]"
    summary: ClassVar = "What failed, changed or needs action: today, or in the days you name"
    action: ClassVar = Action.SEE
    examples: ClassVar = (
        "summary",
        "summary plant-a yesterday",
        "summary plant-a 7d",
        "summary 2026-05-01 until 2026-05-07",
    )

    async def _answer(self, request: Request, wanted: SiteAndRest) -> Reply:
        """Summarise the days that the words name, at one site or at all of them."""
        access, person, now = self._services.access, request.person, self._services.clock.now()
        site, rest = wanted
        zone = site.timezone if site else zone_of(person)
        period = self._period(person, rest, now.astimezone(zone).date())
        sites = [site.key] if site else [one.key for one in access.visible_sites(person)]
        scope = seen_scope(access, person, sites)
        asked = DigestRequest(scope=scope, period=period, zone=zone)
        agents = self._services.dispatcher.agents(
            hidden=access.restricted_devices(),  # channels may read it
            sites=scope.every_site,
        )
        facts = await gather(asked, self._services.inventory, agents, now=now)
        about = about_scope(scope, access, self._services.slash)
        if site is None:
            about = replace(about, site="")
        return Reply(
            template="digest",
            context=digest_page(facts, about),
            sites=tuple(sorted(scope.every_site)),
            devices=restricted_in(access, scope),
        )

    def _period(self, person: Person, words: Sequence[str], today: date) -> Period:
        found = read_period(" ".join(words) or "today", today=today) or _from_until(words)
        if found is None:
            if read_period(words[0], today=today) is None and day_of(words[0]) is None:
                self._services.catalogue.target(person, words[:1])  # unknown: raises with what is nearest
            raise self._misused(_KNOWN)
        if found.first > today:
            raise self._misused("This period is in the future")
        return found


def _from_until(words: Sequence[str]) -> Period | None:
    """``2026-05-03``, or ``2026-05-01 until 2026-05-07``; of many days the last ones. None: it is neither."""
    days = [day_of(word) for word in words if word.casefold() not in {"until", "to", "from", "since"}]
    if len(days) not in {1, 2} or None in days:
        return None
    first, last = min(day for day in days if day), max(day for day in days if day)
    first = max(first, last - timedelta(days=MAX_PERIOD_DAYS - 1))
    if first == last:
        return Period(first=first, days=1, words=short_date(first, year=True), typed=first.isoformat())
    span = f"{first.isoformat()} until {last.isoformat()}"
    return Period(first=first, days=(last - first).days + 1, words=span, typed=span)
