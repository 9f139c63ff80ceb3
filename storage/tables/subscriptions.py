"""The tables of what people want to hear: routes, subscriptions, profiles, digests. Only this room sees a row.

Times are UTC. Names of devices and sites are kept as text, not as foreign keys: choices outlive what is declared.
"""

from __future__ import annotations

from typing import ClassVar

from tortoise import fields
from tortoise.models import Model

from domain.digests.digests import DigestForm, DigestPeriod
from domain.subscriptions.routes import RouteHealth
from domain.subscriptions.subscriptions import SubscriptionScope
from storage.tables.core import ENUM


class RouteRow(Model):
    """Which channel hears what of a site. Written by site admins and from app.yaml, its health by delivery."""

    id = fields.BigIntField(primary_key=True)
    site = fields.CharField(max_length=255)
    channel = fields.CharField(max_length=64)
    events = fields.CharField(max_length=255)  # values of EventKind, separated by blanks
    active = fields.BooleanField(default=True)
    declared = fields.BooleanField(default=False)
    revision = fields.IntField(default=1)
    changed_by = fields.CharField(max_length=64, default="")
    changed_at = fields.DatetimeField(null=True)
    health = fields.CharEnumField(RouteHealth, description=ENUM, max_length=16, default=RouteHealth.UNKNOWN)
    trouble = fields.CharField(max_length=255, default="")
    health_at = fields.DatetimeField(null=True)

    class Meta:
        """The unique pair serves a site, the index a channel that Slack tells something of."""

        table = "route"
        unique_together: ClassVar = [("site", "channel")]
        indexes: ClassVar = [("channel", "id")]


class SubscriptionRow(Model):
    """What one person subscribes to. Written and removed by that person."""

    id = fields.BigIntField(primary_key=True)
    person = fields.CharField(max_length=64)
    scope = fields.CharEnumField(SubscriptionScope, description=ENUM, max_length=16)
    target = fields.CharField(max_length=255)
    site = fields.CharField(max_length=255)
    failed = fields.BooleanField(default=True)
    modified = fields.BooleanField(default=False)
    and_new = fields.BooleanField(default=True)
    silent = fields.BooleanField(default=False)
    created_at = fields.DatetimeField()

    class Meta:
        """The unique three serve a person, the index whoever asks who subscribes to a thing."""

        table = "subscription"
        unique_together: ClassVar = [("person", "scope", "target")]
        indexes: ClassVar = [("site", "scope", "target")]


class ProfileRow(Model):
    """How one person wants to be told. Written when that person first chooses."""

    person = fields.CharField(max_length=64, primary_key=True)
    muted_until = fields.DatetimeField(null=True)
    muted_at = fields.DatetimeField(null=True)
    last_mute_from = fields.DatetimeField(null=True)  # the mute before, that is over
    last_mute_to = fields.DatetimeField(null=True)
    even_if_in_channel = fields.BooleanField(default=False)
    quiet_from = fields.CharField(max_length=5, null=True)  # 22:00
    quiet_to = fields.CharField(max_length=5, null=True)
    zone = fields.CharField(max_length=64, default="UTC")

    class Meta:
        """The index finds mutes that are over."""

        table = "profile"
        indexes: ClassVar = [("muted_until", "person")]


class DigestRow(Model):
    """A scheduled digest.

    Written by its recipient, by site admins and from app.yaml. The clock moves ``next_at``, and in the same transaction
    leaves in ``due_at`` what is to be sent, until that stands in Slack or is given up.
    """

    id = fields.BigIntField(primary_key=True)
    recipient = fields.CharField(max_length=64)
    site = fields.CharField(max_length=255, default="")  # empty: a person's
    period = fields.CharEnumField(DigestPeriod, description=ENUM, max_length=16)
    schedule = fields.CharField(max_length=255)  # domain.jobs.schedules.store_form
    zone = fields.CharField(max_length=64)
    form = fields.CharEnumField(DigestForm, description=ENUM, max_length=16, default=DigestForm.LONG)
    active = fields.BooleanField(default=True)
    declared = fields.BooleanField(default=False)
    next_at = fields.DatetimeField(null=True)
    last_at = fields.DatetimeField(null=True)
    due_at = fields.DatetimeField(null=True)  # came due then and is being brought; null: nothing is
    missed = fields.IntField(default=0)  # times before due_at for which nothing was sent
    tries = fields.IntField(default=0)  # how often it was composed for due_at

    class Meta:
        """The unique three serve a recipient, the indexes the clock, what is being brought, and a site."""

        table = "digest"
        unique_together: ClassVar = [("recipient", "site", "period")]
        indexes: ClassVar = [("next_at", "id"), ("due_at", "id"), ("site", "id")]
