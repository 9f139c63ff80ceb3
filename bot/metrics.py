"""Figures about serve itself, in Prometheus' form. One registry for each serve, so that tests can have several."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from domain.runs.health import Health

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from domain.runs.run import Run

_LAG_EVERY = 0.5  # seconds
_LAG_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5)


class Metrics:
    """The figures that ``/metrics`` shows."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        counter, gauge = partial(Counter, registry=self._registry), partial(Gauge, registry=self._registry)
        self.runs = counter("lastgood_runs", "Runs that ended, by outcome.", ["outcome"])
        self.answers = counter("lastgood_answers", "Answers, by template.", ["template"])
        self.deliveries = counter("lastgood_slack_deliveries", "What Slack sent, by surface.", ["surface"])
        self.reconnects = counter("lastgood_slack_reconnects", "Connections to Slack found dead.")
        self.outbox = gauge("lastgood_outbox_messages", "Messages that wait to be sent.")
        self.outbox_age = gauge("lastgood_outbox_oldest_seconds", "Age of the oldest message that waits.")
        self.last_tick = gauge("lastgood_last_tick_seconds", "When schedules were last looked at, Unix time.")
        self.last_digest = gauge("lastgood_last_digest_seconds", "When a digest was last composed, Unix time.")
        self.heartbeats = counter("lastgood_heartbeats", "Heartbeats, by what became of them.", ["fate"])
        self.devices = gauge(
            "lastgood_devices", "Declared devices by how they stand; their sum is all of them.", ["state"]
        )
        self.missing_versions = gauge("lastgood_versions_missing", "Versions whose text is missing from the archive.")
        self.unusable_repositories = gauge(
            "lastgood_repositories_unusable", "Repositories of sites that cannot be used."
        )
        self.unfinished = gauge("lastgood_runs_unfinished", "Runs that have not ended.")
        self.agents = gauge("lastgood_agents_connected", "Agents that are connected.")
        self.slack = gauge("lastgood_slack_connected", "Whether Slack reaches us: 1 or 0.")
        self.accepted = gauge("lastgood_slack_accepts", "Whether Slack accepts the app: 1 or 0.")
        self.storage = gauge("lastgood_storage_works", "Whether disk and database take what is written: 1 or 0.")
        self.disk_free = gauge("lastgood_disk_free_bytes", "Room on the disk of a folder.", ["folder"])
        self.at_work = gauge("lastgood_requests_at_work", "Requests not answered yet.")
        self.lag = Histogram(
            "lastgood_loop_lag_seconds", "How late the event loop is.", registry=self._registry, buckets=_LAG_BUCKETS
        )

    def count_runs(self, runs: Sequence[Run]) -> None:
        """Count those of ``runs`` that have ended."""
        for run in runs:
            if run.outcome.is_final:
                self.runs.labels(run.outcome.value).inc()

    def count_devices(self, counts: Mapping[Health, int]) -> None:
        """Say how all devices stand."""
        for health in Health:
            self.devices.labels(health.value).set(counts.get(health, 0))

    def text(self) -> bytes:
        """All figures, in Prometheus' text form."""
        return generate_latest(self._registry)

    async def watch_loop(self) -> None:
        """Measure how late the event loop is, until cancelled."""
        loop = asyncio.get_running_loop()
        while True:
            due = loop.time() + _LAG_EVERY
            await asyncio.sleep(_LAG_EVERY)
            self.lag.observe(max(0.0, loop.time() - due))
