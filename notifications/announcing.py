"""Telling what became of runs: one message per run or batch, put once and edited, details in its thread."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from domain.errors import LastgoodError
from domain.outbox import MessageKind, Quote
from domain.outcomes import Outcome
from domain.runs import Place, Trigger
from notifications import changes, pages, views
from notifications.addresses import Address
from storage import outbox
from storage import runs as run_store
from storage.devices import device_state
from storage.versions import version_of

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

    from domain.access import Access
    from domain.clock import Clock
    from domain.outbox import Message
    from domain.runs import Batch, BatchState, Run
    from notifications.previewing import ConfigDiff, Previews
    from notifications.rendering import Renderer

log = logging.getLogger(__name__)

_WORTH_SENDING: Final = timedelta(days=2)
_ROWS: Final = 30  # runs in the table of a batch
_TROUBLES: Final = 100  # failed runs looked at for the list of a batch
_DIFFS: Final = 10  # of a batch that are shown in its thread
_NEWS: Final = frozenset({Outcome.FAILED, Outcome.TIMED_OUT, Outcome.MODIFIED})
_GROUPS: Final = (  # what a batch's table shows first
    frozenset({Outcome.FAILED, Outcome.TIMED_OUT}),
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
        renderer: Renderer,
        previews: Previews,
        *,
        access: Access,
        clock: Clock,
        wake: Callable[[], None],
        slash: str = "/backup",
    ) -> None:
        self._renderer = renderer
        self._previews = previews
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
            ended = [run.id for run in latest if run.outcome.is_final]
            if ended:
                await run_store.mark_announced(ended)

    async def _messages(self, runs: Sequence[Run]) -> list[Message]:
        found: list[Message] = []
        for run in runs:
            place = self._place(run)
            if run.batch is None and place is not None and _is_news(run.trigger, {run.outcome}):
                found += [await self._run_message(run, place)]
                found += await self._diff_messages(run, place, thread_key=f"run:{run.id}")
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

    async def _run_message(self, run: Run, place: Place) -> Message:
        facts = self._previews.facts(run)
        lines = await self._baseline_lines(run)
        kept = await device_state(run.device) if run.outcome.is_final and not run.outcome.is_good else None
        context = views.run_message(run, self._site_name(run.site), facts=facts, lines=lines, kept=kept)
        content = self._content("run", context, progress=not run.outcome.is_final)
        address = self._address(run, place, devices=self._access.restricted_among([run.device]))
        return address.message(f"run:{run.id}", content, quotes=(Quote(run.device),) if facts else ())

    async def _baseline_lines(self, run: Run) -> int:
        version = await version_of(run.device, run.version) if run.is_baseline and run.version else None
        if version is None:
            return 0
        try:
            return await self._previews.line_count(run.device, version)
        except LastgoodError:  # the number of lines is an ornament
            log.warning("baseline cannot be read", extra={"run": run.id})
            return 0

    async def _diff_messages(self, run: Run, place: Place, *, thread_key: str) -> list[Message]:
        if run.outcome is not Outcome.MODIFIED or run.base_version is None or run.version is None:
            return []
        before = await version_of(run.device, run.base_version)
        after = await version_of(run.device, run.version)
        if before is None or after is None:
            return []
        devices = self._access.restricted_among([run.device])
        thread = self._address(run, place, thread_key=thread_key, devices=devices)
        try:
            found = await self._previews.diff(run.device, before, after)
        except LastgoodError as error:
            log.warning("diff cannot be shown", extra={"run": run.id, "error": str(error)})
            content = self._content("notice", views.notice(f"The diff cannot be shown. {error.advice}"))
            return [thread.message(f"run:{run.id}:diff", content)]
        if self._previews.is_link_only(run.device, run.site):
            return [thread.message(f"run:{run.id}:diff", self._content("link_only", changes.link_only_run(run, found)))]
        return await asyncio.to_thread(self._shown_diff, run, thread, found)

    def _shown_diff(self, run: Run, thread: Address, found: ConfigDiff) -> list[Message]:
        """A summary with the diff or its first hunks; a long one also as a file. Large ones take their time."""
        before, after = run.base_version, run.version or 0
        content = self._content("diff", changes.diff(run.device, found, before=before, after=after))
        quotes = tuple(Quote(run.device, number) for number in (before, after) if number)
        shown = thread.message(f"run:{run.id}:diff", content, shows_config=True, quotes=quotes)
        if changes.is_short(found.text):
            return [shown]
        file = changes.diff_file(run.device, found, before=before, after=after)
        whole = thread.message(f"run:{run.id}:file", file, kind=MessageKind.FILE, shows_config=True, quotes=quotes)
        return [shown, whole]

    async def _batch_messages(self, part: _Part, changed: Sequence[Run]) -> list[Message]:
        state = await run_store.batch_state(part.batch, hidden=part.hidden, only=part.only)
        if state is None or not state.batch.total or not _is_news(state.batch.trigger, _outcomes(state)):
            return []
        address = self._address(state.batch, part.place, devices=part.devices)
        site = self._site_name(state.batch.site) + (", restricted devices" if part.only else "")
        context = pages.batch_message(state, site, await self._batch_rows(state, part), slash=self._slash)
        content = self._content("batch", context, progress=not state.is_over)
        messages = [address.message(part.key, content)]
        for run in await self._worth_a_diff(state.batch, part, changed):
            messages += await self._diff_messages(run, part.place, thread_key=part.key)
        if state.is_over:
            messages += await self._troubles(state, part, replace(address, thread_key=part.key))
        return messages

    async def _batch_rows(self, state: BatchState, part: _Part) -> list[Run]:
        rows: list[Run] = []
        for group in _GROUPS:
            if len(rows) < _ROWS and any(state.counts.get(outcome) for outcome in group):
                rows += await part.runs(limit=_ROWS - len(rows), outcomes=group)
        return rows

    async def _worth_a_diff(self, batch: Batch, part: _Part, changed: Sequence[Run]) -> list[Run]:
        """Those of ``changed`` that are among the first modified ones of their batch; of a schedule's, these first."""
        modified = [run for run in changed if run.outcome is Outcome.MODIFIED]
        is_quiet = batch.trigger is Trigger.SCHEDULE
        if not modified and not is_quiet:
            return []
        first = await part.runs(limit=_DIFFS, outcomes=frozenset({Outcome.MODIFIED}))
        if is_quiet:  # nothing was told of it before it was over
            return first
        shown = {run.id for run in first}
        return [run for run in modified if run.id in shown]

    async def _troubles(self, state: BatchState, part: _Part, thread: Address) -> list[Message]:
        failed = state.counts.get(Outcome.FAILED, 0) + state.counts.get(Outcome.TIMED_OUT, 0)
        is_more = state.counts.get(Outcome.MODIFIED, 0) > _DIFFS
        if not failed and not is_more:
            return []
        runs = await part.runs(limit=_TROUBLES, outcomes=_GROUPS[0])
        context = pages.batch_troubles(
            runs, failed=failed, more_diffs=is_more, asked_by=state.batch.asked_by or "", slash=self._slash
        )
        return [thread.message(f"{thread.thread_key}:troubles", self._content("batch_troubles", context))]

    def _address(
        self, about: Run | Batch, place: Place, *, thread_key: str | None = None, devices: tuple[str, ...] = ()
    ) -> Address:
        expires_at = self._clock.now() + _WORTH_SENDING
        return Address(place, about.asked_by, (about.site,), expires_at, thread_key, devices)

    def _content(self, template: str, context: views.Context, *, progress: bool = False) -> dict[str, object]:
        """A rendered message; ``progress`` tells delivery that a later state will replace it."""
        return {**self._renderer.render(template, context).as_payload(), "progress": progress}

    def _site_name(self, site: str) -> str:
        found = self._access.inventory.sites.get(site)
        return found.name if found else site


def _is_news(trigger: Trigger, outcomes: Collection[Outcome]) -> bool:
    """Whether anybody wants to read it unasked: of what a schedule began, changes and trouble, and only at the end.

    Who asks for a run waits for its message; ten thousand devices that are up to date every night are no news.
    """
    if trigger is not Trigger.SCHEDULE:
        return True
    return all(outcome.is_final for outcome in outcomes) and any(outcome in _NEWS for outcome in outcomes)


def _outcomes(state: BatchState) -> frozenset[Outcome]:
    return frozenset(outcome for outcome, count in state.counts.items() if count)
