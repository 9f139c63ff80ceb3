"""Reviews: which changes somebody has looked at, and which still wait for that."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from storage.database.statements import clean, fetch, in_chunks, to_columns, utc
from storage.devices.versions import to_version, version_of
from storage.tables.core import VersionRow

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from domain.configs.versions import Review, Version

MAX_SITES_A_STATEMENT = 100  # sites of one statement
MAX_VERSIONS_A_STATEMENT = 100  # versions of one statement: each device may have each of the numbers


async def review(device: str, number: int, *, by: str, note: str, now: datetime) -> tuple[Review, bool] | None:
    """Write down that ``by`` has reviewed version ``number`` of ``device``.

    Returns:
        The review that now stands, and whether it is this one: the first of two is kept, so doing it twice changes
        nothing. None: there is no such version, or it is a baseline, which changed nothing.
    """
    waiting = VersionRow.filter(device=device, number=number, number__gt=1, reviewed_at__isnull=True)
    is_new = await waiting.update(reviewed_by=by, reviewed_at=utc(now), review_note=clean(note), awaits_review=False)
    found = await version_of(device, number)
    return (found.review, bool(is_new)) if found and found.review else None


async def unreviewed(
    sites: Iterable[str], hidden: frozenset[str] = frozenset(), *, limit: int = 10, before: int | None = None
) -> list[Version]:
    """The changes at ``sites`` that nobody has reviewed yet, the newest first, devices in ``hidden`` left out.

    ``before`` is the run of the version that ended the page before.
    """
    found: list[int] = []
    for chunk in in_chunks(sorted(set(sites)), MAX_SITES_A_STATEMENT):
        found += await _runs(chunk, hidden, limit=limit, before=before)
    shown = sorted(found, reverse=True)[:limit]
    rows = [] if not shown else await VersionRow.filter(site__in=sorted(set(sites)), awaits_review=True, run__in=shown)
    return [to_version(row) for row in sorted(rows, key=lambda row: -row.run)]


async def count_unreviewed(sites: Iterable[str], hidden: frozenset[str] = frozenset()) -> int:
    """How many changes at ``sites`` nobody has reviewed yet, devices in ``hidden`` left out."""
    wanted = sorted(set(sites))
    if not wanted:
        return 0
    count = await VersionRow.filter(site__in=wanted, awaits_review=True).count()
    for chunk in in_chunks(sorted(hidden)):
        count -= await VersionRow.filter(device__in=chunk, site__in=wanted, awaits_review=True).count()
    return count


async def count_unreviewed_of(devices: Iterable[str], sites: Iterable[str]) -> int:
    """How many changes of ``devices`` at ``sites`` nobody has reviewed yet."""
    wanted = sorted(set(sites))
    count = 0
    for chunk in in_chunks(sorted(set(devices))):
        count += await VersionRow.filter(device__in=chunk, site__in=wanted, awaits_review=True).count()
    return count


async def reviews_of(versions: Iterable[tuple[str, int]]) -> dict[tuple[str, int], Review]:
    """The reviews of ``versions``, a device and a number each; those that nobody has reviewed are left out."""
    found: dict[tuple[str, int], Review] = {}
    for chunk in in_chunks(dict.fromkeys(versions), MAX_VERSIONS_A_STATEMENT):
        devices, numbers = {device for device, _ in chunk}, {number for _, number in chunk}
        rows = VersionRow.filter(device__in=devices, number__in=numbers, reviewed_at__isnull=False)
        reviews = {(one.device, one.number): one.review for one in map(to_version, await rows)}
        found |= {pair: review for pair in chunk if (review := reviews.get(pair))}
    return found


async def _runs(sites: Sequence[str], hidden: frozenset[str], *, limit: int, before: int | None) -> list[int]:
    """The newest runs of each site that made a change which waits: a walk along the index for each of them."""
    values: list[Any] = [True, *([before] if before is not None else []), *sorted(hidden)]
    where = ["awaits_review = $1", *(["run < $2"] if before is not None else [])]
    if hidden:
        first = len(values) - len(hidden) + 1
        marks = ", ".join(f"${place}" for place in range(first, len(values) + 1))
        where.append(f"device NOT IN ({marks})")
    parts = []
    for site in sites:
        values.append(site)
        wanted = " AND ".join([f"site = ${len(values)}", *where])
        ordered = f"SELECT run FROM version WHERE {wanted} ORDER BY run DESC LIMIT {limit:d}"  # noqa: S608 - our columns, values apart
        parts.append(f"SELECT run FROM ({ordered}) AS walk")  # noqa: S608 - the same
    return [row["run"] for row in await fetch(" UNION ALL ".join(parts), to_columns(values))]
