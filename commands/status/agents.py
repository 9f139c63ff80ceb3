"""``agents``: the processes that talk to devices, and how they are doing."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from commands.lookup.kinds import SomewhereCommand
from commands.request import Reply
from domain.roles import Action
from notifications.pages import lists
from notifications.pages.lists import AgentLine

if TYPE_CHECKING:
    from commands.lookup.kinds import Words
    from commands.request import Request
    from domain.access.people import Person
    from domain.runs.agent_status import AgentStatus


class Agents(SomewhereCommand):
    """The agents that serve a site which the person may see; owners see all."""

    name: ClassVar = "agents"
    usage: ClassVar = "agents"
    summary: ClassVar = "Agents: state, running and waiting runs"
    action: ClassVar = Action.SEE
    examples: ClassVar = ("agents",)

    async def _answer(self, request: Request, _: Words) -> Reply:
        """Show each agent with its sites and its load."""
        visible = self._services.access.visible_sites(request.person)
        owner = request.person.id in self._services.access.owners
        hidden = self._services.access.hidden_devices(request.person)
        counted = None if owner else frozenset(site.key for site in visible)
        lines = [
            _line(status)
            for status in self._services.dispatcher.agents(hidden=hidden, sites=counted)
            if owner or any(status.sites is None or site.key in status.sites for site in visible)
        ]
        return Reply(
            template="agents",
            context=lists.agents(lines, command=self._typed()),
            sites=tuple(site.key for site in visible),
            devices=tuple(sorted(self._services.access.restricted_devices() - hidden)),  # their runs are counted too
        )

    def _authorise(self, person: Person, subject: Words) -> None:
        if person.id not in self._services.access.owners:
            super()._authorise(person, subject)


def _line(status: AgentStatus) -> AgentLine:
    return AgentLine(
        name=status.name,
        connected=status.connected_since is not None,
        since=status.connected_since or status.disconnected_since,
        running=status.running,
        waiting=status.waiting,
        concurrency=status.concurrency,
    )
