"""Which agents are there, since when, and how much more each of them takes."""

from __future__ import annotations

import logging
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from domain.runs.agent_status import AgentStatus
from domain.runs.assignment import window
from domain.runs.timeouts import HEARTBEAT_TIMEOUT

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from datetime import datetime

    from domain.clock import Clock
    from domain.inventory.declared import Agent, Inventory
    from runners.state.run_queue import RunQueue

log = logging.getLogger(__name__)


@dataclass(slots=True)
class _Line:
    """The connection to one agent."""

    concurrency: int
    heard_at: datetime
    heard: datetime  # the same moment of the steady clock, by which it is taken for disconnected
    connected_since: datetime | None = None
    takes_runs: bool = False  # it has said hello, and nothing sent to it got stuck since


class AgentRegistry:
    """Keeps the roll of the declared agents; one that is not declared is never given anything."""

    def __init__(self, *, queue: RunQueue, inventory: Inventory, clock: Clock) -> None:
        self._queue = queue
        self._inventory = inventory
        self._clock = clock
        now, steady = clock.now(), clock.steady()
        self._lines = {agent.name: _Line(agent.concurrency, now, steady) for agent in inventory.agents.values()}

    def connected(self, agent: str) -> bool:
        """The agent is there; False: it is not declared and stays a stranger."""
        line = self._lines.get(agent)
        if line is None:
            log.warning("agent is not declared", extra={"agent": agent})
            return False
        line.connected_since = line.heard_at = self._clock.now()
        line.heard = self._clock.steady()
        line.takes_runs = False
        log.info("agent connected", extra={"agent": agent})
        return True

    def greeted(self, agent: str, *, concurrency: int) -> None:
        """It has said hello, and how many sessions it can hold."""
        line = self._lines.get(agent)
        if line:
            line.concurrency = max(1, min(concurrency, self._inventory.agents[agent].concurrency))
            self.heard(agent)

    def heard(self, agent: str) -> None:
        """It has said something."""
        line = self._lines.get(agent)
        if line:
            line.heard_at, line.heard = self._clock.now(), self._clock.steady()
            line.takes_runs = True

    def stuck(self, agent: str) -> None:
        """It did not take what was sent: nothing more until it is heard again."""
        if agent in self._lines:
            self._lines[agent].takes_runs = False

    def gone(self, agent: str, *, reason: str, sent_away: bool = False) -> None:
        """The connection is lost, or ended by us, which is nothing to warn of."""
        line = self._lines.get(agent)
        if line:
            line.connected_since = None
            line.takes_runs = False
            if sent_away:
                log.info("agent sent away", extra={"agent": agent})
            else:
                log.warning("agent lost", extra={"agent": agent, "reason": reason})

    def room(self) -> Mapping[str, int]:
        """How many more runs each agent takes that is there and heard."""
        given = self._queue.handed.by_agent()
        return {
            name: line.concurrency + window(line.concurrency) - given[name]
            for name, line in self._lines.items()
            if line.takes_runs and not self._is_disconnected(line)
        }

    def disconnected(self) -> list[str]:
        """Agents that are connected by name, yet have not been heard for too long."""
        return [name for name, line in self._lines.items() if line.connected_since and self._is_disconnected(line)]

    def statuses(self, hidden: Collection[str] = (), sites: Collection[str] | None = None) -> list[AgentStatus]:
        """Every declared agent, in the order of their declaration.

        Counted are the runs at ``sites`` (None: at all of them) but those of ``hidden`` devices.
        """
        running = self._queue.handed.running_by_agent(hidden, sites)
        waiting = self._queue.waiting_by_site(hidden)
        if sites is not None:
            waiting = Counter({site: count for site, count in waiting.items() if site in sites})
        return [
            self._status(agent, running=running[agent.name], waiting=waiting)
            for agent in self._inventory.agents.values()
        ]

    def serving(self, site: str) -> list[AgentStatus]:
        """The agents that serve ``site``."""
        return [status for status in self.statuses() if self._inventory.agents[status.name].serves(site)]

    def stranded(self, agent: str) -> dict[str, tuple[str, ...]]:
        """The sites that ``agent`` serves, each with the devices whose runs no other agent that is there could do."""
        there = {status.name for status in self.statuses() if status.disconnected_since is None} - {agent}
        alone: dict[str, list[str]] = {}
        for site in self._inventory.sites:
            serving = {one.name for one in self._inventory.agents_for(site)}
            if agent in serving:
                alone[site] = [] if serving & there else self._unfinished(site)
        for handed in self._queue.handed.of_agent(agent):
            devices = alone.get(handed.site, [])
            if handed.device not in devices and self._queue.find(handed.run):
                devices.append(handed.device)
        return {site: tuple(devices) for site, devices in alone.items()}

    def _unfinished(self, site: str) -> list[str]:
        runs = (run for run in self._queue.unfinished() if run.site == site)
        return [run.device for run in sorted(runs, key=lambda run: run.id)]

    def _status(self, agent: Agent, *, running: int, waiting: Mapping[str, int]) -> AgentStatus:
        line = self._lines[agent.name]
        is_there = line.connected_since is not None and not self._is_disconnected(line)
        return AgentStatus(
            name=agent.name,
            sites=agent.sites,
            concurrency=line.concurrency,
            running=running,
            waiting=sum(count for site, count in waiting.items() if agent.serves(site)),
            connected_since=line.connected_since if is_there else None,
            disconnected_since=None if is_there else line.heard_at,
            disconnected_for=None if is_there else self._clock.steady() - line.heard,
        )

    def _is_disconnected(self, line: _Line) -> bool:
        return self._clock.steady() - line.heard >= HEARTBEAT_TIMEOUT
