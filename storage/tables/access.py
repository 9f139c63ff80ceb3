"""The table of access that was given in Slack; grants of app.yaml are not in it."""

from __future__ import annotations

from typing import ClassVar

from tortoise import fields
from tortoise.models import Model

from domain.roles import Role
from storage.tables.core import ENUM


class GrantRow(Model):
    """One role of one principal at one site.

    Written when an admin gives it, changed by a grant of another role, removed when it is taken back.
    """

    id = fields.BigIntField(primary_key=True)
    site = fields.CharField(max_length=255)
    principal = fields.CharField(max_length=64)  # Slack id of a person, a user group or a private channel
    role = fields.IntEnumField(Role, description=ENUM)
    given_by = fields.CharField(max_length=64)  # Slack user id
    given_at = fields.DatetimeField()

    class Meta:
        """Read whole at the start; changed by site and principal."""

        table = "access_grant"  # the bare word means something to the database
        unique_together: ClassVar = [("site", "principal")]
