"""The door: who asks, and whether somebody like that is answered at all."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from domain.errors import NotAllowed

if TYPE_CHECKING:
    from bot.slack.people import People
    from domain.access.access import Access
    from domain.access.people import Person


@dataclass(frozen=True)
class Admission:
    """Asked first by everything that comes in."""

    team: str  # the workspace that the bot is installed in
    people: People
    access: Access

    async def admitted(self, user: str, teams: frozenset[str]) -> Person:
        """The person behind ``user``, let in.

        Args:
            user: Slack id.
            teams: workspaces that the delivery names as its own; one of them must be ours.

        Raises:
            NotAllowed: somebody who is not answered.
            SlackTrouble: Slack did not say who that is.
        """
        self._check_team(teams)
        person = await self.people.person(user)
        self.access.admit(person)
        return person

    def _check_team(self, teams: frozenset[str]) -> None:
        if self.team in teams or self.access.allow_external:
            return
        raise NotAllowed(
            f"not of this workspace: {', '.join(sorted(teams)) or 'no team named'}",
            advice="Lastgood does not answer people of other organisations.",
        )
