"""The host keys of jump hosts."""

from __future__ import annotations

from tortoise import fields, migrations
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    dependencies = [("storage", "0001_initial")]

    initial = False

    operations = [
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
    ]
