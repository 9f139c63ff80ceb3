"""``subscriptions`` and ``unsubscribe``: all that a person gets and why, and stopping it."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from commands.input.quoting import shown
from commands.lookup.kinds import OwnCommand, SomewhereCommand
from commands.lookup.picking import require_somewhere
from commands.request import Reply
from commands.subscriptions.saving import digests_of
from commands.subscriptions.subscribe import LISTED
from commands.subscriptions.targets import (
    covers,
    device_of,
    named_subscriptions,
    require_thing,
    site_key,
    subscription_on,
    thing_and_rest,
)
from domain.errors import NotNow
from domain.inventory.declared import Device
from domain.roles import Action
from domain.subscriptions.subscriptions import SubscriptionScope
from notifications.pages import answers
from notifications.pages.subscription_words import digest_in_words, events_in_words
from notifications.pages.subscriptions import subscriptions_page
from notifications.rendering.escaping import mrkdwn
from storage.subscriptions.digests import remove_digest
from storage.subscriptions.profiles import profile_of
from storage.subscriptions.routes import routes_of_sites
from storage.subscriptions.subscriptions import put_subscription, remove_subscription, subscriptions_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from commands.lookup.kinds import Words
    from commands.request import Request
    from commands.services import Services
    from commands.subscriptions.targets import Named, Thing
    from domain.access.people import Person

_CHANNELS = 10  # routes that are named


class Subscriptions(SomewhereCommand):
    """All that the person gets."""

    name: ClassVar = "subscriptions"
    usage: ClassVar = "subscriptions"
    summary: ClassVar = "Your subscriptions and digests, with a button to stop each"
    examples: ClassVar = ("subscriptions",)
    action: ClassVar = Action.SUBSCRIBE

    async def _answer(self, request: Request, _: Words) -> Reply:
        """Show subscriptions, digests, mute and quiet hours, and which channels of the person's sites hear what."""
        return await listed(self._services, request.person)


async def listed(services: Services, person: Person) -> Reply:
    """All that ``person`` gets, as an answer."""
    subscriptions = await named_subscriptions(services, person)
    context = subscriptions_page(
        [(one.subscription, one.label) for one in subscriptions],
        list((await digests_of(person.id)).values()),
        await profile_of(person.id),
        now=services.clock.now(),
        channels=await _channels(services, person),
        command=services.typed(Subscriptions.name),
    )
    named = (one.subscription.target for one in subscriptions if one.subscription.scope is SubscriptionScope.DEVICE)
    devices = services.access.restricted_among(named)
    return Reply(template="subscriptions", context=context, sites=_sites(services, person), devices=devices)


class Unsubscribe(OwnCommand):
    """Stop hearing of something."""

    name: ClassVar = "unsubscribe"
    usage: ClassVar = "unsubscribe DEVICE|SITE|JOB"
    summary: ClassVar = "Unsubscribe; a single device is excluded from the subscription to its site"
    examples: ClassVar = ("unsubscribe plant-a", "unsubscribe core-sw1")
    action: ClassVar = Action.SUBSCRIBE

    async def _answer(self, request: Request, words: Words) -> Reply:
        """Remove a subscription or digest of this person, or silence one device of a site that stays subscribed to."""
        if not words:
            require_somewhere(self._services, request.person, Action.SUBSCRIBE)
            return await listed(self._services, request.person)
        kind, _, number = words[0].partition(":")
        if kind in {"subscription", "digest"} and number.isascii() and number.isdecimal() and len(number) < 19:  # noqa: PLR2004 - digits of 64 bits
            return await self._stop(request.person, kind, int(number))
        thing, rest = await thing_and_rest(self._services, request.person, words)
        if rest:
            raise self._misused("Name one device, site or job")
        return await self._unsubscribe(request.person, thing)

    async def _stop(self, person: Person, kind: str, number: int) -> Reply:
        if kind == "subscription":
            found = next(
                (one for one in await named_subscriptions(self._services, person) if one.subscription.id == number),
                None,
            )
            if found and await remove_subscription(person.id, number):
                return self._done(_stopped(found))
        else:
            digest = next((one for one in (await digests_of(person.id)).values() if one.id == number), None)
            if digest:
                await remove_digest(person.id, digest.id)
                return self._done(f"Stopped: {digest_in_words(digest)}.")
        raise NotNow(f"{kind} {number} is not there", advice="This has already been stopped.")

    async def _unsubscribe(self, person: Person, thing: Thing) -> Reply:
        subscriptions = await subscriptions_of(person.id)
        wanted = subscription_on(thing, person, failed=False, modified=False)
        found = next((one for one in subscriptions if (one.scope, one.target) == (wanted.scope, wanted.target)), None)
        name = shown(thing.name)
        if isinstance(thing, Device) and covers(subscriptions, thing):
            require_thing(self._services, person, thing)
            silent = subscription_on(thing, person, failed=False, modified=False, silent=True)
            await put_subscription(silent, now=self._services.clock.now())
            return self._done(f"`{name}` is now excluded from your subscription to its site.", thing)
        if found is None or not await remove_subscription(person.id, found.id):
            raise NotNow(f"{person.id} is not subscribed to {name}", advice=f"You are not subscribed to `{name}`.")
        return self._done(f"You are no longer subscribed to `{name}`.", thing)

    def _done(self, sentence: str, thing: Thing | None = None) -> Reply:
        devices = self._services.access.restricted_among(filter(None, [device_of(thing) if thing else None]))
        context = answers.notice(sentence, buttons=(LISTED,))
        return Reply(template="notice", context=context, sites=(site_key(thing),) if thing else (), devices=devices)


def _stopped(found: Named) -> str:
    if found.subscription.silent:
        return f"`{shown(found.label)}` is no longer excluded from your subscription to its site."
    return f"You are no longer subscribed to `{shown(found.label)}`."


async def _channels(services: Services, person: Person) -> list[str]:
    """Lines of mrkdwn about the channels that hear of this person's sites."""
    sites = services.inventory.sites
    found = [one for one in await routes_of_sites(_sites(services, person)) if one.active and one.site in sites]
    lines = [f"<#{one.channel}>: {mrkdwn(sites[one.site].name)}, {events_in_words(one.events)}" for one in found]
    return lines[:_CHANNELS] + ([f"and {len(lines) - _CHANNELS} more"] if len(lines) > _CHANNELS else [])


def _sites(services: Services, person: Person) -> tuple[str, ...]:
    return tuple(sorted(_keys(services, person)))


def _keys(services: Services, person: Person) -> Iterable[str]:
    return (site.key for site in services.access.visible_sites(person))
