"""The tables but those of jobs (``storage.tables.jobs``). Only this room sees a row; domain values leave it.

Times are UTC. Names of devices and sites are kept as text, not as foreign keys: history outlives what is declared.
"""

from __future__ import annotations

from typing import ClassVar, cast

from tortoise import fields
from tortoise.models import Model

from domain.failures import FailureKind
from domain.messages.outbox import MessageKind
from domain.runs.causes import TimeoutCause
from domain.runs.outcomes import Outcome
from domain.runs.run import Trigger

ENUM = "a value of the domain"  # instead of Tortoise's list of them, which a further value would migrate


class DeviceRow(Model):
    """What is known of one device beside its declaration.

    Written when the device is first declared or first ends a run, and moved by every end of a run. A device that
    is no longer declared keeps its row. All but the host key is what its present site has of it: a device that moves
    finds here what was stored at the new site before, or nothing.
    """

    name = fields.CharField(max_length=255, primary_key=True)
    site = fields.CharField(max_length=255)
    version = fields.IntField(null=True)  # number of the newest version
    digest = fields.CharField(max_length=255, null=True)  # of its comparable text
    size = fields.BigIntField(null=True)  # bytes of its text
    last_good_at = fields.DatetimeField(null=True)
    last_run = fields.BigIntField(null=True)  # the newest run that has ended
    host_key = fields.TextField(null=True)  # pinned at the first good log-in
    offered_host_key = fields.TextField(null=True)  # shown by the device and refused
    sealed = fields.BooleanField(default=False, db_default=False)  # restricted, also when it is no longer declared
    known_since = fields.DatetimeField(null=True)  # first declared at its site; null: before anybody took note of that
    overdue_told_at = fields.DatetimeField(null=True)  # people were told; a good backup after it makes that void

    class Meta:
        """The index serves the state of a whole site."""

        table = "device"
        indexes: ClassVar = [("site", "name")]


class JumpHostRow(Model):
    """The host key of a machine through which devices of one site are reached and which they share.

    Written by the first run that logs in to it. It is pinned for each site anew: plants use the same private
    addresses for different machines, and who may accept a new key there is the site's affair.
    """

    id = fields.BigIntField(primary_key=True)
    site = fields.CharField(max_length=255)
    address = fields.CharField(max_length=255)  # [host]:port
    host_key = fields.TextField(null=True)  # pinned at the first good log-in
    offered_host_key = fields.TextField(null=True)  # shown and refused

    class Meta:
        """Only ever asked for by site and address."""

        table = "jump_host"
        unique_together: ClassVar = [("site", "address")]


class BatchRow(Model):
    """The runs of one site that were asked for together. Written once, in one transaction with those runs."""

    id = fields.BigIntField(primary_key=True)
    site = fields.CharField(max_length=255)
    trigger = fields.CharEnumField(Trigger, description=ENUM, max_length=32)
    total = fields.IntField()
    created_at = fields.DatetimeField()
    asked_by = fields.CharField(max_length=64, null=True)  # Slack user id; null: not a person
    channel = fields.CharField(max_length=64, null=True)
    thread_ts = fields.CharField(max_length=64, null=True)

    class Meta:
        """Only ever asked for by its id."""

        table = "batch"


class RunRow(Model):
    """One execution for one device.

    Written when it is asked for, changed when an agent begins an attempt, and completed once when it ends: after
    that nothing but ``announced`` changes. ``deadline`` is when its present clock runs out; null: it has ended.
    """

    id = fields.BigIntField(primary_key=True)
    device = fields.CharField(max_length=255)
    site = fields.CharField(max_length=255)
    trigger = fields.CharEnumField(Trigger, description=ENUM, max_length=32)
    outcome = fields.CharEnumField(Outcome, description=ENUM, max_length=16)
    created_at = fields.DatetimeField()
    waiting_limit = fields.TimeDeltaField()
    running_limit = fields.TimeDeltaField()
    asked_by = fields.CharField(max_length=64, null=True)  # Slack user id; null: not a person
    job = fields.BigIntField(null=True)
    slot = fields.DatetimeField(null=True)  # when the job came due; null: not begun by a schedule
    not_before = fields.DatetimeField(null=True)
    retries = fields.IntField(null=True)  # null: as declared for the device
    accept_smaller = fields.BooleanField(default=False)
    batch_id: int | None
    batch: fields.ForeignKeyNullableRelation[BatchRow] = fields.ForeignKeyField(
        "storage.BatchRow", null=True, on_delete=fields.RESTRICT
    )
    channel = fields.CharField(max_length=64, null=True)
    thread_ts = fields.CharField(max_length=64, null=True)
    agent = fields.CharField(max_length=255, null=True)
    attempts = fields.IntField(default=0)
    started_at = fields.DatetimeField(null=True)  # of the first attempt
    finished_at = fields.DatetimeField(null=True)
    deadline = fields.DatetimeField(null=True)
    reason = cast(
        "fields.Field[FailureKind | None]",
        fields.CharEnumField(FailureKind, description=ENUM, max_length=32, null=True),
    )
    cause = cast(
        "fields.Field[TimeoutCause | None]",
        fields.CharEnumField(TimeoutCause, description=ENUM, max_length=32, null=True),
    )
    facts = fields.TextField(default="")
    evidence = cast("fields.Field[str | None]", fields.TextField(null=True))  # JSON in ASCII; null: nothing is known
    base_version = fields.IntField(null=True)
    version = fields.IntField(null=True)
    added = fields.IntField(default=0)  # lines
    removed = fields.IntField(default=0)  # lines
    secrets_changed = fields.IntField(default=0, db_default=0)  # values
    announced = fields.BooleanField(default=False)  # the message of its end has been put

    class Meta:
        """One index behind each list.

        Unfinished and overdue; the history of a site (and its counts), a device, a job, a person; batch; announcing.
        """

        table = "run"
        indexes: ClassVar = [
            ("outcome", "deadline"),
            ("site", "id"),
            ("site", "outcome", "id"),
            ("site", "trigger", "outcome", "id"),
            ("site", "created_at", "outcome", "id"),
            ("device", "id"),
            ("device", "outcome", "id"),
            ("job", "outcome", "id"),
            ("job", "id"),
            ("asked_by", "id"),
            ("batch_id", "outcome", "id"),
            ("created_at", "id"),
            ("announced", "id"),
        ]


class VersionRow(Model):
    """One stored configuration: a commit in the site's repository.

    Written in one transaction with the end of the run that made it, or found again in git after a crash.
    ``last_checked_at`` moves with every run that finds it unchanged; ``valid_until`` is set by its successor; the
    first review of it is kept.
    """

    id = fields.BigIntField(primary_key=True)
    device = fields.CharField(max_length=255)
    site = fields.CharField(max_length=255)
    number = fields.IntField()  # counts from 1 for each device
    commit = fields.CharField(max_length=64)  # hex
    run = fields.BigIntField()
    captured_at = fields.DatetimeField()
    last_checked_at = fields.DatetimeField()
    valid_until = fields.DatetimeField(null=True)
    size = fields.BigIntField()  # bytes
    digest = fields.CharField(max_length=255)  # of the comparable text
    author = fields.TextField(null=True)
    added = fields.IntField(default=0)  # lines
    removed = fields.IntField(default=0)  # lines
    secrets_changed = fields.IntField(default=0, db_default=0)  # values
    awaits_review = fields.BooleanField(default=False, db_default=False)  # a change nobody has reviewed, no baseline
    reviewed_by = fields.CharField(max_length=64, null=True)  # Slack user id
    reviewed_at = fields.DatetimeField(null=True)
    review_note = fields.TextField(default="", db_default="")
    missing_since = fields.DatetimeField(null=True)  # when its text was found to be missing; null: it is there

    class Meta:
        """The unique pair serves all questions about a device.

        The first index finds a site's newest commit, the second what is still to be reviewed there, the third what is
        missing from the archive.
        """

        table = "version"
        unique_together: ClassVar = [("device", "number")]
        indexes: ClassVar = [("site", "id"), ("site", "awaits_review", "run"), ("missing_since", "id")]


class OutboxRow(Model):
    """One message as it should stand in Slack, and how far its delivery has come.

    Written when the message is first put, changed by every new content and every step of its delivery, removed by
    the clean-up. ``waiting`` says that something of it is still to be sent: not refused and not yet sent.
    """

    id = fields.BigIntField(primary_key=True)
    key = fields.CharField(max_length=255, unique=True)
    kind = fields.CharEnumField(MessageKind, description=ENUM, max_length=16)
    channel = fields.CharField(max_length=64)
    content = fields.TextField()  # JSON in ASCII: PostgreSQL's own JSON cannot hold every character a device sends
    content_digest = fields.CharField(max_length=64)
    thread_key = fields.CharField(max_length=255, null=True)
    thread_ts = fields.CharField(max_length=64, null=True)
    person = fields.CharField(max_length=64, null=True)
    site = fields.TextField(null=True)  # keys, separated by spaces
    devices = fields.TextField(default="", db_default="")  # names, one in a line
    shows_config = fields.BooleanField(default=False)
    quotes = fields.TextField(default="", db_default="")  # version (0: none) and device, one pair in a line
    fallback = fields.CharField(max_length=64, null=True)
    response_url = fields.TextField(null=True)
    expires_at = fields.DatetimeField(null=True)
    revision = fields.IntField(default=1)
    sent_revision = fields.IntField(default=0)
    waiting = fields.BooleanField(default=True)
    ts = fields.CharField(max_length=64, null=True)
    posted_channel = fields.CharField(max_length=64, null=True)
    attempts = fields.IntField(default=0)
    in_doubt = fields.BooleanField(default=False)
    not_before = fields.DatetimeField(null=True)
    refusal = fields.TextField(null=True)  # why it was given up
    state = fields.TextField(default="{}")  # JSON
    changed_at = fields.DatetimeField()

    class Meta:
        """The first index serves delivery, the second the clean-up."""

        table = "outbox"
        indexes: ClassVar = [("waiting", "channel", "id"), ("changed_at", "id")]


class SeenEventRow(Model):
    """One delivery from Slack that has been taken in. Written when it first comes, removed after a while."""

    key = fields.CharField(max_length=255, primary_key=True)
    seen_at = fields.DatetimeField()

    class Meta:
        """The index serves the clean-up."""

        table = "seen_event"
        indexes: ClassVar = [("seen_at",)]
