"""The answer to ``now``: what was begun, and where its message stands."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from commands.request import Reply, Surface
from domain.messages.places import run_place
from notifications.pages import answers

if TYPE_CHECKING:
    from commands.request import Request
    from domain.inventory.declared import Site
    from domain.messages.places import Place

APART: Final = " Results of restricted devices come in a direct message."


@dataclass(frozen=True, slots=True, kw_only=True)
class Begun:
    """What ``now`` has begun."""

    site: str
    command: str  # that asks for the same again
    sentence: str
    place: Place  # of its message
    devices: tuple[str, ...] = ()  # the restricted ones that are named or counted
    says_more: bool = True  # than the message of the run


def place_of(site: Site, request: Request, *, is_restricted: bool = False) -> Place:
    """Where the message of what begins at ``site`` stands; that of a restricted device is for the asker alone."""
    channel = None if is_restricted else site.channel
    return run_place(request.place, asker=request.person.id, site_channel=channel, own_dm=request.own_dm)


def begun_reply(begun: Begun, request: Request) -> Reply:
    """The answer beside the message of the run: noise, unless it says more or stands elsewhere.

    To a choice from a picker it repeats the full command, for the next time.
    """
    elsewhere = begun.place.channel if begun.place.channel != request.place.channel else ""
    return Reply(
        template="started",
        context=answers.started(begun.command, sentence=begun.sentence, place=elsewhere),
        sites=(begun.site,),
        devices=begun.devices,
        is_plain_to_see=not elsewhere and not begun.says_more and request.surface is not Surface.SELECT,
    )
