"""What the Home tab of one person shows, found in a few questions."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from typing import TYPE_CHECKING, Final

from domain.jobs.job import JobQuery, JobSort
from domain.runs.health import Ages, ages_of, health_of
from domain.runs.outcomes import Outcome
from domain.runs.queries import RunQuery
from storage.devices import reviews
from storage.jobs import lists
from storage.runs import dashboard
from storage.runs import runs as run_store
from storage.subscriptions import profiles, subscriptions

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from domain.access.access import Access
    from domain.access.people import Person
    from domain.configs.versions import Version
    from domain.inventory.declared import Site
    from domain.jobs.job import Job
    from domain.runs.health import Health
    from domain.runs.run import Run
    from domain.subscriptions.subscriptions import Profile, Subscription
    from storage.runs.dashboard import DeviceStanding


SHOWN: Final = 5  # lines of a section
_EVER: Final = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, kw_only=True)
class HomeFacts:
    """All that the tab of one person shows; devices hidden from that person are in none of it."""

    person: Person
    now: datetime
    sites: Sequence[Site]
    devices: Mapping[str, str]  # site by device: what is declared and visible
    standings: Mapping[str, DeviceStanding]  # of these devices
    before: Mapping[str, datetime] = field(default_factory=dict)  # a good backup of this device from before is too old
    failing: Sequence[Run] = ()  # the newest of them
    running: Sequence[Run] = ()
    unfinished: Mapping[Outcome, int] = field(default_factory=dict)
    unreviewed: Sequence[Version] = ()
    unreviewed_total: int = 0
    upcoming: Sequence[Job] = ()
    subscriptions: Sequence[Subscription] = ()
    profile: Profile | None = None

    @property
    def failing_names(self) -> list[str]:
        """The devices whose last run failed."""
        return [name for name, one in self.standings.items() if one.outcome and one.outcome.is_bad]

    @cached_property
    def health(self) -> Mapping[str, Health]:
        """How each device stands."""
        return {name: self._health(name) for name in self.devices}

    @cached_property
    def ages(self) -> Ages:
        """The devices by their last good backup."""
        goods = {name: self._good_at(name) for name in self.devices}
        old = {name for name, at in goods.items() if at and at < self.before.get(name, at)}
        found = ages_of(goods, before=self.now)
        return Ages(
            never=found.never,
            old=tuple(name for name in found.old if name in old),
            fresh=tuple(name for name in (*found.old, *found.fresh) if name not in old),
        )

    def _health(self, name: str) -> Health:
        standing, good_at = self.standings.get(name), self._good_at(name)
        outcome = standing.outcome if standing else None
        return health_of(good_at=good_at, outcome=outcome, before=self.before.get(name, _EVER))

    def _good_at(self, name: str) -> datetime | None:
        standing = self.standings.get(name)
        return standing.last_good_at if standing else None


async def home_facts(access: Access, person: Person, *, now: datetime) -> HomeFacts:
    """Find everything that ``person`` may see, in a few questions whatever the number of devices."""
    sites, hidden = access.visible_sites(person), access.hidden_devices(person)
    keys = frozenset(site.key for site in sites)
    visible = access.visible_devices(person)
    devices = {device.name: device.site for device in visible}
    known = {name: one for name, one in (await dashboard.standings(keys)).items() if name in devices}
    failed = sorted((one.run for one in known.values() if one.outcome and one.outcome.is_bad and one.run), reverse=True)
    newest = await run_store.runs_by_id(failed[:SHOWN])
    jobs = JobQuery(sites=keys, hidden=hidden, sort=JobSort.NEXT, limit=SHOWN)
    going = RunQuery(sites=keys, hidden=hidden, outcomes=frozenset({Outcome.IN_PROGRESS}), limit=SHOWN)
    return HomeFacts(
        person=person,
        now=now,
        sites=sites,
        devices=devices,
        standings=known,
        before={device.name: now - access.inventory.overdue_after(device) for device in visible},
        failing=sorted(newest.values(), key=lambda run: -run.id),
        running=await run_store.runs_page(going),
        unfinished=await dashboard.unfinished_counts(keys, hidden=hidden),
        unreviewed=await reviews.unreviewed(keys, hidden, limit=SHOWN),
        unreviewed_total=await reviews.count_unreviewed(keys, hidden),
        upcoming=[job for job in (await lists.jobs_page(jobs)).jobs if job.next_run_at],
        subscriptions=[
            one
            for one in await subscriptions.subscriptions_of(person.id)
            if one.site in keys and one.target not in hidden
        ],
        profile=await profiles.profile_of(person.id),
    )
