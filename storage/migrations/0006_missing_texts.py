"""When the text of a version was found to be missing from the archive."""

from __future__ import annotations

from tortoise import fields, migrations
from tortoise.indexes import Index
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    dependencies = [("storage", "0005_evidence_of_runs")]

    operations = [
        ops.AddField(
            model_name="VersionRow", name="missing_since", field=fields.DatetimeField(null=True, unique=False)
        ),
        ops.AddIndex("VersionRow", Index(fields=["missing_since", "id"])),
    ]
