"""Digests: chosen by people and declared, each brought once for each time at which it comes due.

``claim_due`` moves a digest to its next time and writes down what is to be brought, in one transaction. That stays
written until ``brought``, so that a kill in between neither loses a digest nor, since its message has one key, doubles
it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tortoise.expressions import Q
from tortoise.transactions import in_transaction

from domain.digests.digests import Digest, DueDigest, overtake
from domain.errors import NotNow
from domain.jobs.schedules import next_time, store_form
from domain.jobs.spoken import from_store
from domain.times.zones import zone_or_utc
from storage.database.readable import put_off, readable, readable_or_not
from storage.database.statements import connection, in_chunks, insert, update, utc
from storage.tables.core import OutboxRow
from storage.tables.subscriptions import DigestRow

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence
    from datetime import datetime

    from domain.digests.digests import DigestFields

MAX_DIGESTS = 50  # digests of one recipient


@dataclass(frozen=True, slots=True, kw_only=True)
class DigestStanding:
    """How far the message of a digest has come."""

    is_over: bool  # it was sent, or is not worth sending any more
    is_refused: bool  # it was given up
    sites: tuple[str, ...]  # for whose facts access was asked
    devices: tuple[str, ...]


class TooManyDigests(NotNow):
    """A recipient has all the digests that one may have."""

    def __init__(self, recipient: str) -> None:
        advice = f"That would be more than {MAX_DIGESTS} digests. Remove one that nobody reads first."
        super().__init__(f"{recipient} has {MAX_DIGESTS} digests", advice=advice)


async def put_digest(fields: DigestFields, *, now: datetime) -> Digest:
    """Write a digest down, or change the one that this recipient has of the same site and period.

    Of a declared one only ``active`` is taken: the rest stays as it is declared.

    Raises:
        TooManyDigests: it would be one more than a recipient may have.
    """
    async with in_transaction():
        row = await DigestRow.get_or_none(recipient=fields.recipient, site=fields.site or "", period=fields.period)
        if row is not None and row.declared:
            known = to_digest(row)
            await DigestRow.filter(id=row.id).update(**_switched(known, row.next_at, active=fields.active, now=now))
            return await _found(row.id)
        if row is None and await DigestRow.filter(recipient=fields.recipient).count() >= MAX_DIGESTS:
            raise TooManyDigests(fields.recipient)
        return await _write(row, fields, now=now, declared=False)


async def sync_digests(declared: Sequence[DigestFields], *, now: datetime) -> None:
    """Write down the digests of app.yaml, and remove those that it no longer holds.

    Whether one is switched off stays as people left it. One that people had made before becomes a declared one. One
    that came due while Lastgood was stopped is still due afterwards.
    """
    wanted = {(one.recipient, one.site or "", one.period): one for one in declared}
    async with in_transaction():
        known = {(row.recipient, row.site, row.period): row for row in await _declared_or(wanted)}
        gone = [row.id for key, row in known.items() if key not in wanted]
        for chunk in in_chunks(gone):
            await DigestRow.filter(id__in=chunk).delete()
        for key, fields in wanted.items():
            await _write(known.get(key), fields, now=now, declared=True)


async def digests_of(recipient: str) -> list[Digest]:
    """The digests of ``recipient``, a person or a channel."""
    rows = DigestRow.filter(recipient=recipient).order_by("site", "period").limit(MAX_DIGESTS)
    return readable(await rows, to_digest)


async def remove_digest(recipient: str, digest: int) -> bool:
    """Remove a digest of ``recipient``; False: it is declared in app.yaml, another's, or gone already."""
    return bool(await DigestRow.filter(id=digest, recipient=recipient, declared=False).delete())


async def claim_due(now: datetime, *, limit: int = 200) -> int:
    """Take up the digests that are due, those due longest first; returns how many.

    Of several processes each gets other ones. Times that went by while nothing ran count as missed: only the last of
    them is brought.
    """
    async with in_transaction():
        rows = DigestRow.filter(next_at__lte=utc(now)).order_by("next_at", "id").limit(limit)
        if connection().capabilities.support_for_update:
            rows = rows.select_for_update(skip_locked=True)
        due = await rows
        claims, broken = readable_or_not(due, lambda row: _claim(row, now))
        await update(DigestRow, claims)
        await put_off(DigestRow, "next_at", broken, now)
    return len(due)


async def clock_set_back(now: datetime) -> int:
    """Let digests come due by the clock as it is now, if one that was ahead of it had moved them on; how many."""
    async with in_transaction():
        rows = await DigestRow.filter(Q(last_at__gt=utc(now)) | Q(due_at__gt=utc(now)), next_at__isnull=False)
        await update(DigestRow, [_counted_anew(row, now) for row in rows])
    return len(rows)


async def open_digests(*, limit: int = 1000) -> list[DueDigest]:
    """What came due and has not been brought yet, the longest due first."""
    rows = DigestRow.filter(due_at__isnull=False).order_by("due_at", "id").limit(limit)
    return readable(await rows, _to_due)


async def note_try(due: DueDigest) -> None:
    """Remember that ``due`` is composed once more."""
    await DigestRow.filter(id=due.digest.id, due_at=utc(due.due_at)).update(tries=due.tries + 1)


async def brought(ended: Collection[DueDigest]) -> None:
    """These stand in Slack, or are given up. One that came due again meanwhile stays open."""
    for due in ended:
        mine = DigestRow.filter(id=due.digest.id, due_at=utc(due.due_at))
        await mine.update(due_at=None, missed=0, tries=0, last_at=utc(due.due_at))


async def standings(keys: Iterable[str], *, now: datetime) -> dict[str, DigestStanding]:
    """How far the messages of these keys have come; those that were never put are left out."""
    found: dict[str, DigestStanding] = {}
    for chunk in in_chunks(dict.fromkeys(keys)):
        rows = OutboxRow.filter(key__in=chunk)
        found |= {row.key: _standing(row, now) for row in await rows}
    return found


def _standing(row: OutboxRow, now: datetime) -> DigestStanding:
    is_over = row.sent_revision > 0 or (row.expires_at is not None and row.expires_at <= now)
    return DigestStanding(
        is_over=is_over,
        is_refused=row.refusal is not None,
        sites=tuple((row.site or "").split()),
        devices=tuple(row.devices.splitlines()),
    )


async def _declared_or(wanted: Collection[tuple[str, str, Any]]) -> list[DigestRow]:
    found = {row.id: row for row in await DigestRow.filter(declared=True)}
    for recipients in in_chunks({recipient for recipient, _, _ in wanted}):
        rows = await DigestRow.filter(recipient__in=recipients)
        found |= {row.id: row for row in rows if (row.recipient, row.site, row.period) in wanted}
    return list(found.values())


async def _write(row: DigestRow | None, fields: DigestFields, *, now: datetime, declared: bool) -> Digest:
    """Write ``fields``; the next time is kept where the schedule stays, so that one that is due is not lost."""
    active = row.active if row and declared else fields.active
    columns = {
        "recipient": fields.recipient,
        "site": fields.site or "",
        "period": fields.period,
        "schedule": store_form(fields.schedule),
        "zone": fields.zone,
        "form": fields.form,
        "declared": declared,
    }
    stays = row is not None and (row.schedule, row.zone) == (columns["schedule"], fields.zone)
    columns |= _switched(fields, row.next_at if row and stays else None, active=active, now=now)
    if row is None:
        return await _found((await insert(DigestRow, [columns | {"missed": 0, "tries": 0}]))[0])
    await DigestRow.filter(id=row.id).update(**columns)
    return await _found(row.id)


def _switched(fields: DigestFields, next_at: datetime | None, *, active: bool, now: datetime) -> dict[str, Any]:
    coming = next_at or next_time(fields.schedule, zone_or_utc(fields.zone), utc(now))
    return {"active": active, "next_at": coming if active else None}


async def _found(digest: int) -> Digest:
    return to_digest(await DigestRow.get(id=digest))


def _counted_anew(row: DigestRow, now: datetime) -> dict[str, Any]:
    coming = next_time(from_store(row.schedule), zone_or_utc(row.zone), utc(now))
    return {"id": row.id, "next_at": coming, "last_at": min(row.last_at, utc(now)) if row.last_at else None}


def _claim(row: DigestRow, now: datetime) -> dict[str, Any]:
    first = row.next_at or now
    found = overtake(to_digest(row), first, now)
    never_put = row.missed + 1 if row.due_at and not row.tries else 0
    return {
        "id": row.id,
        "due_at": found.due_at,
        "missed": found.missed + never_put,
        "tries": 0,
        "next_at": found.next_at,
    }


def _to_due(row: DigestRow) -> DueDigest:
    if row.due_at is None:
        raise ValueError(f"digest {row.id} is not due")
    return DueDigest(digest=to_digest(row), due_at=row.due_at, missed=row.missed, tries=row.tries)


def to_digest(row: DigestRow) -> Digest:
    """The domain's value of a row. For this room only."""
    return Digest(
        id=row.id,
        recipient=row.recipient,
        site=row.site or None,
        period=row.period,
        schedule=from_store(row.schedule),
        zone=row.zone,
        form=row.form,
        active=row.active,
        declared=row.declared,
        next_at=row.next_at,
        last_at=row.last_at,
    )
