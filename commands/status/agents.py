"""``agents``: the processes that talk to devices, and how they are doing."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from commands.lookup.picking import no_sites
from commands.request import Reply
from domain.roles import Action
from notifications.pages import lists
from notifications.pages.lists import AgentLine

if TYPE_CHECKING:
    from commands.request import Request
    from commands.services import Services
    from domain.runs.agent_status import AgentStatus


class Agents:
    """The agents that serve a site which the person may see; owners see all."""

    name: ClassVar = "agents"
    usage: ClassVar = "agents"
    summary: ClassVar = "Agents: state, running and waiting runs"
    action: ClassVar[Action | None] = Action.SEE
    examples: ClassVar[tuple[str, ...]] = ("agents",)

    def __init__(self, services: Services) -> None:
        self._services = services

    async def handle(self, request: Request) -> Reply:
        """Show each agent with its sites and its load."""
        visible = self._services.access.visible_sites(request.person)
        owner = request.person.id in self._services.access.owners
        if not visible and not owner:
            raise no_sites(request.person)
        hidden = self._services.access.hidden_devices(request.person)
        counted = None if owner else frozenset(site.key for site in visible)
        lines = [
            _line(status)
            for status in self._services.dispatcher.agents(hidden=hidden, sites=counted)
            if owner or any(status.sites is None or site.key in status.sites for site in visible)
        ]
        return Reply(
            template="agents",
            context=lists.agents(lines, command=self._services.typed(self.name)),
            sites=tuple(site.key for site in visible),
            devices=tuple(sorted(self._services.access.restricted_devices() - hidden)),  # their runs are counted too
        )


def _line(status: AgentStatus) -> AgentLine:
    return AgentLine(
        name=status.name,
        connected=status.connected_since is not None,
        since=status.connected_since or status.silent_since,
        running=status.running,
        waiting=status.waiting,
        concurrency=status.concurrency,
    )
