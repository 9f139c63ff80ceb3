"""``agents``: the processes that talk to devices, and how they are doing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from commands.picking import no_sites
from commands.request import Reply

if TYPE_CHECKING:
    from commands.request import Request
    from commands.services import AgentStatus, Services
    from domain.inventory import Agent, Site


@dataclass(frozen=True)
class Row:
    """One agent; ``sites`` are the names of those it serves and the person may see, None: all sites."""

    status: AgentStatus
    sites: tuple[str, ...] | None


class Agents:
    """The agents that serve a site which the person may see; owners see all."""

    name: ClassVar = "agents"
    usage: ClassVar = "agents"
    summary: ClassVar = "Agents: connected or not, and how busy"
    examples: ClassVar[tuple[str, ...]] = ("agents",)

    def __init__(self, services: Services) -> None:
        self._services = services

    async def handle(self, request: Request) -> Reply:
        """Show each agent with its sites and its load."""
        visible = self._services.access.visible_sites(request.person)
        owner = request.person.id in self._services.access.owners
        if not visible and not owner:
            raise no_sites(request.person)
        rows = [
            Row(status, _sites(agent, visible))
            for status in self._services.dispatcher.agents()
            if (agent := self._services.inventory.agents.get(status.name))
            and (owner or any(agent.serves(site.key) for site in visible))
        ]
        context = {"agents": rows, "typed": self._services.typed(self.name)}
        return Reply(template="agents", context=context)


def _sites(agent: Agent, visible: tuple[Site, ...]) -> tuple[str, ...] | None:
    if agent.sites is None:
        return None
    return tuple(site.name for site in visible if agent.serves(site.key))
