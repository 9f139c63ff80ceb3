"""Who hears a piece of news: decided from what people and sites chose, without asking anybody."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC
from enum import StrEnum
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

from domain.subscriptions.kinds import NewsKind
from domain.subscriptions.watches import WatchScope

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from collections.abc import Set as AbstractSet
    from datetime import datetime, tzinfo

    from domain.events.transitions import Notice
    from domain.subscriptions.routes import Route
    from domain.subscriptions.watches import Profile, Watch

_NARROWEST_FIRST: Final = (WatchScope.DEVICE, WatchScope.JOB, WatchScope.SITE)


@dataclass(frozen=True, slots=True, kw_only=True)
class News:
    """One notice about one device."""

    id: int
    bundle: int
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


def watch_that_counts(watches: Iterable[Watch], news: News, *, known_since: datetime | None) -> Watch | None:
    """The narrowest of a person's ``watches`` that fits the device of ``news``; None: none does.

    ``known_since`` is when the device was first declared; None: before anybody took note of that.
    """
    fitting = [watch for watch in watches if _fits(watch, news, known_since)]
    return min(fitting, key=lambda watch: _NARROWEST_FIRST.index(watch.scope), default=None)


def _fits(watch: Watch, news: News, known_since: datetime | None) -> bool:
    if watch.site != news.site:
        return False
    match watch.scope:
        case WatchScope.DEVICE:
            return watch.target == news.device
        case WatchScope.JOB:
            return watch.target in {str(job) for job in news.jobs}
        case WatchScope.SITE:
            return watch.and_new or known_since is None or known_since <= watch.created_at


def person_hears(watches: Iterable[Watch], news: News, *, known_since: datetime | None) -> bool:
    """Whether the person of these ``watches`` wants to hear ``news`` at once."""
    watch = watch_that_counts(watches, news, known_since=known_since)
    if watch is None or watch.silent:
        return False
    return watch.modified if news.notice.kind is NewsKind.MODIFIED else watch.failed


def route_hears(route: Route, news: News, *, restricted: Collection[str]) -> bool:
    """Whether ``news`` stand in the channel of ``route``: nothing that is hidden from somebody, and nothing twice."""
    wanted = route.active and route.site == news.site and news.notice.kind in route.events
    return wanted and news.device not in restricted and news.place != route.channel


def has_it_already(
    person: str, news: News, channels: Collection[str], *, rooms: AbstractSet[str], profile: Profile
) -> bool:
    """Whether ``person`` asked for it, or reads one of the ``channels`` in which it stands and wants it only once.

    ``rooms`` are the channels that the person is in.
    """
    if person == news.asked_by:
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
    shown = at.astimezone(_zone(profile)).time().replace(fold=0)
    if begin < end:
        return begin <= shown < end
    return shown >= begin or shown < end


def _zone(profile: Profile) -> tzinfo:
    try:
        return ZoneInfo(profile.zone)
    except (KeyError, ValueError, OSError):  # a zone that Slack knows and this machine does not
        return UTC
