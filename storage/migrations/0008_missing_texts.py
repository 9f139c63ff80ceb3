"""When the text of a version was found to be missing from the archive."""

from __future__ import annotations

from pathlib import Path

from tortoise import fields, migrations
from tortoise.indexes import Index
from tortoise.migrations import operations as ops

_HERE = Path(__file__)
_EARLIER = sorted(file.stem for file in _HERE.parent.glob("0*.py") if file.stem < _HERE.stem)


class Migration(migrations.Migration):
    dependencies = [("storage", name) for name in _EARLIER]

    operations = [
        ops.AddField(
            model_name="VersionRow", name="missing_since", field=fields.DatetimeField(null=True, unique=False)
        ),
        ops.AddIndex("VersionRow", Index(fields=["missing_since", "id"])),
    ]
