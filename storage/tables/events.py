"""The tables of news: how devices fare, the posts that news become, and what is held back for people.

Times are UTC. Names of devices and sites are kept as text, not as foreign keys: news outlive what is declared.
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


class BundleRow(Model):
    """The one post that news of a site become. ``told`` is its newest piece of news that readers were told."""

    id = fields.BigIntField(primary_key=True)
    site = fields.CharField(max_length=255)
    notice = fields.CharEnumField(Notice, description=ENUM, max_length=16)
    batch = fields.BigIntField(null=True)
    opened_at = fields.DatetimeField()
    last_at = fields.DatetimeField()
    size = fields.IntField(default=0)  # pieces of news
    told = fields.BigIntField(default=0)
    is_told = fields.BooleanField(default=False)

    class Meta:
        """The indexes find the bundle that takes a piece of news, those to be told, and those to be forgotten."""

        table = "news_bundle"
        indexes: ClassVar = [
            ("site", "notice", "id"),
            ("batch", "notice", "id"),
            ("is_told", "id"),
            ("last_at", "id"),
        ]


class NewsRow(Model):
    """One notice about one device. Written once, with the run that says it."""

    id = fields.BigIntField(primary_key=True)
    bundle = fields.BigIntField()
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
        """The unique pair keeps a run from being told twice, the index serves a bundle."""

        table = "news"
        unique_together: ClassVar = [("run", "notice")]
        indexes: ClassVar = [("bundle", "id")]


class HeldRow(Model):
    """A piece of news that a person is not told at once. Removed when the person has been told of the holding."""

    id = fields.BigIntField(primary_key=True)
    person = fields.CharField(max_length=64)
    news = fields.BigIntField()
    bundle = fields.BigIntField()
    wait = fields.CharEnumField(Wait, description=ENUM, max_length=16)
    held_at = fields.DatetimeField()

    class Meta:
        """The unique pair keeps news from being held twice. The indexes serve a bundle, and the ends of waits."""

        table = "held_news"
        unique_together: ClassVar = [("person", "news")]
        indexes: ClassVar = [("bundle", "person"), ("wait", "person", "news"), ("held_at", "id")]
