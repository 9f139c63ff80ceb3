"""Which waiting run goes to which agent next."""

from __future__ import annotations

from dataclasses import dataclass
from heapq import heapify, heappop, heappush
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

    from domain.inventory.declared import Inventory
    from domain.runs.run import Run

MIN_WINDOW = 4  # runs that an agent may hold at least, beyond those it is at


@dataclass(frozen=True, slots=True)
class Assignment:
    """A run and the agent that is to carry it out."""

    run: Run
    agent: str


def window(concurrency: int) -> int:
    """How many runs may lie ready in an agent's own queue, so that a free session never waits for ``serve``."""
    return max(MIN_WINDOW, concurrency // 2)


def assign(
    waiting: Mapping[str, Iterable[Run]],
    *,
    inventory: Inventory,
    agent_room: Mapping[str, int],
    site_room: Mapping[str, int],
    busy: Collection[str] = (),
) -> list[Assignment]:
    """Give out the oldest runs first, as far as there is room.

    A site that has no room, or no agent with room, holds nobody else up: the others go on in their order.

    Args:
        waiting: the runs of each site, oldest first; read only as far as needed.
        inventory: tells which agents serve a site, the nearest first.
        agent_room: how many more runs each connected agent takes.
        site_room: how many more sessions each site allows.
        busy: devices that have a session open: never a second one.
    """
    left = dict(agent_room)
    site_left = dict(site_room)
    fitting = {site: [agent.name for agent in inventory.agents_for(site)] for site in waiting}
    queues = {site: iter(runs) for site, runs in waiting.items()}
    heads = [(run.id, site, run) for site, queue in queues.items() for run in _next(queue)]
    heapify(heads)
    given: list[Assignment] = []
    while heads:
        _, site, run = heappop(heads)
        agent = next((name for name in fitting[site] if left.get(name, 0) > 0), None)
        if agent is None or site_left.get(site, 0) <= 0:
            continue
        if run.device not in busy:
            given.append(Assignment(run, agent))
            left[agent] -= 1
            site_left[site] -= 1
        for following in _next(queues[site]):
            heappush(heads, (following.id, site, following))
    return given


def may_try_again(run: Run, *, retries: int) -> bool:
    """Whether a run whose agent was lost has an attempt left."""
    return run.attempts <= retries


def _next(queue: Iterator[Run]) -> list[Run]:
    return [run for run in [next(queue, None)] if run is not None]
