"""Why the runs of a batch failed: counted in the database, however many they are."""

from __future__ import annotations

from typing import Any

from tortoise.functions import Count, Min

from domain.runs.batches import BatchFailures
from domain.runs.outcomes import BAD
from storage.runs.rows import to_run
from storage.runs.runs import of_batch


async def batch_failures(
    batch: int, *, named: int, hidden: frozenset[str] = frozenset(), only: frozenset[str] | None = None
) -> list[BatchFailures]:
    """The failed runs of a batch, those with one reason and cause together; the largest group first.

    Args:
        batch: its number.
        named: how many runs of each group come with it.
        hidden: devices that its reader may not know of.
        only: the devices that this is about; None: all.
    """
    rows = of_batch(batch, hidden, only).filter(outcome__in=BAD)
    counted = rows.annotate(count=Count("id"), oldest=Min("id")).group_by("reason", "cause")
    found = await counted.values("reason", "cause", "count", "oldest")
    found.sort(key=lambda group: (-group["count"], group["oldest"]))
    groups = []
    for group in found:
        first = await rows.filter(**_alike(group)).order_by("id").limit(named)
        groups.append(BatchFailures(first=tuple(map(to_run, first)), count=group["count"]))
    return groups


def _alike(group: dict[str, Any]) -> dict[str, Any]:
    """The filter for the runs of a group."""
    columns = {column: group[column] for column in ("reason", "cause")}
    return {name if value is not None else f"{name}__isnull": value or True for name, value in columns.items()}
