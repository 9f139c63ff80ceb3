"""How far a run that failed came, and what its device said last."""

from __future__ import annotations

from tortoise import fields, migrations
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    dependencies = [("storage", "0004_one_vocabulary")]

    operations = [
        ops.AddField(model_name="RunRow", name="evidence", field=fields.TextField(null=True, unique=False)),
    ]
