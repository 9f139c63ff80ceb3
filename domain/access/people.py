"""Who is asking."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """A Slack account as the bot knows it: keyed by ids, never by name."""

    id: str  # U02ANNA
    team: str  # T01: the workspace it belongs to
    name: str = ""
    timezone: str = "UTC"
    groups: frozenset[str] = frozenset()  # ids of its user groups: S03TEAM
    channels: frozenset[str] = frozenset()  # ids of the private channels it is in, of those that grant something
    unknown: frozenset[str] = frozenset()  # groups and channels of which Slack did not say whether it is in them
    is_guest: bool = False
    is_external: bool = False  # of another organisation
    is_bot: bool = False
    is_deactivated: bool = False

    @property
    def principals(self) -> frozenset[str]:
        """Every id under which access may have been granted to this person."""
        return self.groups | self.channels | {self.id}
