"""The company carried into the real product: ``serve`` with its database and engine, the local Slack around it.

Runs are played: they are asked for and end in the database, and the announcing of the dispatcher follows. The clock
leaps. Everything else is as in production, but that Slack may be asked without HTTP in between (``DirectClient``).
"""

from __future__ import annotations

from contextlib import AsyncExitStack
from dataclasses import dataclass, field, replace
from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from bot.serving.serve import Serve, serving
from domain.digests.digests import DigestFields, DigestPeriod
from domain.jobs.job import JobFields, JobKind
from domain.jobs.spoken import parse_schedule
from domain.subscriptions.subscriptions import SubscriptionFields, SubscriptionScope
from storage.database.statements import fetch, utc
from storage.events import events
from storage.jobs.jobs import add_job
from storage.subscriptions import profiles, routes, subscriptions
from storage.subscriptions.digests import put_digest
from tests.features.company.runs import PlayedRuns
from tests.features.company.script import MINUTE, Change, Ended, Tick
from tests.features.company.settings import settings_of
from tests.runners.workshop import FakeTransport

if TYPE_CHECKING:
    from pathlib import Path

    from bot.settings.loading import Settings
    from demo.slack import LocalSlack
    from domain.runs.run import Run
    from tests.features.company.company import Company, Person
    from tests.features.company.props import LeapingClock
    from tests.features.company.script import Happening

SECOND = timedelta(seconds=1)
TIMEOUT = 400  # leaps of the clock until everything must have been told


@dataclass
class Stage:
    """The product with the company around it."""

    company: Company
    slack: LocalSlack
    clock: LeapingClock
    folder: Path
    starts: int = 0
    _serve: Serve | None = None
    _stack: AsyncExitStack = field(default_factory=AsyncExitStack)
    _settings: Settings | None = None
    _jobs: dict[str, int] = field(default_factory=dict)  # by site
    _runs: PlayedRuns = field(default_factory=PlayedRuns)

    @property
    def serve(self) -> Serve:
        """While it runs."""
        assert self._serve is not None, "it is stopped"
        return self._serve

    async def open(self) -> None:
        """Start, and choose what everybody has chosen."""
        for channel, members in self.company.rooms.items():
            people = [self.slack.store.people[one] for one in sorted(members)]
            self.slack.add_channel(channel.lower(), id=channel, members=people)
        await self.start()
        now = self.clock.now()
        for site in self.company.sites.values():
            job = JobFields(
                name="Nightly", kind=JobKind.SITE, site=site.key, device=None, schedule=parse_schedule("daily 00:05")
            )
            self._jobs[site.key] = (await add_job(job, zone=ZoneInfo(site.zone), by="U0BOSS", now=now)).id
        for person in self.company.people.values():
            await self._choose(person)
        for (channel, key), period in self.company.digests.items():
            await self._ask_for_report(channel, key, period, self.company.sites[key].zone)

    async def start(self) -> None:
        """Start serve, as its supervisor does."""
        if self._settings is None:
            self._settings = settings_of(self.company, self.slack, self.folder)
        running = serving(self._settings, clock=self.clock, transport=FakeTransport(), keeps_time=False)
        self._serve = await self._stack.enter_async_context(running)
        await fetch("PRAGMA synchronous=OFF", [])  # nobody pulls the plug here
        self.starts += 1

    async def stop(self) -> None:
        """Stop serve."""
        self._serve = None
        await self._stack.aclose()
        self._stack = AsyncExitStack()

    async def restart(self) -> None:
        """End it in the middle of things, and start it again."""
        await self.stop()
        await self.start()

    async def happen(self, event: Happening) -> None:
        """Let it happen, and wait until everybody has been told."""
        self.clock.leap(event.at)
        match event:
            case Ended():
                await self._ended(event)
            case Change():
                await self._changed(event)
            case Tick():
                await self._tick(event.at)
        if self._serve is not None:
            await self._settle(briefly=isinstance(event, Ended) and not event.by_job and not event.place)

    async def finish(self) -> None:
        """Wait until everything stands."""
        await self._tick(self.clock.now())
        await self._settle()

    # Runs

    async def _ended(self, event: Ended) -> None:
        ended = await self._runs.end(event, self._jobs)
        if ended:
            await self._announce(event, ended)

    async def _announce(self, event: Ended, ended: list[Run]) -> None:
        if event.killed == "untold":
            await events.take_in(events.Ended(run=run, at=event.at, reminder=self._reminder(event)) for run in ended)
        if event.killed in {"untold", "unknown"}:
            await self.restart()
            await self.serve.engine.dispatcher.settled()
            return
        announcements = self.serve.engine.dispatcher._announcements  # noqa: SLF001 - where ended runs are handed over
        announcements.put(ended)
        await announcements.settled()
        if event.killed == "unsent":
            await self.restart()

    def _reminder(self, event: Ended) -> timedelta | None:
        return timedelta(days=1) if self.company.sites[event.site].reminds else None

    # Time

    async def _tick(self, at: datetime) -> None:
        timetable, engine = self.serve.timetable, self.serve.engine
        await engine.deferred.tick()
        await timetable.bring_digests()
        if at.minute == 0 and at.hour % 6 == 1:
            await engine.overdue.tick()
        if at.minute == 0 and at.hour == 3:
            await timetable.clean_up()

    async def _settle(self, *, briefly: bool = False) -> None:
        """Let time pass until nothing is left to be told that can be told; ``briefly``: whatever can be told now."""
        engine = self.serve.engine
        for _ in range(TIMEOUT):
            await engine.deliverer.settled()
            if briefly or self.slack.faults.out or await self._is_idle():
                return
            self.clock.leap(self.clock.now() + 2 * SECOND)
            await engine.publisher.tick()
            engine.deliverer.wake()
        raise AssertionError(f"not told at {self.clock.now()}")

    async def _is_idle(self) -> bool:
        [row] = await fetch(_LEFT, [utc(self.clock.now() + 5 * MINUTE)])
        return not row["left_over"]

    # Choices and changes

    async def _choose(self, person: Person) -> None:
        now = self.clock.now()
        for one in person.subscriptions:
            scope, target = SubscriptionScope(one.scope), one.target
            target = str(self._jobs[one.site]) if scope is SubscriptionScope.JOB else target
            flags = {"failed": one.failed, "modified": one.modified, "and_new": one.and_new, "silent": one.silent}
            fields = SubscriptionFields(person=person.id, scope=scope, target=target, site=one.site, **flags)
            await subscriptions.put_subscription(fields, now=now)
        profile = await profiles.profile_of(person.id)
        profile = replace(profile, zone=person.zone, even_if_in_channel=person.wants_both)
        if person.quiet:
            profile = replace(profile, quiet_from=time(person.quiet[0]), quiet_to=time(person.quiet[1]))
        await profiles.put_profile(profile)
        for period in person.digests:
            await self._ask_for_report(person.id, None, period, person.zone)

    async def _ask_for_report(self, recipient: str, site: str | None, period: str, zone: str) -> None:
        words = "mon 07:00" if period == "week" else "daily 07:00"
        schedule = parse_schedule(words)
        fields = DigestFields(recipient=recipient, site=site, period=DigestPeriod(period), schedule=schedule, zone=zone)
        await put_digest(fields, now=self.clock.now())

    async def _changed(self, event: Change) -> None:
        match event.what:
            case "outage":
                await self.slack.faults.outage()
            case "back":
                self.slack.faults.end_outage()
                await self._after_outage(event.at)
            case "stop":
                await self.stop()
            case "start":
                await self.start()
                await self._tick(event.at)
            case "mute":
                profile = await profiles.profile_of(event.who)
                await profiles.put_profile(replace(profile, muted_until=event.until, muted_at=event.at))
            case "route off" | "route on":
                await self._switch(event)
            case "restrict" | "declare" | "demote":
                self._settings = None  # app.yaml was changed
                await self.restart()
            case _:
                await self._changed_in_slack(event)

    async def _changed_in_slack(self, event: Change) -> None:
        store = self.slack.store
        match event.what:
            case "archive" | "unarchive":
                store.put_channel(replace(store.channels[event.where], archived=event.what == "archive"))
                if event.what == "unarchive":
                    await self.serve.slack.channels.opened(event.where)
            case "leave":
                group = store.groups[event.where]
                members = tuple(one for one in group.members if one != event.who)
                store.groups[event.where] = replace(group, members=members)
            case "deactivate":
                store.put_person(replace(store.people[event.who], deleted=True))

    async def _after_outage(self, at: datetime) -> None:
        """Everything that was tried in vain is tried again."""
        for _ in range(3):
            self.clock.leap(self.clock.now() + 31 * SECOND)
            await self.serve.engine.publisher.tick()
            self.serve.engine.deliverer.wake()
            await self._settle()
        await self._tick(at)

    async def _switch(self, event: Change) -> None:
        for route in await routes.routes_to(event.where):
            await routes.change_route(
                route.id,
                events=route.events,
                active=event.what == "route on",
                expected_revision=route.revision,
                by="U0BOSS",
                now=event.at,
            )

    # app.yaml


_LEFT = """
SELECT (SELECT COUNT(*) FROM event_group WHERE is_told = 0)
     + (SELECT COUNT(*) FROM outbox WHERE waiting = 1 AND (not_before IS NULL OR not_before <= $1)) AS left_over
"""
