"""Telling what became of runs: one message per run or batch, put once and edited, details in its thread."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from domain.messages.places import Place
from domain.runs.outcomes import BAD, Outcome, count_bad
from notifications.pages import batches
from notifications.runs.addresses import Address
from storage.messages import outbox
from storage.runs import runs as run_store
from storage.runs.failures import batch_failures

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from domain.access.access import Access
    from domain.clock import Clock
    from domain.messages.outbox import Message
    from domain.runs.batches import Batch, BatchState
    from domain.runs.run import Run
    from notifications.events.publisher import EventPublisher
    from notifications.runs.messages import RunMessages

RUN_MESSAGE_LIFETIME: Final = timedelta(days=2)  # so long a run's message waits for Slack
MAX_BATCH_ROWS: Final = 30  # runs in the table of a batch
MAX_BATCH_DIFFS: Final = 10  # of a batch that are shown in its thread
_GROUPS: Final = (  # what a batch's table shows first
    BAD,
    frozenset({Outcome.MODIFIED}),
    frozenset({Outcome.IN_PROGRESS}),
    frozenset({Outcome.PENDING}),
    frozenset({Outcome.UP_TO_DATE}),
)


@dataclass(frozen=True, slots=True)
class _Part:
    """What one message tells of a batch."""

    batch: int
    key: str
    place: Place
    devices: tuple[str, ...] = ()  # restricted ones that it tells of
    hidden: frozenset[str] = frozenset()
    only: frozenset[str] | None = None

    async def runs(self, *, limit: int, outcomes: frozenset[Outcome]) -> list[Run]:
        """The first runs of the batch that belong here and have one of ``outcomes``."""
        return await run_store.batch_runs(
            self.batch, limit=limit, outcomes=outcomes, hidden=self.hidden, only=self.only
        )


class Announcer:
    """Turns changed runs into wishes in the outbox. Telling the same again changes nothing."""

    def __init__(
        self,
        say: RunMessages,
        publisher: EventPublisher,
        *,
        access: Access,
        clock: Clock,
        wake: Callable[[], None],
        slash: str = "/backup",
    ) -> None:
        self._say = say
        self._publisher = publisher  # hears of every end before it counts as announced
        self._access = access
        self._clock = clock
        self._wake = wake  # delivery, which sleeps while there is nothing to do
        self._slash = slash  # the name of the slash command in this workspace
        self._one_at_a_time = asyncio.Lock()  # so that no older state of a run is put after a newer one

    async def runs_changed(self, runs: Sequence[Run]) -> None:
        """Put what ``runs`` look like now, and remember those that have ended as announced."""
        async with self._one_at_a_time:
            latest = list((await run_store.runs_by_id(run.id for run in runs)).values())
            messages = await self._messages(latest)
            if messages:
                await outbox.put(messages, now=self._clock.now())
                self._wake()
            ended = [run for run in latest if run.outcome.is_final]
            if ended:
                await self._publisher.runs_ended(ended)
                await run_store.mark_announced(run.id for run in ended)

    async def _messages(self, runs: Sequence[Run]) -> list[Message]:
        found: list[Message] = []
        for run in runs:
            place = self._place(run)
            if run.batch is None and place is not None:
                found += await self._run_messages(run, place)
        for batch in dict.fromkeys(run.batch for run in runs if run.batch is not None):
            for part in await self._parts(batch):
                found += await self._batch_messages(part, [run for run in runs if run.batch == batch])
        return found

    def _place(self, run: Run) -> Place | None:
        """Where it is told of: in a channel nothing is ever said of a restricted device, so whoever asked is told."""
        if run.place is None or run.place.is_private or run.device not in self._access.restricted_devices():
            return run.place
        return Place(channel=run.asked_by) if run.asked_by else None

    async def _parts(self, batch: int) -> list[_Part]:
        """What is told of a batch, and where: its restricted devices go to whoever asked, not into a channel."""
        found = await run_store.batch_by_id(batch)
        if found is None or found.place is None:
            return []
        restricted = self._access.restricted_devices()
        devices = await run_store.batch_devices(batch, among=restricted)
        if not devices or found.place.is_private:
            return [_Part(batch, f"batch:{batch}", found.place, devices=tuple(sorted(devices)))]
        parts = [_Part(batch, f"batch:{batch}", found.place, hidden=restricted)]
        if found.asked_by:
            place = Place(channel=found.asked_by)
            parts.append(_Part(batch, f"batch:{batch}:restricted", place, tuple(sorted(devices)), only=devices))
        return parts

    async def _run_messages(self, run: Run, place: Place) -> list[Message]:
        key = f"run:{run.id}"
        address = self._address(run, place, devices=self._access.restricted_among([run.device]))
        return [(await self._say.post(run)).to(address, key), *await self._diff_messages(run, place, thread_key=key)]

    async def _diff_messages(self, run: Run, place: Place, *, thread_key: str) -> list[Message]:
        devices = self._access.restricted_among([run.device])
        thread = self._address(run, place, thread_key=thread_key, devices=devices)
        return [piece.to(thread, f"run:{run.id}") for piece in await self._say.diff(run)]

    async def _batch_messages(self, part: _Part, changed: Sequence[Run]) -> list[Message]:
        state = await run_store.batch_state(part.batch, hidden=part.hidden, only=part.only)
        if state is None or not state.batch.total:
            return []
        address = self._address(state.batch, part.place, devices=part.devices)
        site = self._say.site_name(state.batch.site) + (", restricted devices" if part.only else "")
        context = batches.batch_message(state, site, await self._batch_rows(state, part), slash=self._slash)
        content = self._say.content("batch", context, progress=not state.is_over)
        messages = [address.message(part.key, content)]
        for run in await self._worth_a_diff(part, changed):
            messages += await self._diff_messages(run, part.place, thread_key=part.key)
        if state.is_over:
            messages += await self._troubles(state, part, replace(address, thread_key=part.key))
        return messages

    async def _batch_rows(self, state: BatchState, part: _Part) -> list[Run]:
        rows: list[Run] = []
        for group in _GROUPS:
            if len(rows) < MAX_BATCH_ROWS and any(state.counts.get(outcome) for outcome in group):
                rows += await part.runs(limit=MAX_BATCH_ROWS - len(rows), outcomes=group)
        return rows

    async def _worth_a_diff(self, part: _Part, changed: Sequence[Run]) -> list[Run]:
        """Those of ``changed`` that are among the first modified ones of their batch."""
        modified = [run for run in changed if run.outcome is Outcome.MODIFIED]
        if not modified:
            return []
        first = await part.runs(limit=MAX_BATCH_DIFFS, outcomes=frozenset({Outcome.MODIFIED}))
        shown = {run.id for run in first}
        return [run for run in modified if run.id in shown]

    async def _troubles(self, state: BatchState, part: _Part, thread: Address) -> list[Message]:
        failed = count_bad(state.counts)
        is_more = state.counts.get(Outcome.MODIFIED, 0) > MAX_BATCH_DIFFS
        if not failed and not is_more:
            return []
        found = await batch_failures(part.batch, named=batches.MAX_NAMED, hidden=part.hidden, only=part.only)
        context = batches.batch_troubles(
            found, failed=failed, more_diffs=is_more, asked_by=state.batch.asked_by or "", slash=self._slash
        )
        return [thread.message(f"{thread.thread_key}:troubles", self._say.content("batch_troubles", context))]

    def _address(
        self, about: Run | Batch, place: Place, *, thread_key: str | None = None, devices: tuple[str, ...] = ()
    ) -> Address:
        expires_at = self._clock.now() + RUN_MESSAGE_LIFETIME
        return Address(place, about.asked_by, (about.site,), expires_at, thread_key, devices)
