"""What tells of runs, with runs in a real database and the local Slack to stand in."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import timedelta
from types import MappingProxyType
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from domain.access.access import Access
from domain.inventory.declared import Inventory, Site
from domain.messages.places import Place
from domain.runs.outcomes import Outcome
from domain.runs.run import NewRun, Trigger
from domain.runs.steps import RunEnd, RunStart, StoredVersion
from notifications.previews import ConfigDiff
from storage.runs import runs as run_store
from tests.notifications.publishing import publishing_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from domain.configs.versions import Version
    from domain.runs.evidence import Evidence
    from domain.runs.run import Run
    from tests.notifications.conftest import Post

SITE = Site(key="plant-a", name="Plant A", timezone=ZoneInfo("UTC"), channel="C0PLANTA")
INVENTORY = Inventory(MappingProxyType({"plant-a": SITE}), MappingProxyType({}), MappingProxyType({}))
PLACE = Place(channel="C0PLANTA")
SHORT = ConfigDiff("@@ -1 +1 @@\n-ntp 10.0.0.1\n+ntp 10.0.0.2\n", 1, 1)
LONG = ConfigDiff("".join(f"@@ -{n} +{n} @@\n-old {n}\n+new {n}\n" for n in range(1_000)), 1_000, 1_000)


@dataclass
class FixedPreviews:
    """Previews that show the same diff for every pair of versions."""

    change: ConfigDiff = SHORT
    error: Exception | None = None
    link_only: bool = False
    asked: list[tuple[int, int]] = field(default_factory=list)
    of_device: dict[str, ConfigDiff] = field(default_factory=dict)

    async def diff(self, device: str, before: Version, after: Version) -> ConfigDiff:
        """The diff set by the test, or its error."""
        if self.error:
            raise self.error
        self.asked.append((before.number, after.number))
        return self.of_device.get(device, self.change)

    async def line_count(self, device: str, version: Version) -> int:  # noqa: ARG002 - the same for all
        """Always the same."""
        return 412

    def facts(self, run: Run) -> str:
        """The one secret of these tests taken out."""
        return run.facts.replace("s3cret", "<secret 1a2b>")

    def evidence(self, run: Run) -> Evidence | None:
        """As it is."""
        return run.evidence

    def is_link_only(self, device: str, site: str | None = None) -> bool:  # noqa: ARG002 - the same for all
        """As the test says."""
        return self.link_only


@dataclass
class Notifiers:
    """An announcer with runs in a real database."""

    post: Post
    previews: FixedPreviews

    def __post_init__(self) -> None:
        access = Access(INVENTORY, frozenset())
        self.publishing = publishing_of(
            self.previews, access=access, clock=self.post.clock, wake=self.post.deliverer.wake
        )

    async def tell(self, runs: Sequence[Run], *, seconds: int = 6) -> None:
        """Announce ``runs`` and let Slack show them."""
        await self.publishing.announcer.runs_changed(runs)
        await self.post.deliverer.settled()
        await self.post.pass_time(seconds)
        await self.publishing.publisher.tick()
        await self.post.deliverer.settled()
        await self.post.pass_time(1)

    def new(self, device: str = "core-sw1") -> NewRun:
        """A run of ``device`` that Anna asks for in the channel of its site."""
        return NewRun(
            device=device,
            site="plant-a",
            trigger=Trigger.MANUAL,
            created_at=self.post.clock.now(),
            waiting_limit=timedelta(minutes=30),
            running_limit=timedelta(minutes=5),
            asked_by="U02ANNA",
            place=PLACE,
        )

    async def start(self, *runs: Run) -> list[Run]:
        """Set ``runs`` In Progress."""
        now = self.post.clock.now()
        return await run_store.start_runs([RunStart(run=run.id, agent="local", attempt=1, at=now) for run in runs])

    async def end(self, run: Run, outcome: Outcome, **facts: object) -> list[Run]:
        """End ``run`` with ``outcome``."""
        end = RunEnd(run=run.id, outcome=outcome, at=self.post.clock.now(), attempts=1)
        return await run_store.finish_runs([replace(end, **facts)])  # type: ignore[arg-type]  # fields of RunEnd

    async def store(self, run: Run, number: int) -> list[Run]:
        """End ``run`` with version ``number``: the baseline if it is the first."""
        now = self.post.clock.now()
        stored = StoredVersion(
            device=run.device,
            site=run.site,
            number=number,
            commit=f"{run.id:040x}",
            run=run.id,
            captured_at=now,
            size=9,
            digest=f"{number}",
            added=1,
            removed=1,
        )
        base = number - 1 or None
        outcome = Outcome.MODIFIED if base else Outcome.UP_TO_DATE
        return await self.end(run, outcome, stored=stored, version=number, base_version=base)


async def modified_run(notifiers: Notifiers, device: str = "core-sw1") -> list[Run]:
    """A run that found version 2, after another that stored the baseline and told nobody."""
    [first] = await run_store.add_runs([replace(notifiers.new(device), place=None)])
    await notifiers.store(first, 1)
    [second] = await run_store.add_runs([notifiers.new(device)])
    await notifiers.start(second)
    return await notifiers.store(second, 2)
