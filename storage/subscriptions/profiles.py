"""How each person wants to be told."""

from __future__ import annotations

from datetime import time
from typing import TYPE_CHECKING

from tortoise.expressions import F

from domain.subscriptions.subscriptions import Profile
from storage.database.readable import readable
from storage.database.statements import in_chunks, utc
from storage.tables.subscriptions import ProfileRow

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime


async def profile_of(person: str) -> Profile:
    """What ``person`` chose; the defaults if nothing."""
    return (await profiles_of([person])).get(person) or Profile(person=person)


async def profiles_of(persons: Iterable[str]) -> dict[str, Profile]:
    """What these persons chose; those who never did are left out."""
    found: dict[str, Profile] = {}
    for chunk in in_chunks(sorted(set(persons))):
        profiles = readable(await ProfileRow.filter(person__in=chunk), _to_profile)
        found |= {profile.person: profile for profile in profiles}
    return found


async def put_profile(profile: Profile) -> None:
    """Write down what a person chose, in place of what was chosen before."""
    await ProfileRow.update_or_create(
        {
            "muted_until": profile.muted_until and utc(profile.muted_until),
            "muted_at": profile.muted_at and utc(profile.muted_at),
            "last_mute_from": utc(profile.last_mute[0]) if profile.last_mute else None,
            "last_mute_to": utc(profile.last_mute[1]) if profile.last_mute else None,
            "even_if_in_channel": profile.even_if_in_channel,
            "quiet_from": _text(profile.quiet_from),
            "quiet_to": _text(profile.quiet_to),
            "zone": profile.zone,
        },
        person=profile.person,
    )


async def mutes_over(now: datetime, *, limit: int = 200) -> list[Profile]:
    """Profiles whose mute has ended and was not told yet: those that ended first come first."""
    rows = ProfileRow.filter(muted_until__lte=utc(now)).order_by("muted_until", "person").limit(limit)
    return readable(await rows, _to_profile)


async def end_mute(person: str, *, until: datetime) -> bool:
    """Forget the mute of ``person`` that went until then; False: it is another one by now."""
    rows = ProfileRow.filter(person=person, muted_until=utc(until))
    over = {"last_mute_from": F("muted_at"), "last_mute_to": F("muted_until")}
    return bool(await rows.update(muted_until=None, muted_at=None, **over))


def _text(moment: time | None) -> str | None:
    return moment.isoformat("minutes") if moment else None


def _time(text: str | None) -> time | None:
    return time.fromisoformat(text) if text else None


def _to_profile(row: ProfileRow) -> Profile:
    return Profile(
        person=row.person,
        muted_until=row.muted_until,
        muted_at=row.muted_at,
        last_mute=(row.last_mute_from, row.last_mute_to) if row.last_mute_from and row.last_mute_to else None,
        even_if_in_channel=row.even_if_in_channel,
        quiet_from=_time(row.quiet_from),
        quiet_to=_time(row.quiet_to),
        zone=row.zone,
    )
