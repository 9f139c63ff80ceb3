"""Runs, batches and people that the catalogue shows."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from typing import Any, Final

from domain.access.people import Person
from domain.jobs.job import Job, JobKind
from domain.jobs.schedules import Daily
from domain.runs.batches import Batch, BatchState
from domain.runs.outcomes import Outcome
from domain.runs.run import Run, Trigger

NIGHT: Final = datetime(2026, 5, 4, 1, 12, tzinfo=UTC)  # 03:12 in Berlin: whoever reads this is tired
ANNA: Final = "U02ANNA"  # operator at Plant A
OLGA: Final = "U01OWNER"

PEOPLE: Final = {
    "Anna, operator": Person(id=ANNA, team="T1", name="anna", timezone="Europe/Berlin"),
    "Tom, viewer": Person(id="U03TOM", team="T1", name="tom", timezone="Europe/Berlin"),
    "Olga, owner": Person(id=OLGA, team="T1", name="olga", timezone="Europe/Berlin"),
    "Nora, no access": Person(id="U05NORA", team="T1", name="nora"),
    "Gus, guest": Person(id="U04GUS", team="T1", name="gus", is_guest=True),
    "Xaver, another organisation": Person(id="U07XAVER", team="T9", name="xaver", is_external=True),
}

LONG_DEVICE: Final = "de-nue-building-17-floor-03-rack-12-distribution-switch-a.core.plant-a.example.net"
LONG_SITE: Final = "Werk Nürnberg Süd, Gebäude 17, Halle 3 (Getriebefertigung und Prüfstand)"


def make_run(outcome: Outcome = Outcome.PENDING, **changed: Any) -> Run:  # noqa: ANN401 - any field of a run
    """A run of core-sw1 at Plant A that Anna asked for; one that has ended took four seconds."""
    usual: dict[str, Any] = {
        "id": 4711,
        "device": "core-sw1",
        "site": "plant-a",
        "trigger": Trigger.MANUAL,
        "outcome": outcome,
        "created_at": NIGHT,
        "waiting_limit": timedelta(minutes=30),
        "running_limit": timedelta(minutes=5),
        "asked_by": ANNA,
    }
    return Run(**(usual | (_ended() if outcome.is_final else {}) | changed))


def _ended() -> dict[str, Any]:
    return {
        "agent": "local",
        "attempts": 1,
        "started_at": NIGHT + timedelta(seconds=1),
        "finished_at": NIGHT + timedelta(seconds=5),
    }


def make_batch(total: int, counts: dict[Outcome, int], **changed: Any) -> BatchState:  # noqa: ANN401 - any field
    """A batch of Plant A that Anna asked for."""
    usual: dict[str, Any] = {
        "id": 12,
        "site": "plant-a",
        "trigger": Trigger.MANUAL,
        "total": total,
        "created_at": NIGHT,
        "asked_by": ANNA,
    }
    return BatchState(batch=Batch(**(usual | changed)), counts=counts)


def make_job(name: str, **changed: Any) -> Job:  # noqa: ANN401 - any field of a job
    """A job for core-sw1 that Anna made; Olga paused it."""
    usual: dict[str, Any] = {
        "id": 1,
        "revision": 1,
        "name": name,
        "kind": JobKind.DEVICE,
        "site": "plant-a",
        "device": name,
        "schedule": Daily(time(2, 0), weekends=True),
        "created_by": ANNA,
        "created_at": NIGHT,
        "changed_by": ANNA,
        "changed_at": NIGHT,
        "next_run_at": NIGHT,
        "paused_by": OLGA,
        "paused_at": NIGHT,
    }
    return Job(**(usual | changed))


def config(lines: int) -> str:
    """A configuration of about this many lines."""
    head = "version 17.9\nhostname core-sw1\nip domain name example.net\n!\n"
    ports = "".join(
        f"interface Gi1/0/{port}\n description desk {port:03d}\n switchport access vlan {100 + port % 7}\n!\n"
        for port in range(1, lines // 4 + 1)
    )
    return f"{head}{ports}line vty 0 15\n transport input ssh\nend\n"
