"""Slack's listeners. Each acknowledges at once and hands the work on; nothing in them can fail after the ack.

Why nothing else happens here: an exception right after an ack loses the ack, what is not acknowledged is
delivered again, and whatever is slow here is slow for everybody (tests/bot/requests/test_listeners.py holds each).
"""

from __future__ import annotations

import logging
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from slack_bolt.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.response import BoltResponse

from bot.requests.fallback import BUSY
from bot.requests.incoming import from_action, from_command, from_event
from bot.requests.modals import from_view
from bot.requests.person_limits import TOO_MANY_LOOKS
from bot.requests.understanding import is_incomplete, reading
from bot.slack.membership import GroupChange
from commands.input.straightening import straighten

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Coroutine, Mapping

    from slack_bolt.request.async_request import AsyncBoltRequest
    from slack_sdk.web.async_client import AsyncWebClient

    from bot.metrics import Metrics
    from bot.requests.handler import RequestHandler
    from bot.requests.home_tab import Home
    from bot.requests.incoming import Incoming
    from bot.requests.modals import Modals
    from bot.requests.task_pool import TaskPool
    from bot.slack.channels import Channels
    from bot.slack.identity import Identity
    from bot.slack.people import People
    from commands.request import Option

    Ack = Callable[..., Awaitable[BoltResponse]]
    Body = Mapping[str, Any]

log = logging.getLogger(__name__)


_OPENED = frozenset({"channel_unarchive", "group_unarchive"})
_ANYTHING = re.compile("")


@dataclass(frozen=True)
class Listeners:
    """What is done with each kind of delivery."""

    identity: Identity
    handler: RequestHandler
    home: Home
    people: People
    channels: Channels
    task_pool: TaskPool
    aside: TaskPool  # for telling people that the task pool is full
    metrics: Metrics
    modals: Modals

    async def command(self, ack: Ack, body: Body) -> None:
        """A slash command."""
        with reading():
            incoming = from_command(body)
        taken = self._take("command", incoming)
        await (ack() if taken else ack(BUSY))

    async def action(self, ack: Ack, body: Body) -> None:
        """A pressed button, a chosen option, a followed link."""
        await ack()
        with reading():
            is_form = (body.get("view") or {}).get("type") == "modal"
        if is_form:
            self._form_changed(body)
        else:
            self._guarded("action", lambda: from_action(body))

    async def message(self, ack: Ack, body: Body) -> None:
        """A mention, or a message written to the bot directly."""
        await ack()
        self._guarded("event", lambda: from_event(body, bot_user=self.identity.bot_user))

    async def direct_message(self, ack: Ack, body: Body) -> None:
        """Something was said in a conversation; only those of two concern us, and mentions in those of a few.

        Mentions in channels come by themselves; of group direct messages Slack sends all messages.
        """
        await ack()
        with reading():
            event = body["event"]
            kind, is_mention = event.get("channel_type"), f"<@{self.identity.bot_user}" in str(event.get("text") or "")
        if kind == "im" or (kind == "mpim" and is_mention):
            self._guarded("event", lambda: from_event(body, bot_user=self.identity.bot_user))

    async def options(self, ack: Ack, body: Body) -> None:
        """A picker wants its list: the answer is the ack."""
        self.metrics.deliveries.labels("options").inc()
        with reading():
            named = ((body.get("team") or {}).get("id"), body["user"].get("team_id"))  # no team: for a whole org
            teams = frozenset(str(one) for one in named if one)
            user, view = str(body["user"]["id"]), _form_of(body)
        found = await self.handler.options(
            user, teams, str(body.get("action_id")), straighten(str(body.get("value") or "")), view=view
        )
        await ack(options=[_to_option(one) for one in found])

    async def submitted(self, ack: Ack, body: Body) -> None:
        """A form was sent: the answer is the ack, so this one waits for it, within bounds."""
        self.metrics.deliveries.labels("form").inc()
        with reading():
            filled = from_view(body)
        if not self.modals.knows(filled.callback):
            await ack()
        elif not self.handler.limits.may_look(filled.user):
            await ack(**self.modals.not_taken(filled, TOO_MANY_LOOKS))
        else:
            await ack(**await self.modals.submitted(filled))
            self.home.all_changed()

    def _form_changed(self, body: Body) -> None:
        with reading():
            filled = from_view(body)
        if self.modals.knows(filled.callback) and self.handler.limits.may_look(filled.user):
            self._hand_in("form", self.modals.changed(filled))

    async def home_opened(self, ack: Ack, body: Body) -> None:
        """Somebody opened the Home tab."""
        await ack()
        with reading():
            tab, user = body["event"].get("tab"), str(body["event"]["user"])
            teams = frozenset({str(body["team_id"])})
        if tab == "home" and self.handler.limits.may_look(user):
            self._hand_in("home", self.home.publish(user, teams))

    async def person_changed(self, ack: Ack, body: Body) -> None:
        """An account changed: deactivated, made a guest, renamed."""
        await ack()
        with reading():
            user = body["event"].get("user") or {}
            changed = str(user.get("id"))
        self.people.changed(changed)
        self._hand_in("person", self.people.follow(user))

    async def group_changed(self, ack: Ack, body: Body) -> None:
        """A user group has other members now, or is gone."""
        await ack()
        with reading():
            change = GroupChange.of(body["event"])
        self.people.group_changed(change)

    async def channel_changed(self, ack: Ack, body: Body) -> None:
        """A channel was shared with another organisation, or is no longer; or somebody came or left."""
        await ack()
        with reading():
            event = body["event"]
            found = event.get("channel")
            channel, kind = str(found.get("id") if isinstance(found, dict) else found), str(event.get("type"))
        self.channels.changed(channel)
        self.people.channel_changed(channel, event)
        if kind == "channel_shared":
            self._hand_in("channel", self.channels.look(channel))
        if kind in _OPENED or event.get("user") == self.identity.bot_user:
            self._hand_in("channel", self.channels.opened(channel))

    async def anything(self, ack: Ack, body: Body) -> None:
        """What nobody listens for: acknowledged, or Slack would deliver it again."""
        await ack()
        log.info("delivery ignored", extra={"kind": str(body.get("type") or body.get("command"))})

    def _guarded(self, surface: str, read: Callable[[], Incoming | None]) -> None:
        with reading():
            incoming = read()
        if incoming is not None and not self._take(surface, incoming):
            self.aside.hand_in(self.handler.fallback.busy(incoming), name="busy")

    def _take(self, surface: str, incoming: Incoming) -> bool:
        return self._hand_in(surface, self._answer(incoming))

    async def _answer(self, incoming: Incoming) -> None:
        await self.handler.take(incoming)
        self.home.answered(incoming.words[:2])  # the second one where the first is the slash command, copied

    def _hand_in(self, surface: str, work: Coroutine[Any, Any, None]) -> bool:
        self.metrics.deliveries.labels(surface).inc()
        return self.task_pool.hand_in(work, name=surface)


def build_app(listeners: Listeners, *, client: AsyncWebClient, signing_secret: str, command: str) -> AsyncApp:
    """Bolt, with every listener attached."""
    app = AsyncApp(
        client=client,
        signing_secret=signing_secret,
        authorize=_authorize(listeners.identity, client),
        process_before_response=True,  # listeners only ack and hand on: no polling for the ack in between
        attaching_function_token_enabled=False,
        attaching_conversation_kwargs_enabled=False,
        logger=logging.getLogger("bot.bolt"),
    )
    app.command(command)(listeners.command)
    app.action(re.compile(r"^(do|pick|form):"))(listeners.action)
    app.options(re.compile(r"^(pick|form):"))(listeners.options)
    app.view_submission(_ANYTHING)(listeners.submitted)
    app.event("app_mention")(listeners.message)
    app.event("message")(listeners.direct_message)
    app.event("app_home_opened")(listeners.home_opened)
    app.event("user_change")(listeners.person_changed)
    app.event(re.compile(r"^subteam_"))(listeners.group_changed)
    app.event(re.compile(r"^(channel|group|member)_"))(listeners.channel_changed)
    _catch_all(app, listeners)
    app.error(_log_crash)
    return app


def _catch_all(app: AsyncApp, listeners: Listeners) -> None:
    for kind in (app.command, app.action, app.event, app.shortcut, app.view_closed):
        kind(_ANYTHING)(listeners.anything)
    app.options(_ANYTHING)(_no_options)


async def _no_options(ack: Ack) -> None:
    await ack(options=[])


async def _log_crash(error: Exception, body: Body, request: AsyncBoltRequest) -> BoltResponse:
    """What is incomplete is refused. A listener that crashed is a fault of ours: Slack is not to send it again."""
    if is_incomplete(error, error.__traceback__):
        log.warning("delivery refused: incomplete", extra={"kind": str(body.get("type")), "error": repr(error)})
        return BoltResponse(status=400 if request.mode == "http" else 200, body="")
    log.error("listener crashed", exc_info=error, extra={"kind": str(body.get("type") or body.get("command"))})
    return BoltResponse(status=200, body="")


def _authorize(identity: Identity, client: AsyncWebClient) -> Callable[..., Awaitable[AuthorizeResult]]:
    result = AuthorizeResult(
        enterprise_id=identity.enterprise,
        team_id=identity.team,
        bot_user_id=identity.bot_user,
        bot_id=identity.bot_id,
        bot_token=client.token,
        bot_scopes=sorted(identity.scopes),
    )

    async def authorize() -> AuthorizeResult:
        return result

    return authorize


def _form_of(body: Body) -> Mapping[str, Any] | None:
    """The form in which a picker stands; None: it stands in a message."""
    view = body.get("view")
    if view:
        from_view({**body, "actions": []})  # whatever the list is made from has to be there
    return view or None


def _to_option(option: Option) -> dict[str, Any]:
    shown: dict[str, Any] = {"text": {"type": "plain_text", "text": option.text}, "value": option.value}
    if option.description:
        shown["description"] = {"type": "plain_text", "text": option.description}
    return shown
