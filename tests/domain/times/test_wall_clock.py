"""Days and moments where clocks change, in every zone that this machine knows."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo, available_timezones

import pytest

from commands.input.values import end_of_day, since, until
from domain.times.wall_clock import first_moment, local_day, moment_after

if TYPE_CHECKING:
    from collections.abc import Iterator

YEARS = (1971, 1994, 2006, 2011, 2026)  # in which whole days were skipped, half hours and hours, at midnight and not
BERLIN = ZoneInfo("Europe/Berlin")
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
AROUND = tuple(timedelta(minutes=step) for step in (-90, -61, -31, -1, 0, 1, 29, 59, 61, 90))


def changes(zone: ZoneInfo) -> Iterator[datetime]:
    """The moments at which the clock of ``zone`` is changed, in some years."""
    for year in YEARS:
        days = [datetime(year, 1, 1, tzinfo=UTC) + number * DAY for number in range(366)]
        for before, after in pairwise(days):
            early, late = before, after
            if early.astimezone(zone).utcoffset() == late.astimezone(zone).utcoffset():
                continue
            while late - early > timedelta(seconds=1):
                middle = early + (late - early) / 2
                same = middle.astimezone(zone).utcoffset() == before.astimezone(zone).utcoffset()
                early, late = (middle, late) if same else (early, middle)
            yield late.replace(microsecond=0)


def wall_at(moment: datetime, zone: ZoneInfo) -> datetime:
    """What the clock shows."""
    return moment.astimezone(zone).replace(tzinfo=None, fold=0)


def _all() -> list[tuple[ZoneInfo, list[datetime]]]:
    """Every zone with its changes, without those that are the same under another name."""
    found: dict[tuple[object, ...], tuple[ZoneInfo, list[datetime]]] = {}
    for zone in map(ZoneInfo, sorted(available_timezones())):
        moments = list(changes(zone))
        found.setdefault(tuple((one, one.astimezone(zone).utcoffset()) for one in moments), (zone, moments))
    return list(found.values())


ALL = _all()


def test_there_are_changes_in_most_zones() -> None:
    assert sum(bool(moments) for _, moments in ALL) > 100


def test_s7_a_moment_that_is_named_lies_ahead_and_is_the_first_that_the_clock_shows() -> None:
    for zone, moments in ALL:
        for now in (moment + step for moment in moments for step in AROUND):
            for ahead in AROUND[::3]:
                wall = wall_at(now + ahead, zone).replace(second=0)
                found = moment_after(wall, zone, now)
                if found is None:
                    assert first_moment(wall, zone) <= now
                    continue
                assert found > now
                is_skipped = wall_at(first_moment(wall, zone), zone) != wall
                assert is_skipped or wall_at(found, zone) == wall
                if ahead > MINUTE and not is_skipped:  # what the clock shows so soon comes no later than then
                    assert found <= now + ahead


def test_s7_days_follow_each_other_without_a_gap_whatever_is_skipped_or_comes_twice() -> None:
    for zone, moments in ALL:
        for day in {wall_at(moment, zone).date() + step * DAY for moment in moments for step in (-1, 0, 1)}:
            begin, end = local_day(day, zone)
            assert begin <= end
            assert local_day(day + DAY, zone)[0] == end
            assert wall_at(begin, zone).date() >= day
            assert wall_at(begin - MINUTE, zone).date() < day
            assert end_of_day(day, zone) == end - timedelta(microseconds=1)
            assert since(day.isoformat(), now=end, zone=zone) == begin


def test_s7_until_a_time_said_around_a_change_is_the_next_time_that_the_clock_shows_it() -> None:
    for zone, moments in ALL:
        for now in (moment + step for moment in moments for step in AROUND):
            typed = f"{wall_at(now + 10 * MINUTE, zone):%H:%M}"
            found = until([typed], now=now, zone=zone)
            assert found is not None
            assert now < found
            if wall_at(now + 10 * MINUTE, zone) - wall_at(now, zone) == 10 * MINUTE:
                assert found <= now + 10 * MINUTE


UNTIL = {
    "ten minutes on, in the hour that comes a second time": ("2026-10-25T01:40Z", ["02:50"], "2026-10-25T01:50Z"),
    "the same, the first time": ("2026-10-25T00:40Z", ["02:50"], "2026-10-25T00:50Z"),
    "past already, and coming again": ("2026-10-25T00:40Z", ["02:30"], "2026-10-25T01:30Z"),
    "past for good": ("2026-10-25T01:40Z", ["02:30"], "2026-10-26T01:30Z"),
    "in the hour that is skipped": ("2026-03-29T00:40Z", ["02:30"], "2026-03-29T01:00Z"),
    "of a day": ("2026-10-20T12:00Z", ["2026-10-25", "02:30"], "2026-10-25T00:30Z"),
    "of today, again": ("2026-10-25T00:40Z", ["today", "2:30", "am"], "2026-10-25T01:30Z"),
    "noon": ("2026-10-24T12:00Z", ["noon"], "2026-10-25T11:00Z"),
    "midnight": ("2026-10-24T12:00Z", ["midnight"], "2026-10-24T22:00Z"),
    "tomorrow at six": ("2026-10-24T12:00Z", ["tomorrow", "at", "6", "am"], "2026-10-25T05:00Z"),
    "a day alone": ("2026-10-24T12:00Z", ["sunday"], "2026-10-24T22:00Z"),
}


@pytest.mark.parametrize(("now", "words", "moment"), UNTIL.values(), ids=UNTIL)
def test_s7_until(now: str, words: list[str], moment: str) -> None:
    assert until(words, now=datetime.fromisoformat(now), zone=BERLIN) == datetime.fromisoformat(moment)


def test_a_day_that_a_zone_skips_is_empty_and_its_end_is_the_begin_of_the_next() -> None:
    apia, skipped = ZoneInfo("Pacific/Apia"), date(2011, 12, 30)

    begin, end = local_day(skipped, apia)

    assert begin == end == first_moment(datetime.combine(skipped, time(18)), apia)
    assert wall_at(begin, apia) == datetime(2011, 12, 31)  # noqa: DTZ001 - what a wall shows
