"""Who was given which role in Slack: kept in the database, known here to whoever asks about access."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from domain.roles import Role


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """One role of one principal at one site, given with ``/backup access``."""

    site: str
    principal: str  # a person U... or W..., a user group S..., or the members of a private channel C... or G...
    role: Role
    given_by: str  # Slack user id
    given_at: datetime


class GrantBook:
    """What the database holds about access. The one process that changes it keeps it right."""

    def __init__(self, grants: Iterable[Grant] = (), *, sealed: Iterable[str] = ()) -> None:
        """``sealed`` are devices that were restricted when they were last declared."""
        self._grants = {(grant.site, grant.principal): grant for grant in grants}
        self._roles: dict[str, Mapping[Role, frozenset[str]]] = {}  # by site, made when first asked for
        self.sealed = frozenset(sealed)

    def load(self, grants: Iterable[Grant], *, sealed: Iterable[str]) -> None:
        """Take over what the database holds."""
        self._grants = {(grant.site, grant.principal): grant for grant in grants}
        self._roles.clear()
        self.sealed = frozenset(sealed)

    def put(self, grant: Grant) -> None:
        """Know ``grant``, in place of what its principal had at its site."""
        self._grants[grant.site, grant.principal] = grant
        self._roles.clear()

    def drop(self, site: str, principal: str) -> None:
        """Forget what ``principal`` was given at ``site``."""
        self._grants.pop((site, principal), None)
        self._roles.clear()

    def of(self, site: str) -> tuple[Grant, ...]:
        """What was given at ``site``, in the order in which it was given."""
        return tuple(grant for grant in self._grants.values() if grant.site == site)

    def at(self, site: str, principal: str) -> Grant | None:
        """What ``principal`` was given at ``site``."""
        return self._grants.get((site, principal))

    def roles(self, site: str) -> Mapping[Role, frozenset[str]]:
        """The same, by role."""
        if site not in self._roles:
            found: dict[Role, set[str]] = {}
            for grant in self.of(site):
                found.setdefault(grant.role, set()).add(grant.principal)
            self._roles[site] = MappingProxyType({role: frozenset(ids) for role, ids in found.items()})
        return self._roles[site]

    @property
    def principals(self) -> frozenset[str]:
        """Everybody who was given something anywhere."""
        return frozenset(principal for _, principal in self._grants)
