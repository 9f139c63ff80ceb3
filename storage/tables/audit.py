"""The table of the audit. Only this room sees a row."""

from __future__ import annotations

from typing import ClassVar

from tortoise import fields
from tortoise.models import Model

from domain.audit import AuditAction
from storage.tables.core import ENUM


class AuditRow(Model):
    """One change, or one try that was denied. Written once: the database itself refuses to change or delete it."""

    id = fields.BigIntField(primary_key=True)
    at = fields.DatetimeField()
    actor = fields.CharField(max_length=64)  # Slack user id
    what = fields.CharEnumField(AuditAction, description=ENUM, max_length=32)
    site = fields.CharField(max_length=255, null=True)  # null: of no site
    device = fields.CharField(max_length=255, null=True)
    target = fields.TextField(default="")
    before = fields.TextField(default="{}")  # JSON
    after = fields.TextField(default="{}")  # JSON
    denied = fields.BooleanField(default=False)
    correlation = fields.CharField(max_length=64, default="")

    class Meta:
        """One index behind each filter: site, person, device, time; of denied tries at a site and everywhere."""

        table = "audit"
        indexes: ClassVar = [
            ("site", "id"),
            ("actor", "id"),
            ("device", "id"),
            ("at", "id"),
            ("site", "denied", "id"),
            ("denied", "id"),
        ]
