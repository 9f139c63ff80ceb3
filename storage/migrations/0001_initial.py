"""The first tables."""

from __future__ import annotations

from tortoise import fields, migrations
from tortoise.fields.base import OnDelete
from tortoise.indexes import Index
from tortoise.migrations import operations as ops

from domain.failures import FailureKind
from domain.jobs.job import JobKind, MissedPolicy
from domain.jobs.slots import SlotFate
from domain.messages.outbox import MessageKind
from domain.runs.causes import TimeoutCause
from domain.runs.outcomes import Outcome
from domain.runs.run import Trigger


class Migration(migrations.Migration):
    initial = True

    operations = [
        ops.CreateModel(
            name="BatchRow",
            fields=[
                ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ("site", fields.CharField(max_length=255)),
                (
                    "trigger",
                    fields.CharEnumField(description="a value of the domain", enum_type=Trigger, max_length=32),
                ),
                ("total", fields.IntField()),
                ("created_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("asked_by", fields.CharField(null=True, max_length=64)),
                ("channel", fields.CharField(null=True, max_length=64)),
                ("thread_ts", fields.CharField(null=True, max_length=64)),
            ],
            options={
                "table": "batch",
                "app": "storage",
                "pk_attr": "id",
                "table_description": "The runs of one site that were asked for together. Written once, in one transaction with those runs.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="DeviceRow",
            fields=[
                ("name", fields.CharField(primary_key=True, unique=True, db_index=True, max_length=255)),
                ("site", fields.CharField(max_length=255)),
                ("version", fields.IntField(null=True)),
                ("digest", fields.CharField(null=True, max_length=255)),
                ("size", fields.BigIntField(null=True)),
                ("last_good_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("last_run", fields.BigIntField(null=True)),
                ("host_key", fields.TextField(null=True, unique=False)),
                ("offered_host_key", fields.TextField(null=True, unique=False)),
            ],
            options={
                "table": "device",
                "app": "storage",
                "indexes": [Index(fields=["site", "name"])],
                "pk_attr": "name",
                "table_description": "What is known of one device beside its declaration.",
            },
            bases=["Model"],
        ),
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
            name="JumpHostRow",
            fields=[
                ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ("site", fields.CharField(max_length=255)),
                ("address", fields.CharField(max_length=255)),
                ("host_key", fields.TextField(null=True, unique=False)),
                ("offered_host_key", fields.TextField(null=True, unique=False)),
            ],
            options={
                "table": "jump_host",
                "app": "storage",
                "unique_together": [("site", "address")],
                "pk_attr": "id",
                "table_description": "The host key of a machine through which devices of one site are reached and which they share.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="OutboxRow",
            fields=[
                ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ("key", fields.CharField(unique=True, max_length=255)),
                (
                    "kind",
                    fields.CharEnumField(description="a value of the domain", enum_type=MessageKind, max_length=16),
                ),
                ("channel", fields.CharField(max_length=64)),
                ("content", fields.TextField(unique=False)),
                ("content_digest", fields.CharField(max_length=64)),
                ("thread_key", fields.CharField(null=True, max_length=255)),
                ("thread_ts", fields.CharField(null=True, max_length=64)),
                ("person", fields.CharField(null=True, max_length=64)),
                ("site", fields.CharField(null=True, max_length=255)),
                ("shows_config", fields.BooleanField(default=False)),
                ("fallback", fields.CharField(null=True, max_length=64)),
                ("response_url", fields.TextField(null=True, unique=False)),
                ("expires_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("revision", fields.IntField(default=1)),
                ("sent_revision", fields.IntField(default=0)),
                ("waiting", fields.BooleanField(default=True)),
                ("ts", fields.CharField(null=True, max_length=64)),
                ("posted_channel", fields.CharField(null=True, max_length=64)),
                ("attempts", fields.IntField(default=0)),
                ("in_doubt", fields.BooleanField(default=False)),
                ("not_before", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("refusal", fields.TextField(null=True, unique=False)),
                ("state", fields.TextField(default="{}", unique=False)),
                ("changed_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "outbox",
                "app": "storage",
                "indexes": [Index(fields=["waiting", "channel", "id"]), Index(fields=["changed_at", "id"])],
                "pk_attr": "id",
                "table_description": "One message as it should stand in Slack, and how far its delivery has come.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="RunRow",
            fields=[
                ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ("device", fields.CharField(max_length=255)),
                ("site", fields.CharField(max_length=255)),
                (
                    "trigger",
                    fields.CharEnumField(description="a value of the domain", enum_type=Trigger, max_length=32),
                ),
                (
                    "outcome",
                    fields.CharEnumField(description="a value of the domain", enum_type=Outcome, max_length=16),
                ),
                ("created_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("waiting_limit", fields.TimeDeltaField()),
                ("running_limit", fields.TimeDeltaField()),
                ("asked_by", fields.CharField(null=True, max_length=64)),
                ("job", fields.BigIntField(null=True)),
                ("slot", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("not_before", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("retries", fields.IntField(null=True)),
                ("accept_smaller", fields.BooleanField(default=False)),
                (
                    "batch",
                    fields.ForeignKeyField(
                        "storage.BatchRow",
                        source_field="batch_id",
                        null=True,
                        db_constraint=True,
                        to_field="id",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("channel", fields.CharField(null=True, max_length=64)),
                ("thread_ts", fields.CharField(null=True, max_length=64)),
                ("agent", fields.CharField(null=True, max_length=255)),
                ("attempts", fields.IntField(default=0)),
                ("started_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("finished_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("deadline", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                (
                    "reason",
                    fields.CharEnumField(
                        null=True, description="a value of the domain", enum_type=FailureKind, max_length=32
                    ),
                ),
                (
                    "cause",
                    fields.CharEnumField(
                        null=True, description="a value of the domain", enum_type=TimeoutCause, max_length=32
                    ),
                ),
                ("facts", fields.TextField(default="", unique=False)),
                ("base_version", fields.IntField(null=True)),
                ("version", fields.IntField(null=True)),
                ("added", fields.IntField(default=0)),
                ("removed", fields.IntField(default=0)),
                ("announced", fields.BooleanField(default=False)),
            ],
            options={
                "table": "run",
                "app": "storage",
                "indexes": [
                    Index(fields=["outcome", "deadline"]),
                    Index(fields=["site", "id"]),
                    Index(fields=["site", "outcome", "id"]),
                    Index(fields=["site", "trigger", "outcome", "id"]),
                    Index(fields=["device", "id"]),
                    Index(fields=["device", "outcome", "id"]),
                    Index(fields=["job", "outcome", "id"]),
                    Index(fields=["job", "id"]),
                    Index(fields=["asked_by", "id"]),
                    Index(fields=["batch_id", "outcome", "id"]),
                    Index(fields=["created_at", "id"]),
                    Index(fields=["announced", "id"]),
                ],
                "pk_attr": "id",
                "table_description": "One execution for one device.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="SeenEventRow",
            fields=[
                ("key", fields.CharField(primary_key=True, unique=True, db_index=True, max_length=255)),
                ("seen_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "seen_event",
                "app": "storage",
                "indexes": [Index(fields=["seen_at"])],
                "pk_attr": "key",
                "table_description": "One delivery from Slack that has been taken in. Written when it first comes, removed after a while.",
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
        ops.CreateModel(
            name="VersionRow",
            fields=[
                ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ("device", fields.CharField(max_length=255)),
                ("site", fields.CharField(max_length=255)),
                ("number", fields.IntField()),
                ("commit", fields.CharField(max_length=64)),
                ("run", fields.BigIntField()),
                ("captured_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("last_checked_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("valid_until", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("size", fields.BigIntField()),
                ("digest", fields.CharField(max_length=255)),
                ("author", fields.TextField(null=True, unique=False)),
                ("added", fields.IntField(default=0)),
                ("removed", fields.IntField(default=0)),
            ],
            options={
                "table": "version",
                "app": "storage",
                "unique_together": [("device", "number")],
                "indexes": [Index(fields=["site", "id"])],
                "pk_attr": "id",
                "table_description": "One stored configuration: a commit in the site's repository.",
            },
            bases=["Model"],
        ),
    ]
