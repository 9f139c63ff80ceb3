"""Who is told of an event: decided from what people and sites chose, without asking anybody."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from domain.subscriptions.kinds import EventKind
from domain.subscriptions.subscriptions import SubscriptionScope
from domain.times.zones import zone_or_utc

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from collections.abc import Set as AbstractSet
    from datetime import datetime

    from domain.events.transitions import Notice
    from domain.subscriptions.routes import Route
    from domain.subscriptions.subscriptions import Profile, Subscription

_NARROWEST_FIRST: Final = (SubscriptionScope.DEVICE, SubscriptionScope.JOB, SubscriptionScope.SITE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One notice about one device."""

    id: int
    event_group: int
    run: int
    notice: Notice
    device: str
    site: str
    at: datetime
    jobs: frozenset[int] = frozenset()  # that it concerns: of the run, and of the run that had failed
    asked_by: str | None = None  # whoever asked for the run by hand and has its answer
    place: str | None = None  # the channel in which that answer stands
    since: datetime | None = None  # the turn before it: since when the device had been good or bad


class Wait(StrEnum):
    """Why a message to a person is held back; the value is what the database stores."""

    MUTED = "muted"
    QUIET = "quiet"


def subscription_that_counts(
    subscriptions: Iterable[Subscription], event: Event, *, known_since: datetime | None
) -> Subscription | None:
    """The narrowest of a person's ``subscriptions`` that fits the device of ``events``; None: none does.

    ``known_since`` is when the device was first declared; None: before anybody took note of that.
    """
    fitting = [subscription for subscription in subscriptions if _fits(subscription, event, known_since)]
    return min(fitting, key=lambda subscription: _NARROWEST_FIRST.index(subscription.scope), default=None)


def _fits(subscription: Subscription, event: Event, known_since: datetime | None) -> bool:
    if subscription.site != event.site:
        return False
    match subscription.scope:
        case SubscriptionScope.DEVICE:
            return subscription.target == event.device
        case SubscriptionScope.JOB:
            return subscription.target in {str(job) for job in event.jobs}
        case SubscriptionScope.SITE:
            return subscription.and_new or known_since is None or known_since <= subscription.created_at


def person_hears(subscriptions: Iterable[Subscription], event: Event, *, known_since: datetime | None) -> bool:
    """Whether the person of these ``subscriptions`` wants to hear ``events`` at once."""
    subscription = subscription_that_counts(subscriptions, event, known_since=known_since)
    if subscription is None or subscription.silent:
        return False
    return subscription.modified if event.notice.kind is EventKind.MODIFIED else subscription.failed


def route_hears(route: Route, event: Event, *, restricted: Collection[str]) -> bool:
    """Whether ``events`` stand in the channel of ``route``: nothing that is hidden from somebody, and nothing twice."""
    wanted = route.active and route.site == event.site and event.notice.kind in route.events
    return wanted and event.device not in restricted and event.place != route.channel


def has_it_already(
    person: str, event: Event, channels: Collection[str], *, rooms: AbstractSet[str], profile: Profile
) -> bool:
    """Whether ``person`` asked for it, or reads one of the ``channels`` in which it stands and wants it only once.

    ``rooms`` are the channels that the person is in.
    """
    if person == event.asked_by:
        return True
    return not profile.even_if_in_channel and not rooms.isdisjoint(channels)


def wait_of(profile: Profile, at: datetime) -> Wait | None:
    """Why nothing is sent to the person of ``profile`` at that moment; None: it may be sent."""
    if profile.muted_until is not None and at < profile.muted_until:
        return Wait.MUTED
    return Wait.QUIET if is_quiet(profile, at) else None


def is_quiet(profile: Profile, at: datetime) -> bool:
    """Whether the person's own clock stands within the quiet hours, which may reach over midnight.

    Judged by what that clock shows: an hour that a change of clocks repeats is quiet or not both times.
    """
    begin, end = profile.quiet_from, profile.quiet_to
    if begin is None or end is None or begin == end:
        return False
    shown = at.astimezone(zone_or_utc(profile.zone)).time().replace(fold=0)
    if begin < end:
        return begin <= shown < end
    return shown >= begin or shown < end
