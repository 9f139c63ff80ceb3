"""Why a run timed out: looked up among queue, agents and history, and said in a sentence."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from datetime import UTC
from typing import TYPE_CHECKING

from domain.failures import FailureKind
from domain.runs.timeouts import RunWait, Why, why_never_started, why_too_long
from storage.runs import durations

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime, tzinfo

    from domain.inventory.declared import Inventory
    from domain.runs.run import Run
    from domain.runs.steps import RunEnd
    from runners.state.agent_registry import AgentRegistry
    from runners.state.run_queue import RunQueue, WaitingLine

_LOOKED_UP = 200  # devices whose usual duration is looked up at once; thousands may time out together


class Causes:
    """Explains clocks that ran out."""

    def __init__(self, *, inventory: Inventory, queue: RunQueue, registry: AgentRegistry) -> None:
        self._inventory = inventory
        self._queue = queue
        self._registry = registry

    def never_started(self, runs: Sequence[Run], now: datetime) -> dict[int, Why]:
        """Why nobody started each of ``runs``: thousands may be overdue at once, so each site is looked at once."""
        by_site: dict[str, list[Run]] = defaultdict(list)
        for run in runs:
            by_site[run.site].append(run)
        return {run: why for site, ones in by_site.items() for run, why in self._at(site, ones, now).items()}

    async def too_long(self, runs: Sequence[Run], now: datetime) -> dict[int, Why]:
        """Why each of ``runs`` was still going on at its running limit, as far as it is known."""
        if not runs:
            return {}
        usual = await durations.usual_durations(run.device for run in runs[:_LOOKED_UP])
        agents = {status.name: status for status in self._registry.statuses()}
        whys = {
            run.id: why_too_long(
                run,
                now=now,
                usual=usual.get(run.device),
                agent=agents.get(run.agent or ""),
                timezone=self._zone(run.site),
            )
            for run in runs
        }
        return {run: why for run, why in whys.items() if why}

    async def explain(self, ends: Sequence[RunEnd], now: datetime) -> list[RunEnd]:
        """``ends`` as agents reported them, with the cause where it was the running limit."""
        late = [run for end in ends if end.reason is FailureKind.RUNNING_LIMIT and (run := self._queue.find(end.run))]
        whys = await self.too_long(late, now)
        return [
            replace(end, facts=whys[end.run].sentence, cause=whys[end.run].cause) if end.run in whys else end
            for end in ends
        ]

    def _at(self, key: str, runs: Sequence[Run], now: datetime) -> dict[int, Why]:
        serving = self._registry.serving(key)
        names = {agent.name for agent in serving}
        agents = [self._inventory.agents[name] for name in names]
        served = {one for one in self._inventory.sites if any(agent.serves(one) for agent in agents)}
        every = self._queue.line_of(agents=names, sites=served)
        # Everybody at the site reads the sentence, so it counts what everybody there may see, and nothing else.
        own = self._queue.line_of(agents=names, sites={key}, hidden=self._restricted(key))
        zone = self._zone(key)
        return {
            run.id: why_never_started(
                run, self._wait(run, own=own, every=every), now=now, serving=serving, timezone=zone
            )
            for run in runs
        }

    def _wait(self, run: Run, *, own: WaitingLine, every: WaitingLine) -> RunWait:
        return RunWait(
            span=self._queue.clocks.now_of(run) - run.ready_at,
            ahead=own.ahead_of(run.id),
            is_behind_others=every.ahead_of(run.id) > 0,
            is_inherited=self._queue.clocks.is_inherited(run),
        )

    def _restricted(self, site: str) -> set[str]:
        return {device.name for device in self._inventory.by_site.get(site, ()) if device.only is not None}

    def _zone(self, site: str) -> tzinfo:
        found = self._inventory.sites.get(site)
        return found.timezone if found else UTC
