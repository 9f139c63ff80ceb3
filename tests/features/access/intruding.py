"""Somebody at every door with what belongs to others: names, numbers, buttons, lists and forms, real and made up."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from slack_bolt.request.async_request import AsyncBoltRequest

from demo.slack import Message
from demo.slack.blocks.contents import blocks_within, elements_within
from demo.slack.client.entries import options_of
from demo.slack.transport import payloads

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from demo.slack import Channel, Person, View
    from tests.support.serve_fixtures import Town

Json = dict[str, Any]

BETWEEN = timedelta(minutes=1)  # so that nobody is refused too often to be answered
OURS = ("do:", "pick:")
SHOWING = ("chat.", "views.", "files.", "response_url")  # methods by which something comes before people's eyes


@dataclass(frozen=True)
class Pressed:
    """A button or a choice of a menu, as somebody else was shown it."""

    action: str
    value: str
    is_choice: bool

    def as_action(self) -> Json:
        """What Slack says of it when it is pressed."""
        named = {"action_id": self.action, "block_id": "b", "action_ts": ""}
        if self.is_choice:
            chosen = {"text": {"type": "plain_text", "text": "-"}, "value": self.value}
            return {**named, "type": "static_select", "selected_option": chosen}
        return {**named, "type": "button", "value": self.value}


def everything_to_press(town: Town) -> list[Pressed]:
    """Each button and each choice that anybody was shown so far, once."""
    seen = [one.blocks for channel in town.slack.store.messages.values() for one in channel.values()]
    seen += [view.blocks for view in town.slack.store.views.values() if view.type == "home"]
    found = {one for blocks in seen for block in blocks_within(blocks) for one in _pressable(block)}
    return sorted(found, key=lambda one: (one.action, one.value))


def _pressable(block: Json) -> Iterator[Pressed]:
    for element in elements_within(block):
        action = str(element.get("action_id"))
        if not action.startswith(OURS):
            continue
        if element["type"] == "button":
            yield Pressed(action, str(element.get("value") or ""), is_choice=False)
        else:
            yield from (Pressed(action, str(one["value"]), is_choice=True) for one in options_of(element))


@dataclass
class Intruder:
    """One person, at Plant A's channel, who does what no client would offer."""

    town: Town
    person: Person
    channel: Channel
    heard: list[str] = field(default_factory=list)  # each answer, with its acknowledgement and its files, as JSON

    async def types(self, line: str) -> str:
        """Type ``/backup`` and ``line``."""
        payload = payloads.command_payload(self.town.slack.workspace, self.person, self.channel, f"/backup {line}")
        return await self._deliver(payload)

    async def mentions(self, line: str) -> str:
        """Mention the bot and ask for ``line``."""
        slack, calls = self.town.slack, len(self.town.slack.calls)
        await slack.mention(self.person, self.channel, line)
        await slack.settled()
        await self.town.serve.settled()
        return self._hears(None, calls, set(slack.files))

    async def presses(self, pressed: Pressed) -> str:
        """Press what somebody else was shown, below a message that stands elsewhere."""
        return await self._deliver(payloads.actions_payload(*self._elsewhere(), pressed.as_action()))

    async def searches(self, action: str, typed: str) -> str:
        """Type into a list of a message."""
        return await self._deliver(payloads.suggestion_payload(*self._elsewhere(), "b", action, typed))

    async def searches_in(self, view: View, action: str, typed: str) -> str:
        """Type into a list of a form that somebody else was shown."""
        payload = payloads.suggestion_payload(self.town.slack.workspace, self.person, view, "b", action, typed)
        return await self._deliver(payload)

    async def enters(self, view: View, action: str, value: str) -> str:
        """Choose something in a form that somebody else was shown."""
        entered = Pressed(action, value, is_choice=True).as_action()
        return await self._deliver(payloads.actions_payload(self.town.slack.workspace, self.person, view, entered))

    async def sends(self, view: View, values: Mapping[str, Mapping[str, Json]]) -> str:
        """Send a form that somebody else was shown."""
        payload = payloads.submission_payload(self.town.slack.workspace, self.person, view)
        payload["view"] = {**payload["view"], "state": {"values": values or payload["view"]["state"]["values"]}}
        return await self._deliver(payload)

    async def opens_home(self) -> str:
        """Look at the Home tab."""
        event = {"type": "app_home_opened", "user": self.person.id, "tab": "home", "channel": "D0"}
        return await self._deliver(payloads.event_payload(self.town.slack.workspace, event))

    def _elsewhere(self) -> tuple[Any, Person, Message]:
        stamp = self.town.slack.store.next_ts()
        message = Message(channel=self.channel.id, ts=stamp, user=self.town.slack.identity.bot_user, text="-")
        return self.town.slack.workspace, self.person, message

    async def _deliver(self, payload: Json) -> str:
        town = self.town
        calls, files = len(town.slack.calls), set(town.slack.files)
        done = await town.serve.front.app.async_dispatch(AsyncBoltRequest(body=payload, mode="socket_mode"))
        assert done.status == 200
        await town.serve.settled()
        return self._hears(done.body, calls, files)

    def _hears(self, acknowledged: object, calls: int, files: set[str]) -> str:
        slack = self.town.slack
        sent = [
            one.args for one in list(slack.calls)[calls:] if one.method.startswith(SHOWING) and self._reads(one.args)
        ]
        content = [one.content.decode(errors="replace") for key, one in slack.files.items() if key not in files]
        self.heard.append(json.dumps([acknowledged, sent, content], ensure_ascii=False, default=str))
        self.town.clock.advance(BETWEEN)
        return self.heard[-1]

    def _reads(self, args: Json) -> bool:
        """Whether what a call says comes before this person: other people's Home tabs and channels do not."""
        channel = str(args.get("channel") or args.get("channel_id") or "")
        if args.get("user_id") or channel.startswith("U"):
            return self.person.id in {args.get("user_id"), channel}
        found = self.town.slack.store.channels.get(channel)
        return found is None or self.person.id in found.members or not (found.private or found.kind == "im")


def without(text: str, words: Iterable[str]) -> str:
    """``text`` without what somebody has typed; a longer word that begins or ends with it stays."""
    for word in filter(None, words):
        text = re.sub(rf"(?<![\w-]){re.escape(word)}(?![\w-])", "…", text, flags=re.IGNORECASE)
    return text


def told_of(answer: str, secrets: Iterable[str]) -> list[str]:
    """Which of ``secrets`` stand in ``answer``."""
    return [one for one in secrets if one.casefold() in answer.casefold()]
