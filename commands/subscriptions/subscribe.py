"""``subscribe``: what a person wants to hear, said at once or chosen in a form."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar

from commands.jobs.form_reply import form_reply
from commands.lookup.kinds import Command
from commands.lookup.picking import require_somewhere
from commands.request import Reply
from commands.subscriptions.form import SubscribeForm, closing_lines
from commands.subscriptions.saving import digests_of, filled_from, write_choices
from commands.subscriptions.targets import (
    choice_of,
    device_of,
    require_thing,
    site_key,
    subscription_of,
    thing_and_rest,
    value_of,
)
from domain.jobs.schedules import DAY_WORDS
from domain.roles import Action
from domain.times.times_of_day import joined, time_of_day
from notifications.pages import answers
from notifications.pages import subscription_forms as names
from notifications.rendering.buttons import Button
from storage.subscriptions.profiles import profile_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from commands.request import Request
    from commands.services import Services
    from commands.subscriptions.targets import Thing
    from domain.access.people import Person
    from domain.errors import UsageError
    from notifications.pages.subscription_forms import Filled

LISTED = Button(text="My subscriptions", action="do:subscriptions", value="", label="Show and change my subscriptions")
_IMMEDIATE = {
    "failed": (names.FAILED,),
    "modified": (names.MODIFIED,),
    "both": (names.FAILED, names.MODIFIED),
    "nothing": (),
}


@dataclass(frozen=True, slots=True)
class _Spoken:
    """The choices among the words; None: not said, so it stays as it is."""

    at_once: tuple[str, ...] | None = None
    digests: tuple[str, ...] = ()
    at: str | None = None
    day: str | None = None
    new: bool | None = None


_Wanted = tuple["Thing | None", "Sequence[str]"]  # what to subscribe to, and the choices; None: it is not said yet


class Subscribe(Command[_Wanted]):
    """Subscribe to a device, a job or a whole site, and get digests."""

    name: ClassVar = "subscribe"
    usage: ClassVar = "subscribe [DEVICE|SITE|JOB] [failed|modified|both|nothing] [daily|weekly [DAY] TIME]"
    summary: ClassVar = "Subscribe to events and digests; without choices a form opens"
    examples: ClassVar = (
        "subscribe",
        "subscribe core-sw1 both",
        "subscribe plant-a failed daily 07:00",
        "subscribe plant-a nothing weekly mon 07:30",
    )
    action: ClassVar = Action.SUBSCRIBE

    def __init__(self, services: Services) -> None:
        super().__init__(services)
        self._form = SubscribeForm(services)

    async def _answer(self, request: Request, wanted: _Wanted) -> Reply:
        """Write the choices down, or open the form if there are none among the words."""
        person, services = request.person, self._services
        thing, rest = wanted
        if thing is None:
            return form_reply(services, await self._form.blank(person, None), command=self.name)
        if rest:
            return await self._write(person, thing, rest, typed=request.words)
        return form_reply(
            services,
            await self._form.blank(person, thing),
            command=self.name,
            words=request.words,
            value=value_of(thing),
            site=site_key(thing),
            device=device_of(thing),
        )

    async def _find(self, request: Request) -> _Wanted:
        return await thing_and_rest(self._services, request.person, request.words) if request.words else (None, ())

    def _authorise(self, person: Person, wanted: _Wanted) -> None:
        thing, _ = wanted
        if thing is None:
            require_somewhere(self._services, person, self.action)
        else:
            require_thing(self._services, person, thing)

    async def _write(self, person: Person, thing: Thing, words: Sequence[str], *, typed: Sequence[str]) -> Reply:
        spoken = self._spoken(words)
        present = filled_from(
            await subscription_of(person, thing), await digests_of(person.id), await profile_of(person.id)
        )
        now = self._services.clock.now()
        chosen = await write_choices(person, thing, _with(present, spoken), now=now)
        listed = self._services.typed("subscriptions")
        sentence = " ".join(closing_lines(choice_of(thing).text, chosen, listed=listed))
        context = answers.notice(sentence, command=self._typed(*typed), buttons=(LISTED,))
        devices = self._services.access.restricted_among(filter(None, [device_of(thing)]))
        return Reply(template="notice", context=context, sites=(site_key(thing),), devices=devices)

    def _spoken(self, words: Sequence[str]) -> _Spoken:
        spoken, rest = _Spoken(), joined([word.casefold() for word in words if word.casefold() not in {"at", "on"}])
        while rest:
            word = rest.pop(0)
            if word in _IMMEDIATE:
                spoken = replace(spoken, at_once=_IMMEDIATE[word])
            elif word in {names.DAILY, names.WEEKLY}:
                spoken = self._report(replace(spoken, digests=(*spoken.digests, word)), word, rest)
            else:
                raise self._unknown()
        return spoken

    def _report(self, spoken: _Spoken, kind: str, rest: list[str]) -> _Spoken:
        """``spoken`` with the day and time of a digest, which are taken off ``rest``."""
        if kind == names.WEEKLY and rest and rest[0][:3] in DAY_WORDS:
            spoken = replace(spoken, day=rest.pop(0)[:3])
        at = time_of_day(rest[0]) if rest else None
        if at is not None:
            rest.pop(0)
            spoken = replace(spoken, at=f"{at:%H:%M}")
        return spoken

    def _unknown(self) -> UsageError:
        return self._misused("Give `failed`, `modified`, `both`, `nothing`, `daily 07:00` or `weekly mon 07:00`")


def _with(present: Filled, spoken: _Spoken) -> Filled:
    said = {"at_once": spoken.at_once, "at": spoken.at, "day": spoken.day}
    digests = tuple(dict.fromkeys((*present.ticked("digests"), *spoken.digests)))
    return replace(
        present, values={**present.values, **{k: v for k, v in said.items() if v is not None}, "digests": digests}
    )
