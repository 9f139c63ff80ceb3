"""Jobs and slots, and what of them a run knows."""

from __future__ import annotations

from tortoise import fields, migrations
from tortoise.indexes import Index
from tortoise.migrations import operations as ops

from domain.jobs import JobKind, MissedPolicy
from domain.slots import SlotFate
from domain.timeouts import TimeoutCause


class Migration(migrations.Migration):
    dependencies = [("storage", "0002_jump_hosts")]

    initial = False

    operations = [
        ops.CreateModel(
            name="JobRow",
            fields=[
                ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ("name", fields.CharField(max_length=255)),
                ("live_name", fields.CharField(null=True, max_length=255)),
                ("kind", fields.CharEnumField(description="a value of the domain", enum_type=JobKind, max_length=16)),
                ("site", fields.CharField(max_length=255)),
                ("device", fields.CharField(null=True, max_length=255)),
                ("schedule", fields.CharField(max_length=255)),
                ("waiting_limit", fields.TimeDeltaField(null=True)),
                ("running_limit", fields.TimeDeltaField(null=True)),
                ("retries", fields.IntField(null=True)),
                (
                    "missed",
                    fields.CharEnumField(description="a value of the domain", enum_type=MissedPolicy, max_length=16),
                ),
                ("enabled", fields.BooleanField(default=True)),
                ("revision", fields.IntField(default=1)),
                ("created_by", fields.CharField(max_length=64)),
                ("created_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("changed_by", fields.CharField(max_length=64)),
                ("changed_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("changes", fields.TextField(default="[]", unique=False)),
                ("paused_by", fields.CharField(null=True, max_length=64)),
                ("paused_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("paused_until", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("deleted", fields.BooleanField(default=False)),
                ("next_run_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("last_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("last_run", fields.BigIntField(null=True)),
                ("last_batch", fields.BigIntField(null=True)),
            ],
            options={
                "table": "job",
                "app": "storage",
                "unique_together": [("site", "live_name")],
                "indexes": [
                    Index(fields=["next_run_at", "id"]),
                    Index(fields=["last_at", "id"]),
                    Index(fields=["live_name", "id"]),
                    Index(fields=["device", "id"]),
                ],
                "pk_attr": "id",
                "table_description": "What is backed up when.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="SlotRow",
            fields=[
                ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ("job", fields.BigIntField()),
                ("due_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("fate", fields.CharEnumField(description="a value of the domain", enum_type=SlotFate, max_length=32)),
                ("noted_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("by", fields.CharField(null=True, max_length=64)),
                ("note", fields.TextField(default="", unique=False)),
                ("run", fields.BigIntField(null=True)),
                ("batch", fields.BigIntField(null=True)),
            ],
            options={
                "table": "slot",
                "app": "storage",
                "unique_together": [("job", "due_at")],
                "indexes": [Index(fields=["noted_at", "id"])],
                "pk_attr": "id",
                "table_description": "A moment at which a job was due. Written once, in one transaction with whatever it began.",
            },
            bases=["Model"],
        ),
        ops.AddField(
            model_name="RunRow",
            name="accept_smaller",
            field=fields.BooleanField(default=False),
        ),
        ops.AddField(
            model_name="RunRow",
            name="cause",
            field=fields.CharEnumField(
                null=True, description="a value of the domain", enum_type=TimeoutCause, max_length=32
            ),
        ),
        ops.AddField(
            model_name="RunRow",
            name="job",
            field=fields.BigIntField(null=True),
        ),
        ops.AddField(
            model_name="RunRow",
            name="not_before",
            field=fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
        ),
        ops.AddField(
            model_name="RunRow",
            name="retries",
            field=fields.IntField(null=True),
        ),
        ops.AddField(
            model_name="RunRow",
            name="slot",
            field=fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
        ),
        ops.AddIndex(
            model_name="RunRow",
            index=Index(fields=["job", "outcome", "id"]),
        ),
        ops.AddIndex(
            model_name="RunRow",
            index=Index(fields=["job", "id"]),
        ),
        ops.AddIndex(
            model_name="RunRow",
            index=Index(fields=["asked_by", "id"]),
        ),
        ops.AddIndex(
            model_name="RunRow",
            index=Index(fields=["site", "trigger", "id"]),
        ),
    ]
