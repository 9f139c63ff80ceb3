"""Two hundred reports that come due in the same minute at a site of thousands, and the acks of commands meanwhile."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from rich.table import Table

from bench.company import SITE
from bench.figures import percentile, spread
from bench.fleet import Target
from bench.system import bot
from domain.digests.digests import DigestFields, DigestPeriod
from domain.jobs.spoken import parse_schedule
from domain.runs.outcomes import Outcome
from domain.runs.run import Trigger
from domain.subscriptions.subscriptions import SubscriptionFields, SubscriptionScope
from storage.database.opening import database
from storage.database.statements import insert
from storage.subscriptions.digests import put_digest
from storage.subscriptions.subscriptions import put_subscription
from storage.tables.core import RunRow

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

_READERS = 200
_START = timedelta(seconds=60)  # until serve has read thousands of devices


async def digests(devices: int, *, repeat: int) -> Table:
    """How long it takes to compose them all, no two alike, and how long commands waited for their acks."""
    deferred: list[float] = []
    acks: list[list[float]] = []
    cpu: list[float] = []
    targets = [Target(f"sw{number}", 22, "backup", "") for number in range(devices)]
    recipients = [f"U1{number:05}" for number in range(_READERS)]
    for _ in range(repeat):
        due = (datetime.now(UTC) + _START).replace(second=0, microsecond=0) + timedelta(minutes=1)

        async def prepare(path: Path, due: datetime = due) -> None:
            await _fill(path, devices, recipients, due)

        async with bot(targets, parallel=10, readers=recipients, prepare=prepare) as running:
            meter = await running.reach(due)
            asked = await running.ask_until_put("digest:", _READERS)
            cost = meter.read()
        deferred.append(cost.wall)
        cpu.append(cost.cpu)
        acks.append(asked)
    return _table(devices, deferred, cpu, acks)


async def _fill(path: Path, devices: int, recipients: Sequence[str], due: datetime) -> None:
    """A week of nightly runs; each reader watches the site but one device, so that no two reports are the same."""
    path.parent.mkdir(parents=True, exist_ok=True)
    async with database(f"sqlite://{path}"):
        for day in range(1, 8):
            at = due - timedelta(days=day)
            await insert(RunRow, [_run(number, at) for number in range(devices)])
        schedule = parse_schedule(f"cron {due.minute} {due.hour} * * *")
        for number, recipient in enumerate(recipients):
            site = SubscriptionFields(person=recipient, scope=SubscriptionScope.SITE, target=SITE, site=SITE)
            silent = SubscriptionFields(
                person=recipient, scope=SubscriptionScope.DEVICE, target=f"sw{number}", site=SITE, silent=True
            )
            for subscription in (site, silent):
                await put_subscription(subscription, now=due - timedelta(days=1))
            fields = DigestFields(
                recipient=recipient, site=None, period=DigestPeriod.WEEK, schedule=schedule, zone="UTC"
            )
            await put_digest(fields, now=due - timedelta(minutes=5))


def _run(number: int, at: datetime) -> dict[str, object]:
    outcome = Outcome.FAILED if number % 53 == 0 else Outcome.MODIFIED if number % 31 == 0 else Outcome.UP_TO_DATE
    return {
        "device": f"sw{number}",
        "site": SITE,
        "trigger": Trigger.SCHEDULE,
        "outcome": outcome,
        "created_at": at,
        "started_at": at,
        "finished_at": at + timedelta(seconds=4),
        "waiting_limit": timedelta(minutes=30),
        "running_limit": timedelta(minutes=5),
        "attempts": 1,
        "facts": "",
        "added": 1,
        "removed": 0,
        "secrets_changed": 0,
        "announced": True,
        "accept_smaller": False,
    }


def _table(devices: int, deferred: Sequence[float], cpu: Sequence[float], acks: Sequence[Sequence[float]]) -> Table:
    title = f"{_READERS} weekly reports due in the same minute, {devices:,} devices, SQLite"
    table = Table(title=title, title_justify="left")
    for heading in ("all composed, s", "serve, CPU s", "commands", "ack p50, ms", "ack p99, ms", "longest, ms"):
        table.add_column(heading, justify="right")
    table.add_row(
        spread(deferred, digits=1),
        spread(cpu, digits=1),
        spread([len(one) for one in acks], digits=0),
        spread([percentile(one, 0.50) for one in acks], digits=0),
        spread([percentile(one, 0.99) for one in acks], digits=0),
        spread([max(one) for one in acks], digits=0),
    )
    return table
