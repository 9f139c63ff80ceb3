"""The timetable: takes up the slots of jobs that are due, and tells of agents and queues that cannot keep up."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import TYPE_CHECKING

from domain.events.alerts import AgentBack, AgentDisconnected
from domain.runs.timeouts import HEARTBEAT_TIMEOUT

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from datetime import datetime

    from domain.clock import Clock
    from domain.events.alerts import Alert
    from domain.runs.agent_status import AgentStatus
    from runners.dispatcher import Dispatcher

    Tell = Callable[[Alert], Awaitable[None]]

log = logging.getLogger(__name__)

AGENT_ALERT_AFTER = timedelta(minutes=1)  # without a heartbeat: the restart of an agent is no reason for an alert
MAX_CLAIMS_A_TICK = 200  # of one tick: the next tick goes on


class DueJobs:
    """Ticks every second or so. What a tick costs depends on what is due, not on how many jobs there are."""

    def __init__(self, dispatcher: Dispatcher, *, clock: Clock, tell: Tell) -> None:
        self._dispatcher = dispatcher
        self._clock = clock
        self._tell = tell
        self._told: dict[str, datetime] = {}  # agents told to be disconnected, and since when they were
        self._looked_at = self._awake_since = clock.steady()

    async def tick(self) -> None:
        """Take up all that is due; afterwards each of these jobs has moved on to its next time."""
        for _ in range(MAX_CLAIMS_A_TICK):
            taken = await self._dispatcher.take_up_due()
            if not taken.count:
                break
            log.info("slots taken up", extra={"jobs": taken.count, "runs": len(taken.runs), "late": len(taken.ended)})
        self._dispatcher.start_waiting()
        for overrun in self._dispatcher.overruns():
            await self._safely(overrun)
        await self._look_at_agents()

    async def _look_at_agents(self) -> None:
        now = self._clock.steady()
        if now - self._looked_at >= HEARTBEAT_TIMEOUT:  # we were held up: it was we who heard nothing
            self._awake_since = now
        self._looked_at = now
        for agent in self._dispatcher.agents():
            if agent.disconnected_since is None:
                await self._is_back(agent, self._clock.now())
            elif self._disconnected_for(agent, now) >= AGENT_ALERT_AFTER and agent.name not in self._told:
                await self._is_disconnected(agent, agent.disconnected_since)

    def _disconnected_for(self, agent: AgentStatus, now: datetime) -> timedelta:
        """How long it has been disconnected while we listened."""
        return min(agent.disconnected_for or timedelta(0), now - self._awake_since)

    async def _is_disconnected(self, agent: AgentStatus, since: datetime) -> None:
        waiting = self._dispatcher.stranded(agent.name)
        if await self._safely(AgentDisconnected(agent=agent.name, since=since, waiting=waiting)):
            self._told[agent.name] = since

    async def _is_back(self, agent: AgentStatus, now: datetime) -> None:
        since = self._told.get(agent.name)
        if since is None:
            return
        sites = tuple(self._dispatcher.stranded(agent.name))
        if await self._safely(AgentBack(agent=agent.name, since=since, back_at=now, sites=sites)):
            del self._told[agent.name]

    async def _safely(self, alert: Alert) -> bool:
        """Tell it; False: it could not be told, which must not stop the timetable."""
        try:
            await self._tell(alert)
        except Exception:  # an edge: whatever goes wrong in telling must not touch the schedules
            log.exception("an alert could not be told", extra={"alert": repr(alert)})
            return False
        return True
