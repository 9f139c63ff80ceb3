"""Tables and columns by the words of the glossary: event, event group, deferred, subscription, recipient."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tortoise import migrations
from tortoise.indexes import Index
from tortoise.migrations import operations as ops

if TYPE_CHECKING:
    from tortoise.migrations.operations import Operation
    from tortoise.migrations.schema_editor.base import BaseSchemaEditor
    from tortoise.migrations.schema_generator.state_apps import StateApps

_TABLES = {"news_bundle": "event_group", "news": "event", "held_news": "deferred_event", "watch": "subscription"}


async def _rename_tables(_apps: StateApps, editor: BaseSchemaEditor) -> None:
    for old, new in _TABLES.items():
        await editor.client.execute_query(f"ALTER TABLE {old} RENAME TO {new}")


def _options(model: str, table: str, description: str, **more: Any) -> Operation:  # noqa: ANN401 - options of Tortoise
    told = {"table": table, "app": "storage", "pk_attr": "id", "table_description": description}
    return ops.AlterModelOptions(model, told | more)


_GROUP_INDEXES = (["site", "notice", "id"], ["batch", "notice", "id"], ["is_told", "id"], ["last_at", "id"])


class Migration(migrations.Migration):
    dependencies = [("storage", "0003_audit_stays")]

    operations = [
        # Indexes carry the names of their tables and columns: they go before, and come back after.
        *(ops.RemoveIndex("BundleRow", fields=names) for names in _GROUP_INDEXES),
        ops.RemoveIndex("NewsRow", fields=["bundle", "id"]),
        ops.RemoveIndex("HeldRow", fields=["bundle", "person"]),
        ops.RemoveIndex("HeldRow", fields=["wait", "person", "news"]),
        ops.RemoveIndex("HeldRow", fields=["held_at", "id"]),
        ops.RemoveIndex("WatchRow", fields=["site", "scope", "target"]),
        ops.RunPython(_rename_tables),
        ops.RenameModel("BundleRow", "EventGroupRow"),
        _options(
            "EventGroupRow",
            "event_group",
            "Events of one site and kind that stand in one post. ``told`` is the newest event that recipients were told.",
        ),
        ops.RenameModel("NewsRow", "EventRow"),
        _options(
            "EventRow",
            "event",
            "One notice about one device. Written once, with the run that says it.",
            unique_together=[("run", "notice")],
        ),
        ops.RenameField("EventRow", "bundle", "event_group"),
        ops.RenameModel("HeldRow", "DeferredRow"),
        # The database renames the columns of a unique set by itself; the model names them anew afterwards.
        _options("DeferredRow", "deferred_event", "", unique_together=[]),
        ops.RenameField("DeferredRow", "bundle", "event_group"),
        ops.RenameField("DeferredRow", "news", "event"),
        ops.RenameField("DeferredRow", "held_at", "deferred_at"),
        _options(
            "DeferredRow",
            "deferred_event",
            "An event that a person is not told at once. Removed when the person has been told of it.",
            unique_together=[("person", "event")],
        ),
        ops.RenameModel("WatchRow", "SubscriptionRow"),
        _options(
            "SubscriptionRow",
            "subscription",
            "What one person subscribes to. Written and removed by that person.",
            unique_together=[("person", "scope", "target")],
        ),
        _options("DigestRow", "digest", "", unique_together=[]),
        ops.RenameField("DigestRow", "reader", "recipient"),
        _options(
            "DigestRow",
            "digest",
            "A scheduled digest.",
            unique_together=[("recipient", "site", "period")],
            indexes=[Index(fields=["next_at", "id"]), Index(fields=["due_at", "id"]), Index(fields=["site", "id"])],
        ),
        *(ops.AddIndex("EventGroupRow", Index(fields=names)) for names in _GROUP_INDEXES),
        ops.AddIndex("EventRow", Index(fields=["event_group", "id"])),
        ops.AddIndex("DeferredRow", Index(fields=["event_group", "person"])),
        ops.AddIndex("DeferredRow", Index(fields=["wait", "person", "event"])),
        ops.AddIndex("DeferredRow", Index(fields=["deferred_at", "id"])),
        ops.AddIndex("SubscriptionRow", Index(fields=["site", "scope", "target"])),
    ]
