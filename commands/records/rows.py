"""What an export says of a run, a job and an entry of the audit: plain values by column, nothing secret among them."""

from __future__ import annotations

from datetime import UTC
from typing import TYPE_CHECKING

from domain.jobs.readings import in_words

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime, timedelta

    from domain.audit import AuditEntry
    from domain.configs.versions import DeviceState, Review
    from domain.inventory.declared import Device, Site
    from domain.jobs.job import Job
    from domain.runs.health import Health
    from domain.runs.run import Run

    Facts = Callable[[Run], str]  # the facts of a run, without secrets

Row = dict[str, str | int | bool | None]


def run_row(run: Run, site: Site | None, *, facts: Facts, review: Review | None = None) -> Row:
    """A run. What the device said is masked as in messages."""
    return {
        "run": run.id,
        "device": run.device,
        "site": run.site,
        "site_name": site.name if site else run.site,
        "outcome": run.outcome.word,
        "trigger": run.trigger.value,
        "asked_by": run.asked_by,
        "job": run.job,
        "batch": run.batch,
        **_times("created_at", run.created_at, site),
        **_times("started_at", run.started_at, site),
        **_times("finished_at", run.finished_at, site),
        "waited_seconds": _seconds(run.waited),
        "took_seconds": _seconds(run.duration),
        "agent": run.agent,
        "attempts": run.attempts,
        "reason": run.reason.value if run.reason else None,
        "cause": run.cause.value if run.cause else None,
        "detail": facts(run) or None,
        "base_version": run.base_version,
        "version": run.version,
        "lines_added": run.added,
        "lines_removed": run.removed,
        "secrets_changed": run.secrets_changed,
        "smaller_accepted": run.accept_smaller,
        "reviewed_by": review.by if review else None,
        **_times("reviewed_at", review.at if review else None, site),
        "review_note": review.note if review else None,
    }


def device_row(
    device: Device, site: Site, *, health: Health, state: DeviceState | None = None, run: Run | None = None
) -> Row:
    """A device, how it stands, and its last run at its site."""
    good_at = state.last_good_at if state else None
    return {
        "device": device.name,
        "site": device.site,
        "site_name": site.name,
        "platform": device.platform,
        "state": health.value,
        **_times("last_good_at", good_at, site),
        "version": state.version if state else None,
        **_times("known_since", state.known_since if state else None, site),
        "last_run": run.id if run else None,
        "last_outcome": run.outcome.word if run else None,
        "last_reason": run.reason.value if run and run.reason else None,
    }


def job_row(job: Job, site: Site | None, *, now: datetime) -> Row:
    """A job as it stands."""
    return {
        "job": job.id,
        "name": job.name,
        "kind": job.kind.value,
        "site": job.site,
        "site_name": site.name if site else job.site,
        "device": job.device,
        "schedule": in_words(job.schedule),
        "enabled": job.enabled,
        "paused": job.is_paused(now),
        "paused_by": job.paused_by if job.is_paused(now) else None,
        **_times("paused_until", job.paused_until if job.is_paused(now) else None, site),
        **_times("next_run_at", job.next_run_at, site),
        **_times("last_activity_at", job.last_at, site),
        "waiting_limit_seconds": _seconds(job.waiting_limit),
        "running_limit_seconds": _seconds(job.running_limit),
        "retries": job.retries,
        "if_missed": job.missed.value,
        "created_by": job.created_by,
        **_times("created_at", job.created_at, site),
        "changed_by": job.changed_by,
        **_times("changed_at", job.changed_at, site),
        "revision": job.revision,
    }


def audit_row(entry: AuditEntry, site: Site | None) -> Row:
    """An entry of the audit."""
    return {
        "entry": entry.id,
        **_times("at", entry.at, site),
        "actor": entry.actor,
        "action": entry.what.value,
        "denied": entry.denied,
        "site": entry.site,
        "site_name": site.name if site else entry.site,
        "device": entry.device,
        "target": entry.target,
        "before": _facts(entry.before),
        "after": _facts(entry.after),
        "request": entry.correlation,
    }


def _times(name: str, moment: datetime | None, site: Site | None) -> Row:
    """A moment twice, each with its offset: in UTC, and by the site's own clock."""
    there = moment.astimezone(site.timezone if site else UTC) if moment else None
    return {
        f"{name}_utc": moment.astimezone(UTC).isoformat(timespec="seconds") if moment else None,
        f"{name}_site": there.isoformat(timespec="seconds") if there else None,
    }


def _seconds(span: timedelta | None) -> int | None:
    return round(span.total_seconds()) if span is not None else None


def _facts(facts: Mapping[str, str]) -> str:
    return "; ".join(f"{label}: {value}" for label, value in facts.items())
