"""The database itself refuses to change or delete an entry of the audit."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tortoise import migrations
from tortoise.migrations import operations as ops

if TYPE_CHECKING:
    from tortoise.migrations.schema_editor.base import BaseSchemaEditor
    from tortoise.migrations.schema_generator.state_apps import StateApps

_REFUSES = "BEGIN SELECT RAISE(ABORT, 'the audit is never changed'); END"
_SQLITE = (
    f"CREATE TRIGGER audit_no_update BEFORE UPDATE ON audit {_REFUSES}",
    f"CREATE TRIGGER audit_no_delete BEFORE DELETE ON audit {_REFUSES}",
)
_RAISES = "BEGIN RAISE EXCEPTION 'the audit is never changed'; END"
_POSTGRES = (
    f"CREATE FUNCTION audit_stays() RETURNS trigger LANGUAGE plpgsql AS $$ {_RAISES} $$",
    "CREATE TRIGGER audit_stays BEFORE UPDATE OR DELETE ON audit FOR EACH ROW EXECUTE FUNCTION audit_stays()",
)


async def _guard(_apps: StateApps, editor: BaseSchemaEditor) -> None:
    for statement in _POSTGRES if editor.client.capabilities.dialect == "postgres" else _SQLITE:
        await editor.client.execute_query(statement)


class Migration(migrations.Migration):
    dependencies = [("storage", "0002_access_and_notifications")]

    operations = [ops.RunPython(_guard)]
