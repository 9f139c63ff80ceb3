"""One post of a group of events: one run with its diff in the thread, or many devices with their list there."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from domain.events.transitions import Notice
from domain.messages.places import Place
from notifications.events import pages
from notifications.runs.addresses import Address
from notifications.runs.messages import Piece
from storage.runs import runs as run_store

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from domain.access.access import Access
    from domain.events.audiences import Event
    from domain.events.transitions import EventGroup
    from domain.messages.outbox import Message
    from domain.runs.run import Run
    from notifications.events.recipients import Recipient
    from notifications.pages.configs import SameChange
    from notifications.runs.messages import RunMessages

EVENT_LIFETIME: Final = timedelta(days=2)  # so long events wait for a channel that cannot be used
MAX_POST_DIFFS: Final = 10  # of one post that are shown in its thread


@dataclass(frozen=True, slots=True)
class _Thread:
    """The post, and what stands under it; the post of a storm lists its devices there."""

    post: Piece
    under: tuple[Piece, ...]


@dataclass(slots=True)
class Posts:
    """Makes the posts of one group. Recipients of the same events get the same words, which are made once."""

    say: RunMessages
    access: Access
    event_group: EventGroup
    told: int  # the newest event whose diff stands in the threads already
    _runs: dict[int, Run] = field(default_factory=dict)
    _made: dict[tuple[bool, tuple[int, ...]], _Thread] = field(default_factory=dict)
    _diffs: dict[int, tuple[Piece, ...]] = field(default_factory=dict)

    async def of(self, recipient: Recipient, *, now: datetime) -> list[Message]:
        """The post of ``recipient`` with its thread."""
        thread = await self._thread(recipient)
        key = f"events:{self.event_group.id}:{recipient.id}"
        devices = tuple(
            dict.fromkeys(one.device for one in recipient.events)
        )  # it may wait until one becomes restricted
        address = Address(
            Place(channel=recipient.id),
            recipient.id if recipient.is_person else recipient.fallback,
            (self.event_group.site,),
            now + EVENT_LIFETIME,
            devices=devices,
        )
        under = replace(address, thread_key=key)
        return [thread.post.to(address, key), *(piece.to(under, key) for piece in thread.under)]

    async def _thread(self, recipient: Recipient) -> _Thread:
        wanted = (recipient.is_person, tuple(one.id for one in recipient.events))
        if wanted not in self._made:
            self._made[wanted] = await self._compose(recipient)
        return self._made[wanted]

    async def _compose(self, recipient: Recipient) -> _Thread:
        runs = await self._runs_of(recipient.events)
        diffs = await self._new_diffs(recipient.events, runs)
        if len(recipient.events) == 1:
            return _Thread(await self._single(recipient.events[0], runs[0], is_private=recipient.is_person), diffs)
        alike = await self._alike(runs)
        return _Thread(self._many(recipient, alike), (self._list(runs, alike), *diffs))

    async def _single(self, event: Event, run: Run, *, is_private: bool) -> Piece:
        buttons = pages.run_buttons(event.notice, run, is_private=is_private)
        if event.notice in {Notice.FAILED, Notice.MODIFIED}:
            return await self.say.post(run, buttons=buttons, is_private=is_private)
        context = pages.one(event, run, self.say.site_name(run.site), buttons=buttons)
        return Piece(content=self.say.content("events", context))

    async def _alike(self, runs: Sequence[Run]) -> list[SameChange]:
        """Which of ``runs`` changed the same, by device, of the first that are compared."""
        latest = list({run.device: run for run in runs}.values())
        return await self.say.same_changes(latest) if self.event_group.notice is Notice.MODIFIED else []

    def _many(self, recipient: Recipient, alike: Sequence[SameChange]) -> Piece:
        notice, site = self.event_group.notice, self.event_group.site
        name = self.say.site_name(site)
        buttons = pages.site_buttons(notice, site, name, is_private=recipient.is_person)
        devices = list(dict.fromkeys(one.device for one in recipient.events))
        context = pages.many(notice, devices, name, buttons=buttons, alike=alike)
        return Piece(content=self.say.content("events", context, progress=True))

    def _list(self, runs: Sequence[Run], alike: Sequence[SameChange]) -> Piece:
        latest = {run.device: run for run in runs}
        context = pages.listing(self.event_group.notice, list(latest.values()), alike)
        return Piece(content=self.say.content("event_list", context, progress=True), suffix=":list")

    async def _runs_of(self, events: Sequence[Event]) -> list[Run]:
        unknown = [one.run for one in events if one.run not in self._runs]
        self._runs |= await run_store.runs_by_id(unknown)
        return [self._runs[one.run] for one in events]

    async def _new_diffs(self, events: Sequence[Event], runs: Sequence[Run]) -> tuple[Piece, ...]:
        """The diffs of the first changes that do not stand in the thread yet."""
        if self.event_group.notice is not Notice.MODIFIED:
            return ()
        first = [(one, run) for one, run in zip(events, runs, strict=True)][:MAX_POST_DIFFS]
        found: list[Piece] = []
        for run in [run for one, run in first if one.id > self.told]:
            if run.id not in self._diffs:
                self._diffs[run.id] = tuple(
                    replace(piece, suffix=f":{run.id}{piece.suffix}") for piece in await self.say.diff(run)
                )
            found += self._diffs[run.id]
        return tuple(found)
