"""Versions: what is known of each stored configuration beside its text."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tortoise.transactions import in_transaction

from domain.configs.versions import Review, Version
from storage.database.statements import fetch, in_chunks, run_for_each, to_columns, utc
from storage.devices.devices import DeviceMove, move_devices
from storage.tables.core import VersionRow

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from tortoise.queryset import QuerySet

    from domain.runs.steps import StoredVersion

MAX_PAIRS_A_STATEMENT = 100  # versions of one statement: each device may have each of the numbers

# A device may have belonged to several sites in turn, and a version stays with the site at which it was captured:
# whoever shows one asks for that site's rights. Numbers go on counting over all of them: each means one text.


async def versions_of(device: str, *, limit: int = 20, before: int | None = None) -> list[Version]:
    """The versions of ``device``, newest first; ``before`` is the number that ended the page before."""
    rows = VersionRow.filter(device=device)
    if before is not None:
        rows = rows.filter(number__lt=before)
    return [to_version(row) for row in await rows.order_by("-number").limit(limit)]


async def version_of(device: str, number: int) -> Version | None:
    """The version of this number; None: there is none."""
    row = await VersionRow.get_or_none(device=device, number=number)
    return to_version(row) if row else None


async def newest_version(device: str, *, sites: Iterable[str] | None = None) -> Version | None:
    """The last version of ``device``, or of those at ``sites``, whose text is there; None: there is none."""
    row = await _of(device, sites).filter(missing_since__isnull=True).order_by("-number").first()
    return to_version(row) if row else None


async def versions_numbered(wanted: Iterable[tuple[str, int]]) -> list[Version]:
    """The versions of these devices and numbers; those that are not there are left out."""
    found: list[Version] = []
    for chunk in in_chunks(dict.fromkeys(wanted), MAX_PAIRS_A_STATEMENT):
        pairs = set(chunk)
        rows = VersionRow.filter(device__in=[name for name, _ in chunk], number__in={number for _, number in chunk})
        found += [to_version(row) for row in await rows if (row.device, row.number) in pairs]
    return found


async def version_before(version: Version) -> Version | None:
    """The version of the same site that ``version`` replaced, as far as texts are there; None: it is a baseline."""
    earlier = VersionRow.filter(device=version.device, site=version.site, number__lt=version.number)
    row = await earlier.filter(missing_since__isnull=True).order_by("-number").first()
    return to_version(row) if row else None


async def newest_versions(devices: Iterable[str]) -> dict[str, Version]:
    """The last version of each device at any site; devices of which nothing has been stored are left out."""
    found: dict[str, Version] = {}
    for chunk in in_chunks(dict.fromkeys(devices)):
        marks = ", ".join(f"(${place})" for place in range(1, len(chunk) + 1))
        # The last entry of the index for each device; GROUP BY would read their whole history.
        newest = "SELECT id FROM version WHERE device = d.column1 ORDER BY number DESC LIMIT 1"
        sql = f"SELECT ({newest}) AS id FROM (VALUES {marks}) AS d"  # noqa: S608 - marks only
        ids = [row["id"] for row in await fetch(sql, chunk) if row["id"] is not None]
        found |= {row.device: to_version(row) for row in await VersionRow.filter(id__in=ids)}
    return found


async def version_at(device: str, when: datetime, *, sites: Iterable[str] | None = None) -> Version | None:
    """The version that was valid at ``when``, of those that belong to ``sites``; None: the first was captured later."""
    row = await _of(device, sites).filter(captured_at__lte=utc(when)).order_by("-number").first()
    return to_version(row) if row else None


async def newest_commits(site: str, *, limit: int = 1) -> list[str]:
    """The last commits of ``site`` that the database knows and whose texts are there, oldest first."""
    rows = VersionRow.filter(site=site, missing_since__isnull=True).order_by("-id").limit(limit)
    return [str(one) for one in await rows.values_list("commit", flat=True)][::-1]


async def add_found_versions(found: Sequence[StoredVersion]) -> list[StoredVersion]:
    """Write down versions that git has and the database has not, oldest first, and move their devices' state.

    For the start after a crash that came between the commit and the end of its run.

    Returns:
        Those that were really missing.
    """
    async with in_transaction():
        known = {(row.device, row.number) for row in await VersionRow.filter(device__in=[one.device for one in found])}
        missing = [one for one in found if (one.device, one.number) not in known]
        await insert_versions(missing)
        await move_devices([DeviceMove(device=one.device, site=one.site, stored=one) for one in missing])
    return missing


async def insert_versions(stored: Sequence[StoredVersion]) -> None:
    """Add versions within the caller's transaction; the one before each of them at its site ends where it begins."""
    await run_for_each(_INSERT, [to_columns(_version_columns(version).values()) for version in stored])
    ends = [(one.device, one.number, one.captured_at, one.site) for one in stored]
    await run_for_each(_END_EARLIER, [to_columns(one) for one in ends])


def _of(device: str, sites: Iterable[str] | None) -> QuerySet[VersionRow]:
    rows = VersionRow.filter(device=device)
    return rows if sites is None else rows.filter(site__in=sorted(set(sites)))


def _version_columns(stored: StoredVersion) -> dict[str, Any]:
    return {
        "device": stored.device,
        "site": stored.site,
        "number": stored.number,
        "commit": stored.commit,
        "run": stored.run,
        "captured_at": stored.captured_at,
        "size": stored.size,
        "digest": stored.digest,
        "author": stored.author,
        "added": stored.added,
        "removed": stored.removed,
        "secrets_changed": stored.secrets_changed,
    }


def to_version(row: VersionRow) -> Version:
    """The domain's value of a row. For this room only."""
    return Version(
        device=row.device,
        site=row.site,
        number=row.number,
        commit=row.commit,
        run=row.run,
        captured_at=row.captured_at,
        last_checked_at=row.last_checked_at,
        valid_until=row.valid_until,
        size=row.size,
        digest=row.digest,
        author=row.author,
        added=row.added,
        removed=row.removed,
        secrets_changed=row.secrets_changed,
        review=_review(row),
        missing_since=row.missing_since,
    )


def _review(row: VersionRow) -> Review | None:
    if row.reviewed_by is None or row.reviewed_at is None:
        return None
    return Review(by=row.reviewed_by, at=row.reviewed_at, note=row.review_note)


_INSERT = """
INSERT INTO version
    (device, site, number, "commit", run, captured_at, last_checked_at, size, digest, author, added, removed,
     secrets_changed, awaits_review, review_note)
VALUES ($1, $2, $3, $4, $5, $6, $6, $7, $8, $9, $10, $11, $12,
        EXISTS (SELECT 1 FROM version AS v
                WHERE v.device = CAST($1 AS VARCHAR) AND v.site = CAST($2 AS VARCHAR) AND v.number < $3
                  AND v.missing_since IS NULL), '')
ON CONFLICT (device, number) DO NOTHING
"""  # the first one of a site is the baseline there: it waits for no review

_END_EARLIER = """
UPDATE version SET valid_until = $3 WHERE device = $1 AND site = $4 AND number < $2 AND valid_until IS NULL
"""
