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

    from domain.runs.steps import StoredVersion


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


async def newest_version(device: str) -> Version | None:
    """The last version of ``device``; None: nothing has been stored yet."""
    row = await VersionRow.filter(device=device).order_by("-number").first()
    return to_version(row) if row else None


async def newest_versions(devices: Iterable[str]) -> dict[str, Version]:
    """The last version of each device; devices of which nothing has been stored are left out."""
    found: dict[str, Version] = {}
    for chunk in in_chunks(dict.fromkeys(devices)):
        marks = ", ".join(f"(${place})" for place in range(1, len(chunk) + 1))
        # The last entry of the index for each device; GROUP BY would read their whole history.
        newest = "SELECT id FROM version WHERE device = d.column1 ORDER BY number DESC LIMIT 1"
        sql = f"SELECT ({newest}) AS id FROM (VALUES {marks}) AS d"  # noqa: S608 - marks only
        ids = [row["id"] for row in await fetch(sql, chunk) if row["id"] is not None]
        found |= {row.device: to_version(row) for row in await VersionRow.filter(id__in=ids)}
    return found


async def version_at(device: str, when: datetime) -> Version | None:
    """The version that was valid at ``when``; None: the first was captured later."""
    row = await VersionRow.filter(device=device, captured_at__lte=utc(when)).order_by("-number").first()
    return to_version(row) if row else None


async def newest_commit(site: str) -> str | None:
    """The last commit of ``site`` that the database knows: what ``Archive.commits_after`` wants."""
    row = await VersionRow.filter(site=site).order_by("-id").first()
    return row.commit if row else None


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
    """Add versions within the caller's transaction; the version before each of them ends where it begins."""
    await run_for_each(_INSERT, [to_columns(_version_columns(version).values()) for version in stored])
    await run_for_each(_END_EARLIER, [to_columns((one.device, one.number, one.captured_at)) for one in stored])


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
        "awaits_review": stored.number > 1,  # the first one is the baseline
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
    )


def _review(row: VersionRow) -> Review | None:
    if row.reviewed_by is None or row.reviewed_at is None:
        return None
    return Review(by=row.reviewed_by, at=row.reviewed_at, note=row.review_note)


_INSERT = """
INSERT INTO version
    (device, site, number, "commit", run, captured_at, last_checked_at, size, digest, author, added, removed,
     secrets_changed, awaits_review, review_note)
VALUES ($1, $2, $3, $4, $5, $6, $6, $7, $8, $9, $10, $11, $12, $13, '')
ON CONFLICT (device, number) DO NOTHING
"""

_END_EARLIER = "UPDATE version SET valid_until = $3 WHERE device = $1 AND number < $2 AND valid_until IS NULL"
