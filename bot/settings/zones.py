"""Time zones of app.yaml: only real ones, and a guess that helps where somebody named a city or an abbreviation."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo, available_timezones

from bot.settings.nearest import nearest, unknown

_NOT_A_PLACE: Final = frozenset({"localtime", "Factory", "posixrules"})  # each machine makes another zone of them
_CONTINENTS: Final = tuple(
    f"{one}/"
    for one in ("Africa", "America", "Antarctica", "Asia", "Atlantic", "Australia", "Europe", "Indian", "Pacific")
)
_ABBREVIATIONS: Final = {
    "cest": "Europe/Berlin",
    "mesz": "Europe/Berlin",
    "mez": "Europe/Berlin",
    "bst": "Europe/London",
    "west": "Europe/Lisbon",
    "eest": "Europe/Helsinki",
    "msk": "Europe/Moscow",
    "et": "America/New_York",
    "edt": "America/New_York",
    "ct": "America/Chicago",
    "cst": "America/Chicago",
    "cdt": "America/Chicago",
    "mt": "America/Denver",
    "mdt": "America/Denver",
    "pt": "America/Los_Angeles",
    "pst": "America/Los_Angeles",
    "pdt": "America/Los_Angeles",
    "brt": "America/Sao_Paulo",
    "ist": "Asia/Kolkata",
    "sgt": "Asia/Singapore",
    "jst": "Asia/Tokyo",
    "kst": "Asia/Seoul",
    "aest": "Australia/Sydney",
    "aedt": "Australia/Sydney",
    "nzst": "Pacific/Auckland",
    "nzdt": "Pacific/Auckland",
}
_OFFSET: Final = re.compile(r"(?:utc|gmt|z)?\s*[+-]\s*[0-9]{1,2}(?::?[0-9]{2})?", re.IGNORECASE)


def read_zone(name: str) -> ZoneInfo:
    """The zone of this name.

    Raises:
        ValueError: there is none; the sentence names the one that was probably meant.
    """
    if name in zone_names():
        return ZoneInfo(name)
    if name in _NOT_A_PLACE:
        raise ValueError(f'"{name}" is not a time zone of its own; name a place, such as Europe/Berlin')
    if _OFFSET.fullmatch(name.strip()):
        advice = "name a place, such as Europe/Berlin, so that clock changes count"
        raise ValueError(f'unknown time zone "{name}"; {advice}')
    guess = guessed_zone(name)
    raise ValueError(f'unknown time zone "{name}"; did you mean {guess}?' if guess else unknown_zone(name))


def unknown_zone(name: str) -> str:
    """What to say where nothing comes near."""
    return unknown("time zone", name, ("Europe/Berlin", "America/New_York", "Asia/Tokyo", "UTC"))


def guessed_zone(name: str) -> str | None:
    """The zone that somebody meant who wrote its city, another case, blanks, an abbreviation, or a slip."""
    said = "_".join(name.casefold().split())
    known = {one.casefold(): one for one in zone_names()}
    city = said.rpartition("/")[2]
    return known.get(said) or _ABBREVIATIONS.get(said) or _cities().get(city) or _near(said, city)


def _near(said: str, city: str) -> str | None:
    place = nearest(city, _cities()) if len(city) > 3 else None  # noqa: PLR2004 - shorter ones are like everything
    whole = nearest(said, sorted(zone_names())) if "/" in said else None
    return whole or (_cities()[place] if place else None)


@lru_cache(maxsize=1)
def zone_names() -> frozenset[str]:
    """All that may be named."""
    return frozenset(available_timezones()) - _NOT_A_PLACE


@lru_cache(maxsize=1)
def _cities() -> dict[str, str]:
    """By their cities; where one stands twice, the name of a continent counts before an old one."""
    several = sorted(zone_names(), key=lambda one: (one.startswith(_CONTINENTS), -one.count("/"), one))
    return {one.rpartition("/")[2].casefold(): one for one in several}
