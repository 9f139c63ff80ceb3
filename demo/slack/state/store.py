"""Everything the local Slack knows, in plain dictionaries, with a note of every change.

A page or a test listens through ``changes`` or waits through ``wait_for``; neither polls. Histories are bounded by
``limits.KEEP_*``: the oldest goes first.
"""

from __future__ import annotations

import asyncio
from collections import deque
from contextlib import contextmanager
from dataclasses import replace
from itertools import count
from typing import TYPE_CHECKING, TypeVar

from demo.slack.blocks import limits
from demo.slack.state.values import Call, Change, Channel, File, Message, Person, Traffic, UserGroup, View

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from domain.clock import Clock

Found = TypeVar("Found")
LISTENER_QUEUE = 10_000  # changes that a slow listener may lag behind before it loses the oldest


class Store:
    """People, conversations, messages, views and files of one workspace."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.people: dict[str, Person] = {}
        self.groups: dict[str, UserGroup] = {}
        self.channels: dict[str, Channel] = {}
        self.messages: dict[str, dict[str, Message]] = {}  # channel, then ts, in the order posted
        self.views: dict[str, View] = {}
        self.stacks: dict[str, tuple[str, ...]] = {}  # person: ids of the open modals, the top one last
        self.homes: dict[str, str] = {}  # person: id of the Home view
        self.files: dict[str, File] = {}
        self.calls: deque[Call] = deque(maxlen=limits.KEEP_CALLS)
        self.traffic: deque[Traffic] = deque(maxlen=limits.KEEP_TRAFFIC)
        self._numbers = count(1)
        self._last_ts = 0  # microseconds
        self._changed = asyncio.Event()
        self._listeners: list[deque[Change]] = []

    def changed(self, kind: str, where: str, what: str = "") -> None:
        """Tell everybody who waits or listens that something is different."""
        change = Change(next(self._numbers), kind, where, what)
        for listener in self._listeners:
            listener.append(change)
        event, self._changed = self._changed, asyncio.Event()
        event.set()

    @contextmanager
    def changes(self) -> Iterator[deque[Change]]:
        """A queue into which every change is put while the block lasts; wait on it with ``next_change``."""
        queue: deque[Change] = deque(maxlen=LISTENER_QUEUE)
        self._listeners.append(queue)
        try:
            yield queue
        finally:
            self._listeners = [one for one in self._listeners if one is not queue]

    async def next_change(self) -> None:
        """Wait until the next change."""
        await self._changed.wait()

    async def wait_for(self, predicate: Callable[[], Found | None], timeout: float = 10) -> Found:  # noqa: ASYNC109 - a test's last resort, not a way to cancel
        """Wait until ``predicate()`` is true and return what it gave; it is asked after every change.

        Raises:
            TimeoutError: ``timeout`` seconds of the wall clock went by.
        """
        async with asyncio.timeout(timeout):
            while not (found := predicate()):
                await self.next_change()
            return found

    def next_ts(self) -> str:
        """A timestamp for a message: the clock's, and never the same twice."""
        now = int(self.clock.now().timestamp() * 1_000_000)
        self._last_ts = max(now, self._last_ts + 1)
        return f"{self._last_ts // 1_000_000}.{self._last_ts % 1_000_000:06d}"

    def put_person(self, person: Person) -> None:
        """Add a person, or replace the one with this id."""
        self.people[person.id] = person
        self.changed("person", person.id)

    def put_channel(self, channel: Channel) -> None:
        """Add a conversation, or replace the one with this id."""
        self.channels[channel.id] = channel
        self.messages.setdefault(channel.id, {})
        self.changed("channel", channel.id)

    def put_message(self, message: Message) -> None:
        """Add a message, or replace the one with this channel and ts."""
        history = self.messages[message.channel]
        history[message.ts] = message
        while len(history) > limits.KEEP_MESSAGES:
            del history[next(iter(history))]
        self.changed("message", message.channel, message.ts)

    def drop_message(self, message: Message) -> None:
        """Remove a message; one with replies leaves a tombstone."""
        if self.replies(message.channel, message.ts):
            stone = replace(message, text="This message was deleted.", blocks=(), files=(), tombstone=True)
            self.put_message(stone)
            return
        self.messages[message.channel].pop(message.ts, None)
        self.changed("message_deleted", message.channel, message.ts)

    def message(self, channel: str, ts: str) -> Message | None:
        """The message as it stands now."""
        return self.messages.get(channel, {}).get(ts)

    def replies(self, channel: str, ts: str) -> list[Message]:
        """The replies below a message, ephemerals left out."""
        history = self.messages.get(channel, {}).values()
        return [one for one in history if one.thread_ts == ts and one.ephemeral_for is None]

    def put_view(self, view: View) -> None:
        """Add a view, or replace the one with this id."""
        self.views[view.id] = view
        while len(self.views) > limits.KEEP_VIEWS:
            del self.views[next(iter(self.views))]
        self.changed(view.type, view.person, view.id)

    def set_stack(self, person: str, stack: tuple[str, ...]) -> None:
        """Say which modals are open in front of a person."""
        self.stacks[person] = stack
        self.changed("stack", person)

    def put_file(self, file: File) -> None:
        """Add a file, or replace the one with this id."""
        self.files[file.id] = file
        while len(self.files) > limits.KEEP_FILES:
            del self.files[next(iter(self.files))]
        self.changed("file", file.id)

    def note_call(self, call: Call) -> None:
        """Keep a record of a call."""
        self.calls.append(call)
        self.changed("call", call.method)

    def note_traffic(self, traffic: Traffic) -> None:
        """Keep a record of a frame or request."""
        self.traffic.append(traffic)
        self.changed("traffic", traffic.kind)
