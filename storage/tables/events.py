"""The tables of events: how devices fare, the posts that events become, and what is held back for people.

Times are UTC. Names of devices and sites are kept as text, not as foreign keys: events outlive what is declared.
"""

from __future__ import annotations

from typing import ClassVar

from tortoise import fields
from tortoise.models import Model

from domain.events.audiences import Wait
from domain.events.transitions import Notice
from storage.tables.core import ENUM


class TroubleRow(Model):
    """How one device has fared since it first failed. Written by each end of a run that says something of it."""

    device = fields.CharField(max_length=255, primary_key=True)
    is_bad = fields.BooleanField()
    since = fields.DatetimeField()
    told_at = fields.DatetimeField()
    turns = fields.TextField(default="")  # times, separated by blanks
    is_flapping = fields.BooleanField(default=False)
    run = fields.BigIntField()  # the newest run that was taken into account
    job = fields.BigIntField(null=True)  # that had begun the run which failed

    class Meta:
        """Only ever asked for by the device."""

        table = "trouble"


class EventGroupRow(Model):
    """Events of one site and kind that stand in one post. ``told`` is the newest event that recipients were told."""

    id = fields.BigIntField(primary_key=True)
    site = fields.CharField(max_length=255)
    notice = fields.CharEnumField(Notice, description=ENUM, max_length=16)
    batch = fields.BigIntField(null=True)
    opened_at = fields.DatetimeField()
    last_at = fields.DatetimeField()
    size = fields.IntField(default=0)  # events
    told = fields.BigIntField(default=0)
    is_told = fields.BooleanField(default=False)

    class Meta:
        """The indexes find the group that takes an event, those to be told, and those to be forgotten."""

        table = "event_group"
        indexes: ClassVar = [
            ("site", "notice", "id"),
            ("batch", "notice", "id"),
            ("is_told", "id"),
            ("last_at", "id"),
        ]


class EventRow(Model):
    """One notice about one device. Written once, with the run that says it."""

    id = fields.BigIntField(primary_key=True)
    event_group = fields.BigIntField()
    run = fields.BigIntField()
    notice = fields.CharEnumField(Notice, description=ENUM, max_length=16)
    device = fields.CharField(max_length=255)
    site = fields.CharField(max_length=255)
    at = fields.DatetimeField()
    jobs = fields.CharField(max_length=64, default="")  # numbers, separated by blanks
    asked_by = fields.CharField(max_length=64, null=True)
    place = fields.CharField(max_length=64, null=True)
    since = fields.DatetimeField(null=True)

    class Meta:
        """The unique pair keeps a run from being told twice, the index serves a group."""

        table = "event"
        unique_together: ClassVar = [("run", "notice")]
        indexes: ClassVar = [("event_group", "id")]


class DeferredRow(Model):
    """An event that a person is not told at once. Removed when the person has been told of it."""

    id = fields.BigIntField(primary_key=True)
    person = fields.CharField(max_length=64)
    event = fields.BigIntField()
    event_group = fields.BigIntField()
    wait = fields.CharEnumField(Wait, description=ENUM, max_length=16)
    deferred_at = fields.DatetimeField()

    class Meta:
        """The unique pair keeps an event from being deferred twice. The indexes serve a group and the end of a wait."""

        table = "deferred_event"
        unique_together: ClassVar = [("person", "event")]
        indexes: ClassVar = [("event_group", "person"), ("wait", "person", "event"), ("deferred_at", "id")]
