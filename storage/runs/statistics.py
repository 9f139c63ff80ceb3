"""What the history comes to: the same runs that its lists show, counted where they lie.

Runs belong to the time at which they were asked for, as in ``storage.runs.history``, so that counts and lists agree.
``sites`` is what the reader may see and ``hidden`` the devices at them that the reader may not; with ``devices``
only these are looked at.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from domain.digests.statistics import Changed, DayCounts, Times, no_counts, spread
from domain.runs.outcomes import Outcome
from domain.times.wall_clock import local_day
from storage.database.statements import fetch, in_chunks, to_columns, utc
from storage.runs.history import first_after, last_before

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
    from datetime import date, datetime
    from zoneinfo import ZoneInfo

    from domain.digests.statistics import Counts

_SPANS_AT_ONCE = 10  # in one statement: between two of them the database answers others
_SAMPLED = 12_000  # runs whose times are read, of all days together ...
_SAMPLED_A_DAY = 100  # ... and of one day at least
_COUNTS = ", ".join(f"COUNT(*) FILTER (WHERE outcome = '{outcome.value}') AS {outcome.value}" for outcome in Outcome)
_EXACT = "COALESCE(created_at, created_at)"  # so that the walk stays in the index of devices
_MIXED = "(id % 1000003 * 7919 + id / 1000003) % 104729"  # in no step with the order in which runs were made

Span = tuple["datetime", "datetime"]  # from when and until when
Tally = dict[tuple[int, str], "Counts"]  # by number of the span and site


@dataclass(frozen=True, slots=True)
class _Asked:
    """Whose runs are counted."""

    sites: tuple[str, ...]
    hidden: frozenset[str]
    devices: frozenset[str] | None

    def shows(self, device: str) -> bool:
        return device not in self.hidden and (self.devices is None or device in self.devices)


async def outcome_counts_by_site(
    sites: frozenset[str],
    *,
    hidden: frozenset[str],
    since: datetime,
    until: datetime,
    devices: frozenset[str] | None = None,
) -> dict[str, Counts]:
    """The same for each of ``sites``, also those without a run."""
    asked = _Asked(tuple(sorted(sites)), hidden, devices)
    tally = await _tally(asked, [(since, until)])
    return {site: tally[0, site] for site in asked.sites}


async def daily_counts(
    sites: frozenset[str],
    *,
    hidden: frozenset[str],
    zone: ZoneInfo,
    first: date,
    days: int,
    devices: frozenset[str] | None = None,
) -> list[DayCounts]:
    """The runs of each local day, from ``first`` on.

    The counts are exact. How long runs took and waited is measured on all of them up to some thousands, and beyond
    that on an even choice of them.
    """
    asked = _Asked(tuple(sorted(sites)), hidden, devices)
    dates = [first + timedelta(days=number) for number in range(days)]
    spans = [local_day(day, zone) for day in dates]
    tally = await _tally(asked, spans)
    counts = [_sum(tally[number, site] for site in asked.sites) for number in range(days)]
    took = await _times(asked, spans, [_total([one]) for one in counts])
    return [
        DayCounts(day=day, counts=counts[number], running=spread(took[number][0]), waiting=spread(took[number][1]))
        for number, day in enumerate(dates)
    ]


async def usual_times(
    sites: frozenset[str],
    *,
    hidden: frozenset[str],
    since: datetime,
    until: datetime,
    devices: frozenset[str] | None = None,
) -> Times:
    """How long the runs of a time took and waited, measured on an even choice of them where they are very many."""
    asked = _Asked(tuple(sorted(sites)), hidden, devices)
    tally = await _tally(asked, [(since, until)])
    took = await _times(asked, [(since, until)], [_total(tally.values())])
    return Times(running=spread(took[0][0]), waiting=spread(took[0][1]))


async def most_changed(
    sites: frozenset[str],
    *,
    hidden: frozenset[str],
    since: datetime,
    until: datetime,
    limit: int,
    devices: frozenset[str] | None = None,
) -> list[Changed]:
    """The devices that were modified most often, and among equals by the most lines."""
    asked = _Asked(tuple(sorted(sites)), hidden, devices)
    found: list[Changed] = []
    if not asked.sites:
        return found
    for marked in in_chunks(sorted(devices - hidden)) if devices is not None else ([],):
        rows = await _modified(asked.sites, marked, since, until)
        found += [Changed(**row) for row in rows if asked.shows(row["device"])]
    found.sort(key=lambda one: (-one.times, -(one.added + one.removed), one.device))
    return found[:limit]


async def _modified(
    sites: Sequence[str], devices: Sequence[str], since: datetime, until: datetime
) -> list[dict[str, Any]]:
    values: list[Any] = []
    where = _of(values, sites, devices)
    where.append(f"outcome = {_marks(values, [Outcome.MODIFIED])}")
    where += await _within(values, (since, until))
    sql = (
        "SELECT device, COUNT(*) AS times, SUM(added) AS added, SUM(removed) AS removed FROM run "  # noqa: S608 - our columns, values apart
        f"WHERE {' AND '.join(where)} GROUP BY device"
    )
    return await fetch(sql, to_columns(values))


async def _tally(asked: _Asked, spans: Sequence[Span]) -> Tally:
    """The counts of each span and site; all of them are there."""
    tally: Tally = {(number, site): no_counts() for number in range(len(spans)) for site in asked.sites}
    if not asked.sites:
        return tally
    if asked.devices is not None:
        await _add_devices(tally, asked, asked.devices - asked.hidden, spans, sign=1)
        return tally
    for chunk in in_chunks(enumerate(spans), _SPANS_AT_ONCE):
        values: list[Any] = []
        sites = _of(values, asked.sites)
        wheres = {number: [*sites, *_between("created_at", values, span)] for number, span in chunk}
        _add(tally, await _counted(wheres, values), sign=1)
    await _add_devices(tally, asked, asked.hidden, spans, sign=-1)
    return tally


async def _add_devices(
    tally: Tally, asked: _Asked, devices: frozenset[str], spans: Sequence[Span], *, sign: int
) -> None:
    """Count some devices by themselves, along the index of devices; hidden ones are few and are taken off again."""
    for marked in in_chunks(sorted(devices)):
        for chunk in in_chunks(enumerate(spans), _SPANS_AT_ONCE):
            values: list[Any] = []
            at = _of(values, asked.sites, marked)
            wheres = {number: [*at, *await _within(values, span)] for number, span in chunk}
            _add(tally, await _counted(wheres, values), sign=sign)


async def _counted(wheres: Mapping[int, Iterable[str]], values: Sequence[Any]) -> list[dict[str, Any]]:
    parts = [
        f"SELECT {number:d} AS span, site, {_COUNTS} FROM run WHERE {' AND '.join(where)} GROUP BY site"  # noqa: S608 - our columns, values apart
        for number, where in wheres.items()
    ]
    return await fetch(" UNION ALL ".join(parts), to_columns(values))


def _add(tally: Tally, rows: Iterable[Mapping[str, Any]], *, sign: int) -> None:
    for row in rows:
        counts = tally[row["span"], row["site"]]
        for outcome in Outcome:
            counts[outcome] += sign * row[outcome.value]


async def _times(
    asked: _Asked, spans: Sequence[Span], totals: Sequence[int]
) -> Mapping[int, tuple[list[float], list[float]]]:
    """Seconds of running and of waiting of a choice of the runs of each span."""
    most = max(_SAMPLED // max(len(spans), 1), _SAMPLED_A_DAY)
    found: dict[int, tuple[list[float], list[float]]] = defaultdict(lambda: ([], []))
    wanted = [(number, span, -(-total // most)) for number, (span, total) in enumerate(zip(spans, totals, strict=True))]
    async for row in _chosen(asked, [one for one in wanted if one[2]]):
        if not asked.shows(row["device"]):
            continue
        running, waiting = found[row["span"]]
        ready = max(row["created_at"], row["not_before"] or row["created_at"])
        if row["started_at"] and row["finished_at"]:
            running.append((row["finished_at"] - row["started_at"]).total_seconds())
        if ended := row["started_at"] or row["finished_at"]:
            waiting.append(max((ended - ready).total_seconds(), 0.0))
    return found


async def _chosen(asked: _Asked, wanted: Sequence[tuple[int, Span, int]]) -> AsyncIterator[dict[str, Any]]:
    """One in so many of the runs of each span."""
    for marked in in_chunks(sorted(asked.devices)) if asked.devices is not None else ([],):
        for chunk in in_chunks(wanted, _SPANS_AT_ONCE):
            values: list[Any] = []
            parts = [await _choice(asked, marked, values, one) for one in chunk]
            for row in await fetch(" UNION ALL ".join(parts), to_columns(values)):
                yield row


async def _choice(asked: _Asked, devices: Sequence[str], values: list[Any], wanted: tuple[int, Span, int]) -> str:
    number, span, step = wanted
    where = [f"{_MIXED} % {step:d} = 0"] if step > 1 else []
    where += _of(values, asked.sites, devices)
    where += await _within(values, span) if devices else _between("created_at", values, span)
    return (
        f"SELECT {number:d} AS span, device, created_at, not_before, started_at, finished_at FROM run "  # noqa: S608 - the same
        f"WHERE id IN (SELECT id FROM run WHERE {' AND '.join(where)})"
    )


def _of(values: list[Any], sites: Sequence[str], devices: Sequence[str] = ()) -> list[str]:
    """Conditions for the runs of some sites, or of some devices there; a walk along devices stays in their index."""
    if not devices:
        return [f"site IN ({_marks(values, sites)})"]
    return [f"device IN ({_marks(values, devices)})", f"COALESCE(site, site) IN ({_marks(values, sites)})"]


async def _within(values: list[Any], span: Span) -> list[str]:
    """A span for a walk in the order of numbers, which stay between two of them."""
    bounds = (await last_before(span[0]), await first_after(span[1]))
    return [f"id > {bounds[0]:d}", f"id < {bounds[1]:d}", *_between(_EXACT, values, span)]


def _between(column: str, values: list[Any], span: Span) -> list[str]:
    return [f"{column} >= {_marks(values, [utc(span[0])])}", f"{column} < {_marks(values, [utc(span[1])])}"]


def _marks(values: list[Any], more: Sequence[Any]) -> str:
    """Marks for ``more``, which join ``values``."""
    values += more
    return ", ".join(f"${place}" for place in range(len(values) - len(more) + 1, len(values) + 1))


def _total(several: Iterable[Counts]) -> int:
    return sum(sum(counts.values()) for counts in several)


def _sum(several: Iterable[Counts]) -> Counts:
    total = no_counts()
    for counts in several:
        for outcome, count in counts.items():
            total[outcome] += count
    return total
