"""``jobs``: what is backed up when, and how it went last."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, ClassVar

from commands.input.quoting import MAX_WORD, MAX_WORDS, quote
from commands.jobs.cards import job_lines
from commands.lookup.kinds import SitesCommand
from commands.lookup.records import site_and_rest, visible_sites
from commands.request import Reply
from domain.jobs.job import JobQuery, JobSort
from domain.roles import Action
from notifications.pages import jobs
from notifications.rendering.buttons import Button
from storage.jobs.lists import jobs_page

if TYPE_CHECKING:
    from collections.abc import Sequence

    from commands.request import Request
    from domain.access.people import Person
    from domain.inventory.declared import Site
    from notifications.rendering.buttons import Control

JOBS_PAGE = 15  # jobs
_PAUSED = "paused"
_MAX_TRAIL = MAX_WORDS - 8  # pages that can be gone back; from further on it starts with the first one

Mark = tuple[str, int]  # where a page begins, as storage gave it


@dataclass(frozen=True)
class WantedJobs:
    """What was asked for, and where in the list the page begins."""

    site: Site | None = None
    text: str = ""
    paused: bool | None = None  # None: both
    sort: JobSort = JobSort.NAME
    trail: tuple[Mark, ...] = ()  # the beginnings of the pages before this one, and of this one; none: the first


class Jobs(SitesCommand[WantedJobs]):
    """The jobs that the person may see."""

    name: ClassVar = "jobs"
    usage: ClassVar = "jobs [SITE] [TEXT] [paused]"
    summary: ClassVar = "Jobs: schedule, next run, last activity"
    action: ClassVar = Action.SEE
    examples: ClassVar = ("jobs", "jobs plant-a", "jobs plant-a core sort:next", "jobs paused")

    async def _answer(self, request: Request, wanted: WantedJobs) -> Reply:
        """Show one page of jobs, filtered by site and by a text in name, device or site."""
        person = request.person
        sites = visible_sites(self._services, person)
        query = self._asked(person, wanted)
        hidden = query.hidden
        page = await jobs_page(query)
        spoken = self._spoken(person, wanted)
        context = jobs.jobs(
            await job_lines(self._services, page.jobs, hidden),
            total=page.total,
            about=_about(wanted),
            order=jobs.SORTS[wanted.sort],
            command=self._typed(*spoken),
            controls=self._controls(person, wanted, page.next_after, is_full=page.total > 1),
        )
        shown = (wanted.site.key,) if wanted.site else tuple(sorted(sites))
        devices = tuple(sorted(self._services.access.restricted_devices() - hidden))  # their jobs are counted too
        return Reply(template="jobs", context=context, sites=shown, devices=devices)

    def query(self, person: Person, words: Sequence[str]) -> JobQuery:
        """The same words as a question to storage, for what ``person`` may see."""
        wanted = self._parse(person, words)
        self._authorise(person, wanted)
        return self._asked(person, wanted)

    async def _read(self, request: Request) -> WantedJobs:
        return self._parse(request.person, request.words)

    def _site_of(self, wanted: WantedJobs) -> str | None:
        return wanted.site.key if wanted.site else None

    def _asked(self, person: Person, wanted: WantedJobs) -> JobQuery:
        hidden = self._services.access.hidden_devices(person)
        return replace(_query(wanted, visible_sites(self._services, person)), hidden=hidden)

    def _parse(self, person: Person, words: Sequence[str]) -> WantedJobs:
        wanted, others = WantedJobs(), list[str]()
        for word in words:
            if word.startswith("from:"):
                wanted = replace(wanted, trail=(*wanted.trail, *_mark(word)))
            elif word.startswith("sort:") and word.removeprefix("sort:") in set(JobSort):
                wanted = replace(wanted, sort=JobSort(word.removeprefix("sort:")))
            elif word.casefold() == _PAUSED:
                wanted = replace(wanted, paused=True)
            else:
                others.append(word)
        site, rest = site_and_rest(self._services, person, others)
        return replace(wanted, site=site, text=" ".join(rest))

    def _spoken(self, person: Person, wanted: WantedJobs) -> tuple[str, ...]:
        site = (self._services.catalogue.word(person, wanted.site),) if wanted.site else ()
        sort = (f"sort:{wanted.sort.value}",) if wanted.sort is not JobSort.NAME else ()
        paused = (_PAUSED,) if wanted.paused else ()
        return (*site, *((wanted.text,) if wanted.text else ()), *paused, *sort)

    def _controls(
        self, person: Person, wanted: WantedJobs, following: Mark | None, *, is_full: bool
    ) -> tuple[Control, ...]:
        here = {sort: replace(wanted, sort=sort, trail=()) for sort in JobSort}
        values = {sort: " ".join(map(quote, self._spoken(person, one))) or "sort:name" for sort, one in here.items()}
        steps = [("Previous page", "back", wanted.trail[:-1])] if wanted.trail else []
        steps += [("Next page", "more", (*wanted.trail, following))] if following else []
        buttons = (
            Button(text=text, action=f"do:{self.name}#{suffix}", value=self._value(person, wanted, trail), label=text)
            for text, suffix, trail in steps
        )
        add = Button(text="Add a job", action="do:add", value="", label="Open the form for a new job", style="primary")
        others = replace(wanted, paused=None if wanted.paused else True, trail=())
        turned = " ".join(map(quote, self._spoken(person, others))) or "sort:name"
        menu = jobs.sort_menu(wanted.sort, values, turned=turned, only_paused=bool(wanted.paused))
        return (*((menu,) if is_full or wanted.paused else ()), *buttons, add)

    def _value(self, person: Person, wanted: WantedJobs, trail: Sequence[Mark]) -> str:
        marks = [f"from:{number}:{key}" for key, number in trail[-_MAX_TRAIL:]]
        return " ".join(map(quote, (*self._spoken(person, wanted), *marks)))


def _query(wanted: WantedJobs, sites: frozenset[str]) -> JobQuery:
    return JobQuery(
        sites=sites & {wanted.site.key} if wanted.site else sites,
        text=wanted.text,
        paused=wanted.paused,
        sort=wanted.sort,
        after=wanted.trail[-1] if wanted.trail and _begins(wanted.trail[-1][0], wanted.sort) else None,
        limit=JOBS_PAGE,
    )


def _begins(key: str, sort: JobSort) -> bool:
    """Whether a page of this order can begin there: people can type what our buttons hold."""
    if sort is JobSort.NAME or not key:
        return True
    try:
        return datetime.fromisoformat(key).tzinfo is not None
    except ValueError:
        return False


def _mark(word: str) -> tuple[Mark, ...]:
    number, _, key = word.removeprefix("from:").partition(":")
    return ((key, int(number)),) if number.isascii() and number.isdecimal() and len(number) < 19 else ()  # noqa: PLR2004 - digits of 64 bits


def _about(wanted: WantedJobs) -> str:
    site = f"of {wanted.site.name}" if wanted.site else jobs.ALL
    site = f"{site}, only paused ones" if wanted.paused else site
    return f"{site} with “{wanted.text[:MAX_WORD]}”" if wanted.text else site
