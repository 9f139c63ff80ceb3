"""The form in which a person chooses what to hear: one thing to subscribe to, and the manner of everything."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from commands.forms import FieldErrors
from commands.lookup.picking import require_somewhere
from commands.request import Form
from commands.subscriptions.saving import digests_of, filled_from, problems_in, write_choices
from commands.subscriptions.targets import (
    choice_of,
    require_thing,
    subscription_of,
    thing_and_rest,
    thing_options,
    value_of,
    words_of,
)
from domain.errors import NotAllowed, NotNow, UnknownName
from domain.roles import Action
from domain.subscriptions.subscriptions import SubscriptionScope
from notifications.pages.job_form import job_closing
from notifications.pages.subscription_forms import Filled, subscribe_form
from notifications.pages.subscription_words import FAILED_WORDS, MODIFIED_WORDS, digest_in_words, quiet_in_words
from notifications.rendering.form_fields import Choice
from storage.subscriptions.profiles import profile_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from commands.forms import Entries
    from commands.request import Option
    from commands.services import Services
    from commands.subscriptions.saving import Chosen
    from commands.subscriptions.targets import Thing
    from domain.access.people import Person

CALLBACK = "subscribe"

_MISSING = "Choose a device, a job or a site that you can see."
MAX_FORM_TURNS = 1_000  # turns of a form that are counted


class SubscribeForm:
    """Opens the form of subscriptions, answers while it is filled in, and writes the choices down."""

    callback: ClassVar = CALLBACK

    def __init__(self, services: Services) -> None:
        self._services = services

    async def blank(self, person: Person, thing: Thing | None) -> Form:
        """The form as ``person`` has chosen so far, for ``thing`` if one is named already."""
        require_somewhere(self._services, person, Action.SUBSCRIBE)
        return _form(await self._filled(person, thing), thing, turn=0)

    async def refill(self, person: Person, entries: Entries) -> Form:
        """Show what the person hears of the thing that was just chosen."""
        filled = Filled(values=entries.values)
        thing = await self._thing(person, filled)
        before, turn = _remembered(entries.memory)
        if thing is None or value_of(thing) == before:
            return _form(filled, thing, turn=turn)
        present = await self._filled(person, thing)
        subscribed: Mapping[str, object] = {name: present.values[name] for name in ("at_once", "new")}
        return _form(Filled(values={**filled.values, **subscribed}), thing, turn=turn + 1)  # type: ignore[dict-item]

    async def submit(self, person: Person, entries: Entries) -> Form | FieldErrors:
        """Write the choices down."""
        filled = Filled(values=entries.values)
        thing = await self._thing(person, filled)
        wrong = problems_in(filled) | ({} if thing else {"what": _MISSING})
        if wrong or thing is None:
            return FieldErrors(wrong)
        chosen = await write_choices(person, thing, filled, now=self._services.clock.now())
        lines = closing_lines(choice_of(thing).text, chosen, listed=self._services.typed("subscriptions"))
        return Form(callback=CALLBACK, template="form_closing", context=job_closing(lines, None))

    def kept(self, entries: Entries, sentence: str) -> Form:
        """The form as it was filled in."""
        filled = Filled(values=entries.values)
        what = filled.text("what")
        chosen = Choice(text=what, value=what) if what else None
        _, turn = _remembered(entries.memory)
        context = subscribe_form(filled, chosen=chosen, turn=turn, sentence=sentence)
        return Form(callback=CALLBACK, template="choice_form", context=context, memory=entries.memory)

    async def options(self, person: Person, name: str, typed: str) -> list[Option]:
        """What this person may subscribe to."""
        return await thing_options(self._services, person, typed) if name == "what" else []

    async def _thing(self, person: Person, filled: Filled) -> Thing | None:
        """What is chosen; None: nothing, or nothing that this person can see."""
        words = words_of(filled.text("what"))
        if not words:
            return None
        try:
            thing, rest = await thing_and_rest(self._services, person, words)
            require_thing(self._services, person, thing)
        except (UnknownName, NotNow, NotAllowed):
            return None
        return None if rest else thing

    async def _filled(self, person: Person, thing: Thing | None) -> Filled:
        subscription = await subscription_of(person, thing) if thing else None
        return filled_from(subscription, await digests_of(person.id), await profile_of(person.id))


def closing_lines(label: str, chosen: Chosen, *, listed: str) -> Sequence[str]:
    """What was written down, in sentences."""
    subscription = chosen.subscription
    when = [FAILED_WORDS] * subscription.failed + [MODIFIED_WORDS] * subscription.modified
    told = f"Lastgood notifies you at once {', '.join(when)}" if when else "It is in your digests only"
    new = (
        ", also for devices added later"
        if subscription.scope is SubscriptionScope.SITE and subscription.and_new
        else ""
    )
    quiet = quiet_in_words(chosen.profile)
    return [
        f"You are subscribed to {_code(label)}. {told}{new}.",
        *(f"{digest_in_words(one)}." for one in chosen.digests),
        *([f"Quiet hours {quiet}: events wait until they end."] if quiet else []),
        f"To see and stop your subscriptions: `{listed}`.",
    ]


def _form(filled: Filled, thing: Thing | None, *, turn: int) -> Form:
    context = subscribe_form(filled, chosen=choice_of(thing) if thing else None, turn=turn)
    memory = f"{turn} {value_of(thing) if thing else ''}"
    return Form(callback=CALLBACK, template="choice_form", context=context, memory=memory)


def _remembered(memory: str) -> tuple[str, int]:
    """What was chosen when the form was last filled in, and how often it was."""
    turn, _, value = memory.partition(" ")
    number = int(turn) if turn.isascii() and turn.isdecimal() and len(turn) < 10 else 0  # noqa: PLR2004 - plenty
    return value, min(number, MAX_FORM_TURNS)


def _code(label: str) -> str:
    return f"`{label.replace('`', '')}`"
