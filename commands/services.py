"""What commands need of the rooms below."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Protocol

from commands.denials import Denials
from commands.input.catalogue import Catalogue
from commands.input.quoting import quote
from domain.audit import AuditEntry
from domain.inventory.declared import Device

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from commands.request import Request
    from domain.access.access import Access
    from domain.audit import AuditAction
    from domain.clock import Clock
    from domain.configs.versions import Version
    from domain.inventory.declared import Inventory, Site
    from domain.jobs.job import Job
    from domain.messages.places import Place
    from domain.runs.agent_status import AgentStatus
    from domain.runs.batches import Batch
    from domain.runs.evidence import Evidence
    from domain.runs.run import Run, Trigger
    from domain.subscriptions.routes import Route
    from notifications.previews import ConfigDiff


class Dispatcher(Protocol):
    """Starts and ends runs: ``runners.dispatcher``."""

    async def start(
        self,
        device: Device,
        *,
        asked_by: str | None,
        trigger: Trigger,
        place: Place | None,
        accept_smaller: bool = False,
    ) -> Run:
        """Start a run. Raises ``NotNow`` when one of this device has not ended yet."""
        ...

    async def start_site(
        self,
        site: Site,
        *,
        asked_by: str | None,
        trigger: Trigger,
        place: Place | None,
        hidden: frozenset[str] = frozenset(),
    ) -> tuple[Batch, list[Run]]:
        """Start a run for each device of ``site`` that has none going, but for ``hidden`` ones."""
        ...

    async def start_job(
        self, job: Job, *, asked_by: str | None, place: Place | None, hidden: frozenset[str] = frozenset()
    ) -> Run | tuple[Batch, list[Run]]:
        """Start what ``job`` covers but ``hidden`` devices, by its own limits. Raises ``NotNow``."""
        ...

    async def cancel(self, run: Run, *, by: str) -> None:
        """End ``run``. Raises ``NotNow`` when it has ended by itself."""
        ...

    def agents(
        self, *, hidden: frozenset[str] = frozenset(), sites: frozenset[str] | None = None
    ) -> Sequence[AgentStatus]:
        """How each agent is doing, by the runs at ``sites`` (None: all), but those of ``hidden`` devices."""
        ...


class WritableChannels(Protocol):
    """Where the bot can write: ``bot.slack.access_gate``."""

    async def has_us(self, channel: str) -> bool:
        """Whether the bot is in ``channel``. Raises ``SlackTrouble``."""
        ...


class EventPublisher(Protocol):
    """Tells events: ``notifications.events.publisher``."""

    async def test_route(self, route: Route) -> None:
        """Send a test to the channel of ``route``."""
        ...


class Previews(Protocol):
    """Texts of versions as they may be shown, secrets masked: ``notifications.previews``."""

    async def diff(self, device: str, before: Version, after: Version) -> ConfigDiff:
        """What changed from ``before`` to ``after``, as unified diff text."""
        ...

    async def masked_text(self, device: str, version: Version) -> str:
        """The whole configuration of ``version``."""
        ...

    def masked(self, device: str, text: str) -> str:
        """A short text about ``device``, such as what a person notes of a change."""
        ...

    def facts(self, run: Run) -> str:
        """The facts of ``run`` as they may be shown."""
        ...

    def evidence(self, run: Run) -> Evidence | None:
        """How far ``run`` came before it failed, as it may be shown."""
        ...

    def is_link_only(self, device: str, site: str | None = None) -> bool:
        """Whether no text of ``device`` may stand in Slack, masked or not."""
        ...


class Directory(Protocol):
    """Who is who in Slack: ``bot.slack.people``."""

    async def named(self, user: str) -> str:
        """The name of the person with this id; empty: there is none. Raises ``SlackTrouble``."""
        ...

    async def problem(self, principal: str) -> str:
        """Why access cannot be given to this person, user group or channel; empty: it can. Raises ``SlackTrouble``."""
        ...


@dataclass(frozen=True)
class Services:
    """Handed to every command. Storage is a module of functions and needs no handing."""

    access: Access
    inventory: Inventory
    dispatcher: Dispatcher
    directory: Directory
    channels: WritableChannels
    publisher: EventPublisher
    previews: Previews
    clock: Clock
    slash: str = "/backup"  # the slash command's name in this workspace

    @cached_property
    def catalogue(self) -> Catalogue:
        """The names of devices and sites, as each person may know them."""
        return Catalogue(self.access, lister=self.typed("devices"))

    @cached_property
    def denials(self) -> Denials:
        """Where denied tries are noted."""
        return Denials(self.access, self.clock)

    def entry(
        self,
        request: Request,
        what: AuditAction,
        where: Run | Device,
        *,
        target: str,
        before: Mapping[str, str],
        after: Mapping[str, str],
    ) -> AuditEntry:
        """What somebody did by ``request`` with a run or a device, for the audit."""
        return AuditEntry(
            at=self.clock.now(),
            actor=request.person.id,
            what=what,
            site=where.site,
            device=where.name if isinstance(where, Device) else where.device,
            target=target,
            before=before,
            after=after,
            correlation=request.id,
        )

    def typed(self, name: str, *words: str) -> str:
        """The full command line that asks the same again: ``/backup now core-sw1``."""
        return " ".join((self.slash, name, *map(quote, words)))
