"""What the templates show of subscriptions and of channel routes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from notifications.pages.subscription_words import (
    digest_in_words,
    events_in_words,
    health_in_words,
    quiet_in_words,
    subscription_in_words,
)
from notifications.rendering.buttons import Button, Confirm, Menu, MenuEntry
from notifications.rendering.units import plural

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from domain.digests.digests import Digest
    from domain.subscriptions.routes import Route
    from domain.subscriptions.subscriptions import Profile, Subscription
    from notifications.rendering.buttons import Control
    from notifications.rendering.renderer import Context

SHOWN: Final = 30  # subscriptions of one message
_MUTES: Final = (("1 hour", "1h"), ("2 hours", "2h"), ("8 hours", "8h"), ("Until tomorrow 07:00", "tomorrow 07:00"))


@dataclass(frozen=True, slots=True, kw_only=True)
class SubscriptionLine:
    """One thing that a person gets, with the button that changes or stops it."""

    text: str
    button: Button


def mute_menu() -> Menu:
    """Holds immediate messages back for a while."""
    entries = tuple(MenuEntry(text=text, value=value) for text, value in _MUTES)
    return Menu(placeholder="Mute for…", action="do:mute", entries=entries)


UNMUTE: Final = Button(text="Unmute", action="do:unmute", value="", label="Resume immediate messages")


def subscriptions_page(
    subscriptions: Sequence[tuple[Subscription, str]],
    digests: Sequence[Digest],
    profile: Profile,
    *,
    now: datetime,
    channels: Sequence[str],
    command: str,
) -> Context:
    """The context of ``subscriptions``: all that a person gets, and why.

    Args:
        subscriptions: each with the label of what it is about.
        digests: the scheduled ones.
        profile: mute and quiet hours.
        now: tells whether a mute goes on.
        channels: lines about channel routes of the person's sites.
        command: the full command.
    """
    is_muted = profile.muted_until is not None and profile.muted_until > now
    more = Button(
        text="Add a subscription",
        action="do:subscribe",
        value="",
        label="Open the form of subscriptions",
        style="primary",
    )
    controls: tuple[Control, ...] = (more, UNMUTE if is_muted else mute_menu())
    return {
        "lines": [_subscription_line(subscription, label) for subscription, label in subscriptions[:SHOWN]],
        "more": plural(len(subscriptions) - SHOWN, "more subscription") if len(subscriptions) > SHOWN else "",
        "digests": [_digest_line(digest) for digest in digests],
        "muted_until": profile.muted_until if is_muted else None,
        "quiet": quiet_in_words(profile),
        "twice": profile.even_if_in_channel,
        "channels": tuple(channels),
        "buttons": controls,
        "command": command,
    }


def routes(
    found: Sequence[tuple[Route, str]], *, about: str, may_change: bool, add: str, command: str, sentence: str = ""
) -> Context:
    """The context of ``routes``.

    Args:
        found: each with the name of its site.
        about: whose routes they are.
        may_change: whether the person may change them.
        add: the value of the button that adds one.
        command: the full command.
        sentence: what was just done.
    """
    button = Button(text="Add a route", action="do:routes#add", value=add, label="Add a channel route", style="primary")
    return {
        "sentence": sentence,
        "about": about,
        "routes": [
            {
                "site": site,
                "channel": route.channel,
                "events": events_in_words(route.events),
                "health": health_in_words(route),
                "health_at": route.health_at,
                "declared": route.declared,
                "buttons": _route_buttons(route, site) if may_change else (),
            }
            for route, site in found
        ],
        "buttons": (button,) if may_change else (),
        "command": command,
    }


def _subscription_line(subscription: Subscription, label: str) -> SubscriptionLine:
    stop = Button(
        text="Include again" if subscription.silent else "Stop",
        action=f"do:unsubscribe#w{subscription.id}",
        value=f"subscription:{subscription.id}",
        label=f"Include {label} again" if subscription.silent else f"Unsubscribe from {label}",
    )
    return SubscriptionLine(text=subscription_in_words(subscription, label), button=stop)


def _digest_line(digest: Digest) -> SubscriptionLine:
    words = digest_in_words(digest)
    stop = Button(
        text="Stop", action=f"do:unsubscribe#r{digest.id}", value=f"digest:{digest.id}", label=f"Stop this: {words}"
    )
    return SubscriptionLine(text=words, button=stop)


def _route_buttons(route: Route, site: str) -> tuple[Button, ...]:
    where = f"the route of {site}"
    test = Button(
        text="Test", action=f"do:routes#test{route.id}", value=f"test {route.id}", label=f"Send a test through {where}"
    )
    turn = Button(
        text="Disable" if route.active else "Enable",
        action=f"do:routes#turn{route.id}",
        value=f"{'off' if route.active else 'on'} {route.id}",
        label=f"{'Disable' if route.active else 'Enable'} {where}",
    )
    change = Button(
        text="Change", action=f"do:routes#change{route.id}", value=f"change {route.id}", label=f"Change {where}"
    )
    remove = Button(
        text="Remove",
        action=f"do:routes#remove{route.id}",
        value=f"remove {route.id}",
        label=f"Remove {where}",
        style="danger",
        confirm=Confirm(
            title="Remove this route?",
            text="The channel gets no more messages about this site. Existing messages stay.",
            yes="Remove route",
        ),
    )
    return (test, turn) if route.declared else (test, change, turn, remove)
