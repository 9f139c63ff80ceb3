"""The parts of ``app.yaml`` that say where events go."""

from __future__ import annotations

from typing import Annotated

from pydantic import BeforeValidator

from bot.settings.nearest import unknown
from bot.settings.section_base import Section, listed, matches
from domain.subscriptions.kinds import EVERYTHING, USUAL, EventKind

ChannelId = Annotated[
    str,
    matches(
        r"[CG][A-Z0-9]{2,30}",
        "is not a channel id: it begins with C (in Slack: the channel's details, at the very bottom)",
    ),
]


def _events(value: object) -> object:
    """The events of a route, by name; all: every one of them."""
    if value == "all":
        return EVERYTHING
    words = listed(value)
    for word in words if isinstance(words, list) else ():
        if word not in {kind.value for kind in EventKind}:
            raise ValueError(unknown("event", str(word), [kind.value for kind in EventKind]))
    return words


class RouteSection(Section):
    """One channel, and what it hears of its site."""

    channel: ChannelId
    events: Annotated[frozenset[EventKind], BeforeValidator(_events)] = USUAL
