"""Subscriptions, routes and digests in words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from domain.digests.digests import DigestForm, DigestPeriod
from domain.jobs.readings import in_words
from domain.subscriptions.kinds import EVERYTHING, EventKind
from domain.subscriptions.routes import RouteHealth
from domain.subscriptions.subscriptions import SubscriptionScope
from domain.times.zones import zone_in_words
from notifications.rendering.escaping import cut

if TYPE_CHECKING:
    from domain.digests.digests import DigestFields
    from domain.subscriptions.routes import Route
    from domain.subscriptions.subscriptions import Profile, SubscriptionFields

FAILED_WORDS: Final = "when it fails, times out or recovers"
MODIFIED_WORDS: Final = "when it is modified"
_TROUBLES: Final = {
    "channel_not_found": "the channel is gone, or Lastgood is not in it",
    "not_in_channel": "Lastgood is not in the channel",
    "is_archived": "the channel is archived",
    "restricted_action": "only some people may post there",
}
_WITHHELD: Final = {"shared_with_others": "diffs are withheld: the channel is shared with another organisation"}


def subscription_in_words(subscription: SubscriptionFields, label: str) -> str:
    """``core-sw1: at once when it fails or times out``."""
    return f"{label}: {_told(subscription)}"


def _told(subscription: SubscriptionFields) -> str:
    if subscription.silent:
        return "excluded from your subscription to its site"
    when = [FAILED_WORDS] * subscription.failed + [MODIFIED_WORDS] * subscription.modified
    told = f"at once {', '.join(when)}" if when else "in digests only"
    if subscription.scope is not SubscriptionScope.SITE:
        return told
    return f"{told}, also devices added later" if subscription.and_new else f"{told}, without devices added later"


def subscribed_thing(subscription: SubscriptionFields, name: str) -> str:
    """What is subscribed to, as a list names it: ``name`` is that of the device, job or site."""
    return {
        SubscriptionScope.DEVICE: name,
        SubscriptionScope.JOB: f"job {name}",
        SubscriptionScope.SITE: f"every device of {name}",
    }[subscription.scope]


def digest_in_words(digest: DigestFields) -> str:
    """``Daily digest, every day at 07:00 (Europe/Berlin), in full``."""
    kind = "Daily" if digest.period is DigestPeriod.DAY else "Weekly"
    form = "in full" if digest.form is DigestForm.LONG else "in short"
    return f"{kind} digest, {in_words(digest.schedule)} ({zone_in_words(digest.zone)}), {form}"


def quiet_in_words(profile: Profile) -> str:
    """``from 22:00 to 06:00 (Europe/Berlin)``; empty: no quiet hours."""
    start, end = profile.quiet_from, profile.quiet_to
    return f"from {start:%H:%M} to {end:%H:%M} ({profile.zone})" if start and end else ""


def events_in_words(events: frozenset[EventKind]) -> str:
    """``failed and timed out, modified``; nothing: ``nothing``."""
    if events == EVERYTHING:
        return "everything"
    return ", ".join(kind.words for kind in EventKind if kind in events) or "nothing"


def health_in_words(route: Route) -> str:
    """The dot, and what it means: never the dot alone."""
    if not route.active:
        return "⏹️ disabled"
    words = {
        RouteHealth.UNKNOWN: "nothing sent yet",
        RouteHealth.GOOD: "messages arrive",
        RouteHealth.BAD: _WITHHELD.get(route.trouble) or f"messages do not arrive: {_trouble(route.trouble)}",
    }
    return f"{route.health.dot} {words[route.health]}"


def _trouble(code: str) -> str:
    return _TROUBLES.get(code) or cut(code.replace("_", " "), 80) or "Slack does not say why"
