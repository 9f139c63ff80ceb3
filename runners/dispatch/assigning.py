"""Giving waiting runs to agents as there is room for them."""

from __future__ import annotations

import asyncio
import logging
from collections import defaultdict
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from domain.runs.assignment import assign
from domain.runs.timeouts import time_left
from runners.transport.base import AgentAway
from runners.wire.messages import Capture, Limits, LoginTarget
from storage.devices import devices as device_store
from storage.devices.jump_hosts import jump_host_states
from storage.runs import runs as run_store

if TYPE_CHECKING:
    from collections.abc import Sequence

    from domain.clock import Clock
    from domain.configs.versions import DeviceState
    from domain.inventory.declared import Device, Endpoint, Inventory
    from domain.runs.run import Run
    from runners.state.agent_registry import AgentRegistry
    from runners.state.run_queue import RunQueue
    from runners.transport.base import Transport
    from runners.wire.messages import ToAgent

log = logging.getLogger(__name__)

SEND_TIMEOUT = timedelta(seconds=10)  # for handing work to an agent


class Assigner:
    """Sends agents as much as they take, oldest runs first, and anything else they have to be told."""

    def __init__(
        self, *, queue: RunQueue, registry: AgentRegistry, inventory: Inventory, transport: Transport, clock: Clock
    ) -> None:
        self._queue = queue
        self._registry = registry
        self._inventory = inventory
        self._transport = transport
        self._clock = clock
        self._wake = asyncio.Event()
        self._quiet = asyncio.Event()
        self._quiet.set()
        self._has_stopped = False

    def wake(self) -> None:
        """Something may fit now."""
        if not self._has_stopped:
            self._quiet.clear()
            self._wake.set()

    async def run(self) -> None:
        """Feed until cancelled."""
        try:
            while True:
                await self._wake.wait()
                self._wake.clear()
                await self._feed_safely()
                if not self._wake.is_set():
                    self._quiet.set()
        finally:
            self._has_stopped = True
            self._quiet.set()

    async def settled(self) -> None:
        """Wait until everything that fits has been sent."""
        await self._quiet.wait()

    async def feed(self) -> None:
        """Give out what fits at this moment."""
        self._queue.release(self._clock.now())
        given = assign(
            self._queue.waiting.by_site(),
            inventory=self._inventory,
            agent_room=self._registry.room(),
            site_room=self._site_room(),
            busy=self._queue.handed.busy_devices(),
        )
        by_agent: dict[str, list[Run]] = defaultdict(list)
        for one in given:
            self._queue.hand(one.run, one.agent)
            by_agent[one.agent].append(one.run)
        async with asyncio.TaskGroup() as group:  # a slow agent holds up nobody but itself
            for agent, runs in by_agent.items():
                group.create_task(self._give(agent, runs))

    async def tell(self, agent: str, message: ToAgent) -> bool:
        """Send within a limit; False: it did not leave."""
        try:
            async with asyncio.timeout(SEND_TIMEOUT.total_seconds()):
                await self._transport.send(agent, message)
        except (AgentAway, TimeoutError) as error:
            self._registry.stuck(agent)
            log.warning("agent did not take a message", extra={"agent": agent, "error": repr(error)})
            return False
        return True

    async def _feed_safely(self) -> None:
        try:
            await self.feed()
        except Exception:  # an edge: the next wake, at the latest the next watch, tries again
            log.exception("feeding agents failed")

    async def _give(self, agent: str, runs: Sequence[Run]) -> None:
        """Send ``runs`` in order; what does not leave goes back into the line."""
        left = [run.id for run in runs]
        try:
            states = await device_store.device_states([run.device for run in runs])
            jump_keys = await self._jump_keys(runs)
            await run_store.assign_runs(agent, left)
            self._queue.update([replace(run, agent=agent) for run in map(self._queue.find, left) if run])
            for run in runs:
                if not await self._give_one(agent, run, states.get(run.device), jump_keys.get(run.device)):
                    return
                left.remove(run.id)
        finally:
            self._queue.take_back(left)

    async def _jump_keys(self, runs: Sequence[Run]) -> dict[str, str]:
        """The pinned keys of the jump hosts, by the devices behind them."""
        devices = [self._inventory.devices[run.device] for run in runs]
        places = {device.name: (device.site, device.jump.address) for device in devices if device.jump}
        states = await jump_host_states(places.values()) if places else {}
        keys = {name: states[place].host_key for name, place in places.items() if place in states}
        return {name: key for name, key in keys.items() if key is not None}

    async def _give_one(self, agent: str, run: Run, state: DeviceState | None, jump_key: str | None) -> bool:
        if self._queue.find(run.id) is None:  # ended while it was being handed over
            self._queue.handed.let_go([run.id])
            return True
        device, limit = self._inventory.devices[run.device], time_left(run, self._queue.clocks.now_of(run))
        return await self.tell(agent, capture_message(run, device, state, jump_key=jump_key, limit=limit))

    def _site_room(self) -> dict[str, int]:
        given = self._queue.handed.by_site()
        return {site.key: site.concurrency - given[site.key] for site in self._inventory.sites.values()}


def capture_message(
    run: Run, device: Device, state: DeviceState | None, *, jump_key: str | None, limit: timedelta
) -> Capture:
    """What an agent has to know to carry ``run`` out.

    Args:
        run: about to be sent; its attempts so far were made by agents that were lost.
        device: as declared.
        state: tells the pinned host key and the size of the last version; None: nothing is known yet.
        jump_key: the pinned host key of its jump host; None: there is no jump host, or no key is known yet.
        limit: what is left of the running limit.
    """
    return Capture(
        run=run.id,
        attempt=run.attempts + 1,
        device=device.name,
        site=device.site,
        platform=device.platform,
        target=_target(device.endpoint, state.host_key if state else None),
        jump=_target(device.jump, jump_key) if device.jump else None,
        commands=device.commands,
        retries=device.retries if run.retries is None else run.retries,
        previous_size=state.size if state and not run.accept_smaller else None,
        limits=Limits(running=limit, silence=device.silence_limit),
    )


def _target(endpoint: Endpoint, host_key: str | None) -> LoginTarget:
    return LoginTarget(
        host=endpoint.host,
        port=endpoint.port,
        credentials=endpoint.credentials,
        host_key=host_key,
        algorithms=endpoint.algorithms,
    )
