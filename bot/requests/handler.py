"""The way of everything that a person asks: known already? ours? who? allowed in? then the command, then the answer.

The one edge where errors become words, whatever the surface.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Protocol

import structlog

from bot.requests.answers import AskedRequest, answer_messages
from bot.requests.person_limits import LAST_WORDS, NOT_ANSWERED, TOO_MANY_REQUESTS, Answer
from commands.registry import refusal
from commands.request import Request
from domain.errors import LastgoodError, NotAllowed, SlackTrouble
from notifications.rendering.form_fields import PREFIX
from storage.messages import outbox, seen

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from bot.metrics import Metrics
    from bot.requests.admission import Admission
    from bot.requests.fallback import Fallback
    from bot.requests.incoming import Incoming
    from bot.requests.modals import Modals
    from bot.requests.person_limits import PersonLimits
    from bot.slack.channels import Channels
    from commands.registry import Commands
    from commands.request import Option, Reply
    from domain.access.people import Person
    from domain.clock import Clock

log = logging.getLogger(__name__)

ANSWER_TIMEOUT = timedelta(seconds=60)  # for one answer: a command starts work and never waits for it
_DOOR = "to be let in"  # what somebody tried who was stopped before the words were looked at
PICKER_TIMEOUT = timedelta(seconds=2, milliseconds=500)  # the time limit of a picker: Slack waits three seconds


class Rendered(Protocol):
    """A rendered message."""

    @property
    def text(self) -> str:
        """What is read aloud and searched."""
        ...

    @property
    def blocks(self) -> list[dict[str, Any]]:
        """What is shown."""
        ...


class Renders(Protocol):
    """Turns a template's name and context into a message: ``notifications.rendering.renderer.Renderer``."""

    def render(self, template: str, context: Mapping[str, Any]) -> Rendered:
        """The message, within every limit of Slack."""
        ...


@dataclass(frozen=True)
class RequestHandler:
    """Takes what the listeners hand in, and puts the answers into the outbox."""

    door: Admission
    commands: Commands
    modals: Modals
    channels: Channels
    renderer: Renders
    clock: Clock
    metrics: Metrics
    fallback: Fallback
    limits: PersonLimits
    wake: Callable[[], None]  # tells delivery that something waits

    async def take(self, incoming: Incoming) -> None:
        """Answer ``incoming``, once however often it is delivered. Never raises."""
        correlation = secrets.token_hex(4)
        structlog.contextvars.bind_contextvars(
            correlation=correlation, person=incoming.user, surface=incoming.surface.value
        )
        try:
            async with asyncio.timeout(ANSWER_TIMEOUT.total_seconds()):
                await self._take(incoming, correlation)
        except Exception:
            log.exception("request could not be answered")
            self.metrics.answers.labels("lost").inc()
            await self.fallback.say(incoming, correlation)

    async def options(
        self, user: str, teams: frozenset[str], action_id: str, typed: str, *, view: Mapping[str, Any] | None = None
    ) -> list[Option]:
        """What a picker, or a field of the form ``view``, offers this person; nothing when that cannot be told in time.

        Never raises.
        """
        if not self.limits.may_look(user):
            return []
        try:
            async with asyncio.timeout(PICKER_TIMEOUT.total_seconds()):
                person = await self.door.admitted(user, teams)
                if view and action_id.startswith(PREFIX):
                    return await self.modals.options(person, view, action_id, typed)
                return await self.commands.options(person, action_id, typed)
        except NotAllowed as error:
            log.info("options refused", extra={"person": user, "error": repr(error)})
            await self.commands.denials.refused(user, error, tried="a list to choose from")
        except (LastgoodError, TimeoutError) as error:
            log.warning("options not found in time", extra={"person": user, "error": repr(error)})
        except Exception:
            log.exception("options crashed", extra={"person": user})
        return []

    async def _take(self, incoming: Incoming, correlation: str) -> None:
        now = self.clock.now()
        if not await seen.first_time(incoming.source_key, now):
            log.info("delivered again, ignored", extra={"source": incoming.source_key})
            return
        if not await self._is_within_limit(incoming, correlation):
            return
        (reply, own_dm), window = await self._answered(incoming, correlation)
        answer = self.limits.refusals.counted(incoming.user) if reply.is_denial else Answer.USUAL
        if answer is Answer.SILENCE:
            self._not_answered(incoming, "refused too often")
            if window:
                await self.modals.fill(window, None, instead=NOT_ANSWERED)
            return
        if answer is Answer.LAST_WORDS:
            reply = refusal(f"{reply.context['advice']} {LAST_WORDS}")
        self.metrics.answers.labels(reply.template).inc()
        if not await self._shown_as_form(incoming, reply, window):
            await self._send(AskedRequest(incoming=incoming, id=correlation, at=now, own_dm=own_dm), reply)

    async def _is_within_limit(self, incoming: Incoming, correlation: str) -> bool:
        """Whether the person may ask this; told once when it was too much, and then not answered for a while."""
        answer = self.limits.requests.counted(incoming.user)
        if answer is Answer.LAST_WORDS:
            log.warning("asks too much", extra={"person": incoming.user})
            self.metrics.answers.labels("refusal").inc()
            asked = AskedRequest(incoming=incoming, id=correlation, at=self.clock.now(), own_dm=incoming.is_dm_event)
            await self._send(asked, refusal(TOO_MANY_REQUESTS))
        elif answer is Answer.SILENCE:
            self._not_answered(incoming, "asks too much")
        return answer is Answer.USUAL

    def _not_answered(self, incoming: Incoming, why: str) -> None:
        log.warning("not answered", extra={"person": incoming.user, "why": why})
        self.metrics.answers.labels("silence").inc()

    async def _answered(self, incoming: Incoming, correlation: str) -> tuple[tuple[Reply, bool], str | None]:
        """The reply and whether it was asked in the person's own conversation, and the window that waits for a form."""
        work = self._reply(incoming, correlation)
        if incoming.trigger_id and self.commands.opens_forms(incoming.words):
            return await self.modals.meanwhile(incoming.trigger_id, work)
        return await work, None

    async def _reply(self, incoming: Incoming, correlation: str) -> tuple[Reply, bool]:
        own_dm = incoming.is_dm_event
        try:
            person = await self.door.admitted(incoming.user, incoming.teams)
            own_dm = own_dm or await self._is_own_dm(incoming)
            request = _request(incoming, person, correlation, own_dm=own_dm)
            return await self.commands.answer(request), own_dm
        except NotAllowed as error:
            log.info("request refused", extra={"error": repr(error)})
            await self.commands.denials.refused(incoming.user, error, tried=_DOOR, correlation=correlation)
            return replace(refusal(error.advice), is_denial=True), own_dm
        except LastgoodError as error:
            log.warning("request failed", extra={"error": repr(error)})
            return refusal(error.advice, correlation=correlation), own_dm

    async def _shown_as_form(self, incoming: Incoming, reply: Reply, window: str | None) -> bool:
        if window:
            return await self.modals.fill(window, reply.form) and reply.form is not None
        if reply.form is None or incoming.trigger_id is None:
            return False
        return await self.modals.open(incoming.trigger_id, reply.form)

    async def _goes_without_saying(self, asked: AskedRequest, reply: Reply) -> bool:
        """Whether the message that ``reply`` is about will stand before the person's eyes anyway."""
        if not reply.is_plain_to_see:
            return False
        try:
            return asked.own_dm or await self.channels.has_us(asked.incoming.place.channel)
        except SlackTrouble:
            return False

    async def _send(self, asked: AskedRequest, reply: Reply) -> None:
        if await self._goes_without_saying(asked, reply):
            return
        content = self.renderer.render(reply.template, reply.context)
        messages = answer_messages(asked, reply, {"text": content.text, "blocks": content.blocks})
        await outbox.put(messages, now=asked.at)
        self.wake()

    async def _is_own_dm(self, incoming: Incoming) -> bool:
        """A slash command can be typed in any conversation of two: only the bot's own with this person counts."""
        channel = incoming.place.channel
        return channel.startswith("D") and channel == await self.door.people.dm(incoming.user)


def _request(incoming: Incoming, person: Person, correlation: str, *, own_dm: bool) -> Request:
    return Request(
        person=person,
        words=incoming.words,
        place=incoming.place,
        surface=incoming.surface,
        id=correlation,
        source_key=incoming.source_key,
        response_url=incoming.response_url,
        trigger_id=incoming.trigger_id,
        own_dm=own_dm,
    )
