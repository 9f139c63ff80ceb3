"""``mute`` and ``unmute``: no immediate messages for a while."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, ClassVar

from commands.input.values import until
from commands.lookup.kinds import OwnCommand
from commands.request import Reply
from domain.roles import Action
from domain.times.zones import zone_or_utc
from notifications.pages import answers
from notifications.pages.job_form import site_time
from notifications.pages.subscriptions import UNMUTE, mute_menu
from storage.subscriptions.profiles import profile_of, put_profile

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from commands.lookup.kinds import Words
    from commands.request import Request
    from domain.access.people import Person

MAX_MUTE = timedelta(days=31)  # a mute always ends
_HELD = "You get no immediate messages until then. Digests continue."


class Mute(OwnCommand):
    """Hold immediate messages back, until a moment."""

    name: ClassVar = "mute"
    usage: ClassVar = "mute [2h|until DAY|TIME]"
    summary: ClassVar = "Pause notifications until a time; digests continue"
    examples: ClassVar = ("mute 2h", "mute until monday", "mute until 18:00")
    action: ClassVar = Action.SUBSCRIBE

    async def _answer(self, request: Request, words: Words) -> Reply:
        """Mute until the moment that the words name, or ask for how long."""
        if not words:
            context = answers.notice("Mute for how long?", command=self._typed(), buttons=(mute_menu(),))
            return Reply(template="notice", context=context)
        person, now = request.person, self._services.clock.now()
        end = self._end(person, words, now)
        profile = await profile_of(person.id)
        await put_profile(replace(profile, muted_until=end, muted_at=profile.muted_at or now, zone=person.timezone))
        until = site_time(end, zone_or_utc(person.timezone))
        sentence = f"Muted until {until}. {_HELD} A message tells you when the mute ends."
        command = self._typed(*words)
        return Reply(template="notice", context=answers.notice(sentence, command=command, buttons=(UNMUTE,)))

    def _end(self, person: Person, words: Sequence[str], now: datetime) -> datetime:
        rest = words[1:] if words[0].casefold() in {"until", "for"} else words
        end = until(rest, now=now, zone=zone_or_utc(person.timezone))
        if end is None:
            raise self._misused("Give a time in the future: `2h`, `friday`, `18:00`, `tomorrow 06:00` or `2026-05-08`")
        if end > now + MAX_MUTE:
            raise self._misused(f"A mute lasts at most {MAX_MUTE.days} days")
        return end


class Unmute(OwnCommand):
    """Let immediate messages come again."""

    name: ClassVar = "unmute"
    usage: ClassVar = "unmute"
    summary: ClassVar = "Resume immediate messages"
    examples: ClassVar = ("unmute",)
    action: ClassVar = Action.SUBSCRIBE

    async def _answer(self, request: Request, _: Words) -> Reply:
        """End the mute of this person, if there is one."""
        profile = await profile_of(request.person.id)
        now = self._services.clock.now()
        is_muted = profile.muted_until is not None and profile.muted_until > now
        await put_profile(profile.unmuted(now))
        sentence = "You are no longer muted." if is_muted else "You were not muted."
        context = answers.notice(sentence, command=self._typed(), buttons=(mute_menu(),))
        return Reply(template="notice", context=context)
