"""The tables of jobs and of the moments at which they were due. Only this room sees a row.

Times are UTC. Names of devices and sites are kept as text, not as foreign keys: history outlives what is declared.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, cast

from tortoise import fields
from tortoise.models import Model

from domain.jobs.job import JobKind, MissedPolicy
from domain.jobs.slots import SlotFate
from storage.tables.core import ENUM

if TYPE_CHECKING:
    from datetime import timedelta


class JobRow(Model):
    """What is backed up when.

    Written and changed by people; ``next_run_at``, ``last_*`` and the end of a pause are moved by the timetable. A job
    that is deleted keeps its row, for the sake of its runs and slots.
    """

    id = fields.BigIntField(primary_key=True)
    name = fields.CharField(max_length=255)
    live_name = fields.CharField(max_length=255, null=True)  # as it is compared; null: deleted
    kind = fields.CharEnumField(JobKind, description=ENUM, max_length=16)
    site = fields.CharField(max_length=255)
    device = fields.CharField(max_length=255, null=True)  # null: the whole site
    schedule = fields.CharField(max_length=255)  # domain.jobs.schedules.store_form
    waiting_limit = cast("fields.Field[timedelta | None]", fields.TimeDeltaField(null=True))
    running_limit = cast("fields.Field[timedelta | None]", fields.TimeDeltaField(null=True))
    retries = fields.IntField(null=True)
    missed = fields.CharEnumField(MissedPolicy, description=ENUM, max_length=16)
    enabled = fields.BooleanField(default=True)
    revision = fields.IntField(default=1)
    created_by = fields.CharField(max_length=64)
    created_at = fields.DatetimeField()
    changed_by = fields.CharField(max_length=64)
    changed_at = fields.DatetimeField()
    changes = fields.TextField(default="[]")  # JSON, the latest changes: [revision, Slack id, time, [fields]]
    paused_by = fields.CharField(max_length=64, null=True)
    paused_at = fields.DatetimeField(null=True)
    paused_until = fields.DatetimeField(null=True)
    deleted = fields.BooleanField(default=False)
    next_run_at = fields.DatetimeField(null=True)  # null: never by itself
    last_at = fields.DatetimeField(null=True)
    last_run = fields.BigIntField(null=True)
    last_batch = fields.BigIntField(null=True)

    class Meta:
        """The first index serves the timetable; all of them the orders of the list."""

        table = "job"
        unique_together: ClassVar = [("site", "live_name")]
        indexes: ClassVar = [("next_run_at", "id"), ("last_at", "id"), ("live_name", "id"), ("device", "id")]


class SlotRow(Model):
    """A moment at which a job was due. Written once, in one transaction with whatever it began."""

    id = fields.BigIntField(primary_key=True)
    job = fields.BigIntField()
    due_at = fields.DatetimeField()
    fate = fields.CharEnumField(SlotFate, description=ENUM, max_length=32)
    noted_at = fields.DatetimeField()
    by = fields.CharField(max_length=64, null=True)
    note = fields.TextField(default="")
    run = fields.BigIntField(null=True)
    batch = fields.BigIntField(null=True)

    class Meta:
        """The unique pair keeps a slot from being taken up twice; the index finds old ones."""

        table = "slot"
        unique_together: ClassVar = [("job", "due_at")]
        indexes: ClassVar = [("noted_at", "id")]
