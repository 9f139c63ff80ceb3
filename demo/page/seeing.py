"""What one person sees, as JSON for the page: conversations, messages, threads, modals, the Home tab, files."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from demo.page.values import BadRequest, Json

if TYPE_CHECKING:
    from collections.abc import Iterable

    from demo.slack import Channel, File, LocalSlack, Message, Person, View

PAGE = 60  # messages that are sent at a time
PREVIEW_LINES = 12
FILE_LINES = 2_000  # lines of a file that are sent at a time


class Seeing:
    """The workspace through the eyes of ``person``; private answers from before ``since`` are gone."""

    def __init__(self, slack: LocalSlack, person: Person, since: str) -> None:
        self._slack = slack
        self._store = slack.store
        self.person = person
        self.since = since

    def workspace(self) -> Json:
        """Everything that is known before a conversation is opened."""
        identity = self._slack.identity
        return {
            "team": identity.domain,
            "me": self.person.id,
            "since": self.since,
            "bot": {"user": identity.bot_user, "bot": identity.bot},
            "people": {one.id: _person_form(one) for one in self._store.people.values()},
            "groups": {one.id: one.handle for one in self._store.groups.values()},
            "channel_names": {one.id: one.name for one in self._store.channels.values() if one.kind == "channel"},
            "channels": self.channels(),
            "stack": self.stack(),
            "home": self.home(),
        }

    def channels(self) -> list[Json]:
        """The conversations that the person is in, in the order they were made, the one with the bot last."""
        self._slack.dm(self.person)  # so that there is one to write to
        mine = [one for one in self._store.channels.values() if self.person.id in one.members]
        return [self._channel_form(one) for one in sorted(mine, key=lambda one: one.kind == "im")]

    def _channel_form(self, channel: Channel) -> Json:
        latest = next((one.ts for one in reversed(self._top_level(channel.id)) if one.user != self.person.id), "")
        return {
            "id": channel.id,
            "name": channel.name,
            "kind": channel.kind,
            "private": channel.private,
            "archived": channel.archived,
            "shared": channel.ext_shared,
            "bot_is_in": self._slack.identity.bot_user in channel.members,
            "members": len(channel.members),
            "latest": latest,
        }

    def sees(self, message: Message) -> bool:
        """Whether the message is on the person's screen."""
        channel = self._store.channels[message.channel]
        if self.person.id not in channel.members:
            return False
        if message.ephemeral_for is None:
            return True
        return message.ephemeral_for == self.person.id and message.ts >= self.since

    def _top_level(self, channel: str) -> list[Message]:
        messages = self._store.messages.get(channel, {}).values()
        return [one for one in messages if (one.thread_ts is None or one.broadcast) and self.sees(one)]

    def history(self, channel: str, before: str) -> Json:
        """The last messages of a conversation; ``before``: those above this ts."""
        self._need_member(channel)
        messages = [one for one in self._top_level(channel) if not before or one.ts < before]
        counts = self.reply_counts(channel)
        shown = [self.message(one, counts[one.ts]) for one in messages[-PAGE:]]
        return {"messages": shown, "more": len(messages) > PAGE}

    def thread(self, channel: str, ts: str) -> Json:
        """A message and what hangs below it."""
        self._need_member(channel)
        messages = self._store.messages[channel].values()
        shown = [one for one in messages if ts in (one.ts, one.thread_ts) and self.sees(one)]
        return {"messages": [self.message(one, 0) for one in shown]}

    def _need_member(self, channel: str) -> None:
        if self.person.id not in self._store.channels[channel].members:
            raise BadRequest(f"{self.person.name} is not in {channel}")

    def reply_counts(self, channel: str) -> Counter[str]:
        """How many replies each message of a conversation has."""
        messages = self._store.messages.get(channel, {}).values()
        return Counter(one.thread_ts for one in messages if one.thread_ts and not one.ephemeral_for)

    def message(self, message: Message, replies: int) -> Json:
        """One message with that many replies below it."""
        files = [self._file_form(self._store.files[one]) for one in message.files if one in self._store.files]
        return {
            "channel": message.channel,
            "ts": message.ts,
            "user": message.user,
            "text": message.text,
            "blocks": list(message.blocks),
            "attachments": list(message.attachments),
            "files": files,
            "thread_ts": message.thread_ts,
            "is_bot": message.bot_id is not None,
            "ephemeral": message.ephemeral_for is not None,
            "edits": message.edits,
            "broadcast": message.broadcast,
            "tombstone": message.tombstone,
            "reply_count": replies,
        }

    def _file_form(self, file: File) -> Json:
        lines = file.content.decode("utf-8", "replace").splitlines()
        return {
            "id": file.id,
            "name": file.name,
            "title": file.title,
            "size": len(file.content),
            "snippet": file.snippet_type,
            "alt": file.alt_txt,
            "deleted": file.deleted,
            "picture": picture_type(file) is not None,
            "lines": len(lines),
            "preview": lines[:PREVIEW_LINES],
        }

    def file_lines(self, file_id: str, start: int) -> Json:
        """Lines of a file that the person may see, from ``start`` on."""
        file = self._store.files.get(file_id)
        if file is None or file.deleted or not self._shared_with_person(file):
            raise BadRequest(f"there is no file {file_id}")
        lines = file.content.decode("utf-8", "replace").splitlines()
        return {"lines": lines[start : start + FILE_LINES], "total": len(lines)}

    def _shared_with_person(self, file: File) -> bool:
        return any(self.person.id in self._store.channels[channel].members for channel, _ in file.shares)

    def stack(self) -> list[Json]:
        """The modals in front of the person, the top one last."""
        return [self.view(one) for one in self._slack.views(self.person)]

    def home(self) -> Json | None:
        """The Home tab, once the bot has published it."""
        view = self._slack.home(self.person)
        return self.view(view) if view else None

    @staticmethod
    def view(view: View) -> Json:
        """A modal or Home tab."""
        return {
            "id": view.id,
            "type": view.type,
            "hash": view.hash,
            "title": view.title,
            "submit": view.submit,
            "close": view.close,
            "blocks": list(view.blocks),
            "state": {block: dict(actions) for block, actions in view.state.items()},
        }


def _person_form(person: Person) -> Json:
    return {
        "id": person.id,
        "name": person.name,
        "real_name": person.real_name,
        "tz": person.tz,
        "is_bot": person.is_bot,
        "is_guest": person.is_restricted,
        "deleted": person.deleted,
    }


_PICTURES = {b"\x89PNG\r\n\x1a\n": "image/png", b"\xff\xd8\xff": "image/jpeg", b"GIF8": "image/gif"}


def picture_type(file: File) -> str | None:
    """The media type of a picture that a browser may show, by its first bytes; None for anything else."""
    return next((kind for start, kind in _PICTURES.items() if file.content.startswith(start)), None)


def people_to_be(slack: LocalSlack, chosen: Iterable[Person]) -> list[Person]:
    """The people one can act as: those ``chosen``, or everybody who is no bot."""
    return list(chosen) or [one for one in slack.store.people.values() if not one.is_bot and not one.deleted]
