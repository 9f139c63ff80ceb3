"""What people see: messages, threads, modals, the Home tab, files."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING

from demo.slack.client.plain import plain

if TYPE_CHECKING:
    from demo.slack.state.values import Channel, Message, Person, View
    from demo.slack.state.workspace import Workspace


class Looking:
    """Reads the workspace as a person's screen shows it."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._store = workspace.store

    def messages(self, channel: Channel | str, *, seen_by: Person | None = None) -> list[Message]:
        """Everything in a channel in the order posted, replies among it; ephemerals only for their person."""
        channel_id = channel if isinstance(channel, str) else channel.id
        person = seen_by.id if seen_by else None
        stored = self._store.messages.get(channel_id, {}).values()
        return [one for one in stored if one.ephemeral_for is None or one.ephemeral_for == person]

    def thread(self, channel: Channel | str, ts: str) -> list[Message]:
        """The replies below a message, oldest first."""
        return self._store.replies(channel if isinstance(channel, str) else channel.id, ts)

    def message(self, message: Message) -> Message | None:
        """A message as it stands now; None after it was deleted."""
        return self._store.message(message.channel, message.ts)

    def dm(self, person: Person) -> Channel:
        """The conversation between the bot and a person."""
        return self._workspace.dm(person.id)

    def views(self, person: Person) -> list[View]:
        """The modals open in front of a person, the top one last."""
        return [self._store.views[one] for one in self._store.stacks.get(person.id, ())]

    def home(self, person: Person) -> View | None:
        """A person's Home tab, if the bot has published one."""
        shown = self._store.homes.get(person.id)
        return self._store.views[shown] if shown else None

    def channel(self, channel: Channel | str) -> Channel:
        """A channel as it stands now."""
        return self._store.channels[channel if isinstance(channel, str) else channel.id]

    def names(self) -> dict[str, str]:
        """The name for each id of a person, channel or group."""
        people = {one.id: one.name for one in self._store.people.values()}
        channels = {one.id: one.name for one in self._store.channels.values() if one.kind == "channel"}
        return people | channels | {one.id: one.handle for one in self._store.groups.values()}

    def plain(self, shown: Message | View) -> str:
        """A message or view as readable text, with the names of this workspace."""
        return plain(shown, self.names())

    def everything_sent(self) -> str:
        """All calls, frames and file contents in one text, to be searched for what must never leave the bot."""
        calls = [{"method": one.method, "args": one.args} for one in self._store.calls]
        traffic = [asdict(one) for one in self._store.traffic if one.direction == "from_bot"]
        files = [one.content.decode("utf-8", "replace") for one in self._store.files.values()]
        written = json.dumps([calls, traffic], default=str, ensure_ascii=False)
        return "\n".join([written, *files])
