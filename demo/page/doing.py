"""What one person does on the page, carried out in the local Slack."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from demo.page.values import BadRequest, Json, words
from demo.slack import NoSuchElement, OptionsFailed

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from demo.slack import Channel, Interaction, LocalSlack, Message, Person, View

MOST_TYPED = 12_000  # characters of one message, as in Slack


class Doing:
    """A person's hands on the page. Requests name the message as ``channel`` and ``ts``, or the view as ``view``."""

    def __init__(self, slack: LocalSlack, person: Person) -> None:
        self._slack = slack
        self._person = person
        self.deeds: dict[str, Callable[[Json], Awaitable[Json]]] = {
            "command": self._command,
            "say": self._say,
            "press": self._press,
            "select": self._select,
            "options": self._options,
            "submit": self._submit,
            "close": self._close,
            "open_home": self._open_home,
        }

    async def do(self, request: Json) -> Json:
        """Carry ``request`` out and tell what the person then sees.

        Raises:
            BadRequest: what it is about is not there (any more).
        """
        try:
            return await self.deeds[words(request, "do")](request)
        except NoSuchElement as error:
            raise BadRequest(str(error)) from error

    async def _command(self, request: Json) -> Json:
        typed = words(request, "text")[:MOST_TYPED]
        return _told(await self._slack.command(self._person, self._channel(request), typed))

    async def _say(self, request: Json) -> Json:
        text = self._marked(words(request, "text")[:MOST_TYPED])
        thread = request.get("thread_ts")
        message = await self._slack.say(self._person, self._channel(request), text, thread_ts=thread or None)
        return {"ts": message.ts}

    def _marked(self, typed: str) -> str:
        """What Slack's composer makes of typed text: marks for names, escapes for the three special characters."""
        text = typed.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
        store = self._slack.store
        people = {one.name: f"<@{one.id}>" for one in store.people.values()}
        channels = {one.name: f"<#{one.id}>" for one in store.channels.values() if one.kind == "channel"}
        text = re.sub(r"(?<!\w)@([\w.-]+)", lambda found: people.get(found[1], found[0]), text)
        return re.sub(r"(?<!\w)#([\w-]+)", lambda found: channels.get(found[1], found[0]), text)

    async def _press(self, request: Json) -> Json:
        source, action = self._source(request), words(request, "action_id")
        which = {"value": request.get("value"), "block_id": request.get("block_id")}
        return _told(await self._slack.press(self._person, source, action, **which))

    async def _select(self, request: Json) -> Json:
        source, action = self._source(request), words(request, "action_id")
        block = words(request, "block_id")
        return _told(await self._slack.select(self._person, source, action, request.get("choice"), block_id=block))

    async def _options(self, request: Json) -> Json:
        source, action = self._source(request), words(request, "action_id")
        typed, block = words(request, "typed", ""), words(request, "block_id")
        try:
            return {"options": await self._slack.options(self._person, source, action, typed, block_id=block)}
        except OptionsFailed as error:
            return {"options": [], "error": str(error)}

    async def _submit(self, request: Json) -> Json:
        values = request.get("values")
        if not isinstance(values, dict):
            raise BadRequest("values must be an object")
        return _told(await self._slack.submit(self._person, self._view(request), values))

    async def _close(self, request: Json) -> Json:
        everything = request.get("everything") is True
        return _told(await self._slack.close_view(self._person, self._view(request), everything=everything))

    async def _open_home(self, _request: Json) -> Json:
        await self._slack.open_home(self._person)
        return {}

    def _channel(self, request: Json) -> Channel:
        channel = self._slack.store.channels.get(words(request, "channel"))
        if channel is None or self._person.id not in channel.members:
            raise BadRequest(f"{self._person.name} is not in this conversation")
        return channel

    def _source(self, request: Json) -> Message | View:
        return self._view(request) if request.get("view") else self._message(request)

    def _message(self, request: Json) -> Message:
        found = self._slack.store.message(words(request, "channel"), words(request, "ts"))
        if found is None:
            raise BadRequest("this message is gone")
        return found

    def _view(self, request: Json) -> View:
        found = self._slack.store.views.get(words(request, "view"))
        if found is None:
            raise BadRequest("this view is gone")
        return found


def _told(done: Interaction) -> Json:
    return {
        "kind": done.kind,
        "acked": done.acked,
        "ack_ms": done.ack_ms,
        "error": done.error,
        "rules": list(done.rules),
        "field_errors": dict(done.field_errors),
    }
