"""The end of mutes and of quiet hours: people are told what was held back meanwhile."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from domain.errors import SlackTrouble
from domain.events.audiences import Wait, is_quiet
from domain.messages.places import Place
from domain.roles import Action
from domain.subscriptions.subscriptions import Profile
from notifications.events import pages
from notifications.pages import answers
from notifications.rendering.buttons import Button
from notifications.runs.addresses import Address
from storage.events import deferred
from storage.messages import outbox
from storage.subscriptions.profiles import end_mute, mutes_over, profiles_of

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from domain.access.access import Access
    from domain.clock import Clock
    from domain.events.audiences import Event
    from notifications.events.recipients import RecipientLookup
    from notifications.rendering import renderer
    from notifications.runs.messages import RunMessages

log = logging.getLogger(__name__)

DEFERRED_LIFETIME: Final = timedelta(days=2)  # so long what was deferred waits for Slack
_HISTORY: Final = Button(text="History", action="do:history", value="", label="Show the last runs of all your sites")


class DeferredEvents:
    """Ends them when their time has come. Telling is put into the outbox first, so that a kill loses nothing."""

    def __init__(
        self, say: RunMessages, directory: RecipientLookup, *, access: Access, clock: Clock, wake: Callable[[], None]
    ) -> None:
        self._say = say
        self._directory = directory
        self._access = access
        self._clock = clock
        self._wake = wake  # delivery, which sleeps while there is nothing to do

    async def tick(self) -> None:
        """Tell those whose mute or quiet hours are over."""
        now = self._clock.now()
        for profile in await mutes_over(now):
            await _safely(self._end_mute(profile), profile.person)
        sleepers = await deferred.persons_deferred(Wait.QUIET)
        profiles = await profiles_of(sleepers)
        for person in sleepers:
            chosen = profiles.get(person) or Profile(person=person)
            is_muted = chosen.muted_until is not None and now < chosen.muted_until
            if not is_muted and not is_quiet(chosen, now):
                await _safely(self._end_quiet(person), person)

    async def _end_mute(self, profile: Profile) -> None:
        until = profile.muted_until
        if until is None:
            return
        held = await deferred.deferred_for(profile.person, Wait.MUTED)
        begun = profile.muted_at  # what an earlier mute held back that was ended by hand was never counted
        counted = await self._seen(profile.person, [one for one in held if begun is None or one.at >= begun])
        if counted is None:
            return
        context = answers.notice(_mute_sentence(counted), buttons=(_HISTORY,) if counted else ())
        await self._tell(profile.person, f"mute:{profile.person}:{until.isoformat()}", "notice", context, counted)
        await end_mute(profile.person, until=until)
        await self._let_go(profile.person, Wait.MUTED, held)

    async def _end_quiet(self, person: str) -> None:
        """One message for all of it; what this person may not see any more is left out."""
        held = await deferred.deferred_for(person, Wait.QUIET)
        seen = await self._seen(person, held)
        if seen is None:
            return
        if seen:
            names = {site.key: site.name for site in self._access.inventory.sites.values()}
            context = pages.held(seen, names, buttons=(_HISTORY, pages.MUTE))
            await self._tell(person, f"quiet:{person}:{seen[-1].id}", "event_list", context, seen)
        await self._let_go(person, Wait.QUIET, held)

    async def _seen(self, person: str, held: Sequence[Event]) -> list[Event] | None:
        """What of it this person may see now; None: Slack does not say who that is, and is asked at the next tick."""
        try:
            places = self._access.places((one.site for one in held), (one.device for one in held))
            found = await self._directory.person(person, places)
        except SlackTrouble as error:
            log.warning("cannot tell who somebody is", extra={"person": person, "error": str(error)})
            return None
        seen = [one for one in held if self._access.may(found, Action.SEE, one.site, one.device)]
        return None if len(seen) < len(held) and self._access.is_unsure(found, places) else seen

    async def _tell(
        self, person: str, key: str, template: str, context: renderer.Context, about: Sequence[Event]
    ) -> None:
        now = self._clock.now()
        sites = tuple(sorted({one.site for one in about}))
        devices = self._access.restricted_among(one.device for one in about)
        address = Address(Place(channel=person), person, sites, now + DEFERRED_LIFETIME, devices=devices)
        await outbox.put([address.message(key, self._say.content(template, context))], now=now)
        self._wake()

    async def _let_go(self, person: str, wait: Wait, held: Sequence[Event]) -> None:
        if held:
            await deferred.let_go(person, wait, until=held[-1].id)


async def _safely(work: Awaitable[None], person: str) -> None:
    """What goes wrong with one person must not keep the others waiting; it is tried again at the next tick."""
    try:
        await work
    except Exception:  # an edge, for the same reason
        log.exception("what was held back could not be told", extra={"person": person})


def _mute_sentence(held: Sequence[Event]) -> str:
    if not held:
        return "Your mute has ended. No messages were held back."
    many = "message was" if len(held) == 1 else "messages were"
    return f"Your mute has ended: {len(held):,} {many} held back ({pages.summary(held)}). The history shows them."
