"""The end of runs: counts once, and moves all that follows from it in one transaction."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tortoise.transactions import in_transaction

from domain.runs.outcomes import Outcome
from storage.database.statements import run_for_each, to_columns, update
from storage.devices.devices import DeviceMove, move_devices
from storage.devices.jump_hosts import move_jump_hosts
from storage.devices.versions import insert_versions
from storage.runs.rows import evidence_column, to_run, unfinished_rows
from storage.tables.core import RunRow

if TYPE_CHECKING:
    from collections.abc import Sequence

    from domain.runs.run import Run
    from domain.runs.steps import RunEnd

MAX_FACTS_TEXT = 2_000  # characters

_ENDED = (
    "outcome", "finished_at", "deadline", "agent", "attempts", "started_at", "reason", "cause", "facts", "evidence",
    "base_version", "version", "added", "removed", "secrets_changed",
)  # fmt: skip


async def finish_runs(ends: Sequence[RunEnd]) -> list[Run]:
    """End runs: the first end of a run counts, whoever says it first; a later one changes nothing at all.

    With a run move, in one transaction: its device's state, the version that it stored or confirmed, and the time
    until which the version before was valid.

    Returns:
        The runs that ended by this call, in the order of ``ends``.
    """
    async with in_transaction():
        rows = await unfinished_rows(end.run for end in ends)
        counted: dict[int, RunEnd] = {}
        for end in ends:
            if end.run in rows:
                counted.setdefault(end.run, end)
        ended = [(rows[end.run], end) for end in counted.values()]
        for row, end in ended:
            _end(row, end)
        await update(RunRow, [{field: getattr(row, field) for field in ("id", *_ENDED)} for row, _ in ended])
        await insert_versions([end.stored for _, end in ended if end.stored])
        await _confirm_versions(ended)
        await move_devices(_moves(ended))
        await move_jump_hosts([(row.site, end.jump) for row, end in ended if end.jump])
    return [to_run(row) for row, _ in ended]


def _end(row: RunRow, end: RunEnd) -> None:
    row.outcome = Outcome(end.outcome)  # one of the six, or nothing is stored
    row.finished_at = end.at
    row.deadline = None
    row.agent = end.agent or row.agent
    row.attempts = row.attempts if end.attempts is None else end.attempts
    row.started_at = row.started_at or end.started_at
    row.reason = end.reason
    row.cause = end.cause
    row.facts = end.facts[:MAX_FACTS_TEXT]
    row.evidence = evidence_column(end.evidence)
    row.base_version = end.base_version
    row.version = end.version
    row.added = end.stored.added if end.stored else 0
    row.removed = end.stored.removed if end.stored else 0
    row.secrets_changed = end.stored.secrets_changed if end.stored else 0


async def _confirm_versions(ended: Sequence[tuple[RunRow, RunEnd]]) -> None:
    confirmed = [
        (row.device, end.version if end.version is not None else end.base_version, end.at)
        for row, end in ended
        if end.outcome is Outcome.UP_TO_DATE and end.stored is None
    ]
    await run_for_each(
        "UPDATE version SET last_checked_at = $3 WHERE device = $1 AND number = $2 AND last_checked_at < $3",
        [to_columns(one) for one in confirmed],
    )


def _moves(ended: Sequence[tuple[RunRow, RunEnd]]) -> list[DeviceMove]:
    return [
        DeviceMove(
            device=row.device,
            site=row.site,
            run=row.id,
            good_at=end.at if end.outcome.is_good else None,
            stored=end.stored,
            host_key=end.host_key,
            offered_host_key=end.offered_host_key,
        )
        for row, end in ended
    ]
