"""The tables of access, audit and notifications."""

from __future__ import annotations

from tortoise import fields, migrations
from tortoise.indexes import Index
from tortoise.migrations import operations as ops

from domain.audit import AuditAction
from domain.digests.digests import DigestForm, DigestPeriod
from domain.events.audiences import Wait
from domain.events.transitions import Notice
from domain.roles import Role
from domain.subscriptions.routes import RouteHealth
from domain.subscriptions.subscriptions import SubscriptionScope


class Migration(migrations.Migration):
    dependencies = [("storage", "0001_initial")]

    initial = False

    operations = [
        ops.CreateModel(
            name="AuditRow",
            fields=[
                ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ("at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("actor", fields.CharField(max_length=64)),
                (
                    "what",
                    fields.CharEnumField(description="a value of the domain", enum_type=AuditAction, max_length=32),
                ),
                ("site", fields.CharField(null=True, max_length=255)),
                ("device", fields.CharField(null=True, max_length=255)),
                ("target", fields.TextField(default="", unique=False)),
                ("before", fields.TextField(default="{}", unique=False)),
                ("after", fields.TextField(default="{}", unique=False)),
                ("denied", fields.BooleanField(default=False)),
                ("correlation", fields.CharField(default="", max_length=64)),
            ],
            options={
                "table": "audit",
                "app": "storage",
                "indexes": [
                    Index(fields=["site", "id"]),
                    Index(fields=["actor", "id"]),
                    Index(fields=["device", "id"]),
                    Index(fields=["at", "id"]),
                    Index(fields=["site", "denied", "id"]),
                    Index(fields=["denied", "id"]),
                ],
                "pk_attr": "id",
                "table_description": "One change, or one try that was denied. Written once: the database itself refuses to change or delete it.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="BundleRow",
            fields=[
                ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ("site", fields.CharField(max_length=255)),
                ("notice", fields.CharEnumField(description="a value of the domain", enum_type=Notice, max_length=16)),
                ("batch", fields.BigIntField(null=True)),
                ("opened_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("last_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("size", fields.IntField(default=0)),
                ("told", fields.BigIntField(default=0)),
                ("is_told", fields.BooleanField(default=False)),
            ],
            options={
                "table": "news_bundle",
                "app": "storage",
                "indexes": [
                    Index(fields=["site", "notice", "id"]),
                    Index(fields=["batch", "notice", "id"]),
                    Index(fields=["is_told", "id"]),
                    Index(fields=["last_at", "id"]),
                ],
                "pk_attr": "id",
                "table_description": "The one post that news of a site become. ``told`` is its newest piece of news that readers were told.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="DigestRow",
            fields=[
                ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ("reader", fields.CharField(max_length=64)),
                ("site", fields.CharField(default="", max_length=255)),
                (
                    "period",
                    fields.CharEnumField(description="a value of the domain", enum_type=DigestPeriod, max_length=16),
                ),
                ("schedule", fields.CharField(max_length=255)),
                ("zone", fields.CharField(max_length=64)),
                (
                    "form",
                    fields.CharEnumField(
                        default=DigestForm.LONG,
                        description="a value of the domain",
                        enum_type=DigestForm,
                        max_length=16,
                    ),
                ),
                ("active", fields.BooleanField(default=True)),
                ("declared", fields.BooleanField(default=False)),
                ("next_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("last_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("due_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("missed", fields.IntField(default=0)),
                ("tries", fields.IntField(default=0)),
            ],
            options={
                "table": "digest",
                "app": "storage",
                "unique_together": [("reader", "site", "period")],
                "indexes": [
                    Index(fields=["next_at", "id"]),
                    Index(fields=["due_at", "id"]),
                    Index(fields=["site", "id"]),
                ],
                "pk_attr": "id",
                "table_description": "A scheduled report.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="GrantRow",
            fields=[
                ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ("site", fields.CharField(max_length=255)),
                ("principal", fields.CharField(max_length=64)),
                ("role", fields.IntEnumField(description="a value of the domain", enum_type=Role, generated=False)),
                ("given_by", fields.CharField(max_length=64)),
                ("given_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "access_grant",
                "app": "storage",
                "unique_together": [("site", "principal")],
                "pk_attr": "id",
                "table_description": "One role of one principal at one site.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="HeldRow",
            fields=[
                ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ("person", fields.CharField(max_length=64)),
                ("news", fields.BigIntField()),
                ("bundle", fields.BigIntField()),
                ("wait", fields.CharEnumField(description="a value of the domain", enum_type=Wait, max_length=16)),
                ("held_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "held_news",
                "app": "storage",
                "unique_together": [("person", "news")],
                "indexes": [
                    Index(fields=["bundle", "person"]),
                    Index(fields=["wait", "person", "news"]),
                    Index(fields=["held_at", "id"]),
                ],
                "pk_attr": "id",
                "table_description": "A piece of news that a person is not told at once. Removed when the person has been told of the holding.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="NewsRow",
            fields=[
                ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ("bundle", fields.BigIntField()),
                ("run", fields.BigIntField()),
                ("notice", fields.CharEnumField(description="a value of the domain", enum_type=Notice, max_length=16)),
                ("device", fields.CharField(max_length=255)),
                ("site", fields.CharField(max_length=255)),
                ("at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("jobs", fields.CharField(default="", max_length=64)),
                ("asked_by", fields.CharField(null=True, max_length=64)),
                ("place", fields.CharField(null=True, max_length=64)),
                ("since", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "news",
                "app": "storage",
                "unique_together": [("run", "notice")],
                "indexes": [Index(fields=["bundle", "id"])],
                "pk_attr": "id",
                "table_description": "One notice about one device. Written once, with the run that says it.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="ProfileRow",
            fields=[
                ("person", fields.CharField(primary_key=True, unique=True, db_index=True, max_length=64)),
                ("muted_until", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("muted_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("last_mute_from", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("last_mute_to", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("even_if_in_channel", fields.BooleanField(default=False)),
                ("quiet_from", fields.CharField(null=True, max_length=5)),
                ("quiet_to", fields.CharField(null=True, max_length=5)),
                ("zone", fields.CharField(default="UTC", max_length=64)),
            ],
            options={
                "table": "profile",
                "app": "storage",
                "indexes": [Index(fields=["muted_until", "person"])],
                "pk_attr": "person",
                "table_description": "How one person wants to be told. Written when that person first chooses.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="RouteRow",
            fields=[
                ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ("site", fields.CharField(max_length=255)),
                ("channel", fields.CharField(max_length=64)),
                ("events", fields.CharField(max_length=255)),
                ("active", fields.BooleanField(default=True)),
                ("declared", fields.BooleanField(default=False)),
                ("revision", fields.IntField(default=1)),
                ("changed_by", fields.CharField(default="", max_length=64)),
                ("changed_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                (
                    "health",
                    fields.CharEnumField(
                        default=RouteHealth.UNKNOWN,
                        description="a value of the domain",
                        enum_type=RouteHealth,
                        max_length=16,
                    ),
                ),
                ("trouble", fields.CharField(default="", max_length=255)),
                ("health_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "route",
                "app": "storage",
                "unique_together": [("site", "channel")],
                "indexes": [Index(fields=["channel", "id"])],
                "pk_attr": "id",
                "table_description": "Which channel hears what of a site. Written by site admins and from app.yaml, its health by delivery.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="TroubleRow",
            fields=[
                ("device", fields.CharField(primary_key=True, unique=True, db_index=True, max_length=255)),
                ("is_bad", fields.BooleanField()),
                ("since", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("told_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("turns", fields.TextField(default="", unique=False)),
                ("is_flapping", fields.BooleanField(default=False)),
                ("run", fields.BigIntField()),
                ("job", fields.BigIntField(null=True)),
            ],
            options={
                "table": "trouble",
                "app": "storage",
                "pk_attr": "device",
                "table_description": "How one device has fared since it first failed. Written by each end of a run that says something of it.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="WatchRow",
            fields=[
                ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ("person", fields.CharField(max_length=64)),
                (
                    "scope",
                    fields.CharEnumField(
                        description="a value of the domain", enum_type=SubscriptionScope, max_length=16
                    ),
                ),
                ("target", fields.CharField(max_length=255)),
                ("site", fields.CharField(max_length=255)),
                ("failed", fields.BooleanField(default=True)),
                ("modified", fields.BooleanField(default=False)),
                ("and_new", fields.BooleanField(default=True)),
                ("silent", fields.BooleanField(default=False)),
                ("created_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "watch",
                "app": "storage",
                "unique_together": [("person", "scope", "target")],
                "indexes": [Index(fields=["site", "scope", "target"])],
                "pk_attr": "id",
                "table_description": "What one person watches. Written and removed by that person.",
            },
            bases=["Model"],
        ),
        ops.AddField(
            model_name="DeviceRow",
            name="known_since",
            field=fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
        ),
        ops.AddField(
            model_name="DeviceRow",
            name="overdue_told_at",
            field=fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
        ),
        ops.AddField(
            model_name="DeviceRow",
            name="sealed",
            field=fields.BooleanField(default=False, db_default=False),
        ),
        ops.AlterField(
            model_name="OutboxRow",
            name="site",
            field=fields.TextField(null=True, unique=False),
        ),
        # SQLite writes a table with a changed column anew and forgets its indexes; PostgreSQL keeps them.
        ops.RunSQL('CREATE INDEX IF NOT EXISTS "idx_outbox_waiting_e09066" ON "outbox" ("waiting", "channel", "id")'),
        ops.RunSQL('CREATE INDEX IF NOT EXISTS "idx_outbox_changed_f61e2c" ON "outbox" ("changed_at", "id")'),
        ops.AddField(
            model_name="OutboxRow",
            name="devices",
            field=fields.TextField(default="", db_default="", unique=False),
        ),
        ops.AddField(
            model_name="OutboxRow",
            name="quotes",
            field=fields.TextField(default="", db_default="", unique=False),
        ),
        ops.AddField(
            model_name="RunRow",
            name="secrets_changed",
            field=fields.IntField(default=0, db_default=0),
        ),
        ops.AddIndex(
            model_name="RunRow",
            index=Index(fields=["site", "created_at", "outcome", "id"]),
        ),
        ops.AddField(
            model_name="VersionRow",
            name="awaits_review",
            field=fields.BooleanField(default=False, db_default=False),
        ),
        ops.AddField(
            model_name="VersionRow",
            name="review_note",
            field=fields.TextField(default="", db_default="", unique=False),
        ),
        ops.AddField(
            model_name="VersionRow",
            name="reviewed_at",
            field=fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
        ),
        ops.AddField(
            model_name="VersionRow",
            name="reviewed_by",
            field=fields.CharField(null=True, max_length=64),
        ),
        ops.AddField(
            model_name="VersionRow",
            name="secrets_changed",
            field=fields.IntField(default=0, db_default=0),
        ),
        ops.AddIndex(
            model_name="VersionRow",
            index=Index(fields=["site", "awaits_review", "run"]),
        ),
    ]
