"""The outbox: messages as they should stand in Slack, until Slack agrees. Survives any kill.

A message is written down before anything is sent. ``begin`` leaves a mark before each attempt, so that after a kill
delivery knows where it has to look before it sends again.
"""

from __future__ import annotations

import hashlib
import json
import re
from datetime import datetime
from typing import TYPE_CHECKING, Any

from tortoise.transactions import in_transaction

from domain.messages.outbox import RESPOND_LANE, Delivery, Message, Quote
from storage.database.statements import clean, connection, fetch, run_for_each, to_columns, utc
from storage.tables.core import OutboxRow

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

MAX_REFUSAL_TEXT = 2_000  # characters


async def put(messages: Sequence[Message], *, now: datetime) -> None:
    """Wish for ``messages``, all or none.

    A message under a known key gets the next revision if its content differs, else nothing changes. A refused one
    is due again in either case. Kinds that are sent once do not change any more after they have been sent.
    """
    async with in_transaction():
        await _hold(message.key for message in messages)
        await run_for_each(_PUT, [to_columns(_message_columns(message, now)) for message in messages])


async def due(now: datetime, *, limit: int = 200, busy: Collection[str] = ()) -> list[Delivery]:
    """Messages that may be sent now: those of one channel stand together in the order in which they were first put.

    At most ``limit`` answers, and as many others. Left out are messages that wait for their ``not_before``, have
    expired, hang under a message that does not stand yet, or belong to a lane in ``busy``.
    """
    marks = ", ".join(f"${place}" for place in range(3, 3 + len(busy)))
    elsewhere = f"AND {_LANE} NOT IN ({marks})" if busy else ""
    asked = [_DUE.format(which=which, elsewhere=elsewhere) for which in (_ANSWERS, _OTHERS)]
    ids = [row["id"] for sql in asked for row in await fetch(sql, [utc(now), limit, *busy])]
    if not ids:
        return []
    return [_to_delivery(row) for row in await OutboxRow.filter(id__in=ids).order_by("channel", "id")]


async def begin(delivery_id: int, now: datetime) -> None:
    """Mark a message in doubt before it is sent, and count the attempt."""
    await fetch(_BEGIN, [delivery_id, utc(now)])


async def done(delivery_id: int, *, revision: int, ts: str | None, posted_channel: str | None) -> None:
    """Remember that ``revision`` stands in Slack at ``ts``; a newer one that was put meanwhile stays due.

    A file is never sent again, so what it held, which may be much, is not kept.

    ``ts`` and ``posted_channel`` that are None leave what is known: not every answer of Slack names them.
    """
    await fetch(_DONE, to_columns((delivery_id, revision, ts, posted_channel)))


async def retry_later(
    delivery_id: int, *, not_before: datetime, still_in_doubt: bool, attempts: int | None = None
) -> None:
    """Put the next attempt off; ``still_in_doubt`` unless it is certain that Slack did not take the message.

    ``attempts`` is given when the last one shall not count: it says nothing about this message.
    """
    counted = {} if attempts is None else {"attempts": attempts}
    changes: dict[str, Any] = {"not_before": utc(not_before), "in_doubt": still_in_doubt, **counted}
    await OutboxRow.filter(id=delivery_id).update(**changes)


async def refuse(delivery_id: int, error: str) -> None:
    """Give a message up and keep the reason; only putting it again brings it back."""
    reason = clean(error)[:MAX_REFUSAL_TEXT]
    await OutboxRow.filter(id=delivery_id).update(waiting=False, in_doubt=False, refusal=reason)


async def blank(key: str) -> None:
    """Take out what the message of this key holds: it is refused, and must not lie here either."""
    await OutboxRow.filter(key=key).update(content="{}")


async def save_state(delivery_id: int, state: Mapping[str, Any]) -> None:
    """Remember how far a delivery of several steps has come."""
    await OutboxRow.filter(id=delivery_id).update(state=_json(state))


async def hold_restricted(devices: Iterable[str]) -> None:
    """Let messages that still wait and name one of ``devices``, which are restricted from now on, say so."""
    rows = [(name, f"\n{name}", f"%{_like(json.dumps(name)[1:-1])}%") for name in sorted(devices)]
    await run_for_each(_HOLD_RESTRICTED, [to_columns(row) for row in rows])


async def delivery_of(key: str) -> Delivery | None:
    """The message of this key and how far it has come; None: never put, or cleaned up."""
    row = await OutboxRow.get_or_none(key=key)
    return _to_delivery(row) if row else None


async def waiting() -> int:
    """How many messages are not yet as they should be."""
    return await OutboxRow.filter(waiting=True).count()


async def oldest_waiting(now: datetime) -> datetime | None:
    """Since when the oldest message waits that is still worth sending; None: none waits."""
    rows = await fetch(_OLDEST, [utc(now)])
    return datetime.fromisoformat(str(rows[0]["at"])) if rows and rows[0]["at"] else None


async def forget_before(when: datetime) -> int:
    """Remove messages untouched since ``when`` that nothing will be sent of any more; returns how many.

    These are the ones that were sent, refused or expired, and those whose thread will never stand.
    """
    return len(await fetch(_FORGET, [utc(when)]))


async def _hold(keys: Iterable[str]) -> None:
    """Take the rows of ``keys`` in one order, so that two who put the same messages cannot block each other."""
    if connection().capabilities.support_for_update:
        await OutboxRow.filter(key__in=set(keys)).order_by("key").select_for_update().values_list("id")


def _message_columns(message: Message, now: datetime) -> tuple[Any, ...]:
    content = _json(message.content)
    return (
        message.key,
        message.kind,
        message.channel,
        content,
        hashlib.sha256(content.encode()).hexdigest(),
        message.thread_key,
        message.thread_ts,
        message.person,
        " ".join(message.sites),
        "\n".join(message.devices),
        message.shows_config,
        "\n".join(f"{one.version or 0} {one.device}" for one in message.quotes),
        message.fallback,
        message.response_url,
        message.expires_at,
        now,
    )


def _like(text: str) -> str:
    """``text`` with the marks that LIKE reads taken for themselves."""
    return re.sub(r"([!%_])", r"!\1", text)


def _json(value: Mapping[str, Any]) -> str:
    """Always the same text for the same content, in ASCII whatever is in it."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), default=dict)


def _to_delivery(row: OutboxRow) -> Delivery:
    return Delivery(
        id=row.id,
        message=_to_message(row),
        revision=row.revision,
        sent_revision=row.sent_revision,
        ts=row.ts,
        posted_channel=row.posted_channel,
        attempts=row.attempts,
        in_doubt=row.in_doubt,
        not_before=row.not_before,
        state=json.loads(row.state),
    )


def _to_message(row: OutboxRow) -> Message:
    return Message(
        key=row.key,
        kind=row.kind,
        channel=row.channel,
        content=json.loads(row.content),
        thread_key=row.thread_key,
        thread_ts=row.thread_ts,
        person=row.person,
        sites=tuple((row.site or "").split()),
        devices=tuple(row.devices.splitlines()),
        shows_config=row.shows_config,
        quotes=tuple(_to_quote(line) for line in row.quotes.splitlines()),
        fallback=row.fallback,
        response_url=row.response_url,
        expires_at=row.expires_at,
    )


def _to_quote(line: str) -> Quote:
    version, _, device = line.partition(" ")
    return Quote(device, int(version) or None)


# A refused message starts afresh; one that is being sent right now keeps its doubt and its pause.
_PUT = """
INSERT INTO outbox AS o (key, kind, channel, content, content_digest, thread_key, thread_ts, person, site,
    devices, shows_config, quotes, fallback, response_url, expires_at, changed_at,
    revision, sent_revision, waiting, attempts, in_doubt, state)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, 1, 0, TRUE, 0, FALSE, '{}')
ON CONFLICT (key) DO UPDATE SET
    kind = excluded.kind, channel = excluded.channel, content = excluded.content,
    content_digest = excluded.content_digest, thread_key = excluded.thread_key, thread_ts = excluded.thread_ts,
    person = excluded.person, site = excluded.site, devices = excluded.devices,
    shows_config = excluded.shows_config, quotes = excluded.quotes,
    fallback = excluded.fallback, response_url = excluded.response_url, expires_at = excluded.expires_at,
    changed_at = excluded.changed_at,
    revision = o.revision + CASE WHEN o.content_digest <> excluded.content_digest THEN 1 ELSE 0 END,
    waiting = o.content_digest <> excluded.content_digest OR o.sent_revision < o.revision,
    attempts = CASE WHEN o.refusal IS NULL THEN o.attempts ELSE 0 END,
    not_before = CASE WHEN o.refusal IS NULL THEN o.not_before ELSE NULL END,
    refusal = NULL
WHERE (o.content_digest <> excluded.content_digest OR o.refusal IS NOT NULL
        OR (o.waiting = TRUE AND o.devices <> excluded.devices))
    AND (o.kind = 'post' OR o.sent_revision = 0)
"""

_LANE = f"CASE WHEN kind = 'respond' THEN '{RESPOND_LANE}' || COALESCE(person, '') ELSE channel END"

_DUE = """
SELECT id FROM outbox AS o
WHERE waiting = TRUE AND {which} {elsewhere}
    AND (not_before IS NULL OR not_before <= $1)
    AND (expires_at IS NULL OR expires_at > $1)
    AND (thread_key IS NULL OR EXISTS (SELECT 1 FROM outbox AS p WHERE p.key = o.thread_key AND p.ts IS NOT NULL))
ORDER BY channel, id LIMIT $2
"""

_ANSWERS = "key LIKE 'answer:%'"
_OTHERS = "key NOT LIKE 'answer:%'"

_OLDEST = """
SELECT MIN(changed_at) AS at FROM outbox WHERE waiting = TRUE AND (expires_at IS NULL OR expires_at > $1)
"""

_HOLD_RESTRICTED = r"""
UPDATE outbox SET devices = CASE WHEN devices = '' THEN $1 ELSE devices || $2 END
WHERE waiting = TRUE AND content LIKE $3 ESCAPE '!'
"""

_BEGIN = "UPDATE outbox SET in_doubt = TRUE, attempts = attempts + 1, changed_at = $2 WHERE id = $1"

_DONE = """
UPDATE outbox SET
    sent_revision = CASE WHEN sent_revision < $2 THEN $2 ELSE sent_revision END,
    waiting = refusal IS NULL AND revision > $2,
    content = CASE WHEN kind = 'file' AND revision <= $2 THEN '{}' ELSE content END,
    ts = COALESCE($3, ts), posted_channel = COALESCE($4, posted_channel),
    in_doubt = FALSE, attempts = 0, not_before = NULL
WHERE id = $1
"""

_FORGET = """
DELETE FROM outbox
WHERE changed_at < $1 AND (
    waiting = FALSE
    OR expires_at < $1
    OR (thread_key IS NOT NULL AND NOT EXISTS (
        SELECT 1 FROM outbox AS p
        WHERE p.key = outbox.thread_key AND (p.ts IS NOT NULL OR p.refusal IS NULL)))
)
RETURNING id
"""
