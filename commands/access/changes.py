"""Giving and taking access: who may, whether it makes sense, and what the audit keeps of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from domain.access.access import mention
from domain.access.grants import Grant
from domain.audit import AuditAction, AuditEntry
from domain.errors import NotAllowed, NotNow
from domain.roles import Action
from storage.access import audit, grants

if TYPE_CHECKING:
    from commands.services import Services
    from domain.access.people import Person
    from domain.roles import Role


class AccessChanges:
    """What one person does about access; ``correlation`` is that of the request."""

    def __init__(self, services: Services, person: Person, correlation: str = "") -> None:
        self._services = services
        self._person = person
        self._correlation = correlation

    async def give(self, site: str, principal: str, role: Role) -> None:
        """Give ``principal`` a role at ``site``, in place of what was given there before.

        Raises:
            NotAllowed: this person may not, or not so much.
            NotNow: it would grant nothing: the sentence says why.
            SlackTrouble: Slack could not be asked who that is.
        """
        services = self._services
        services.access.require(self._person, Action.GRANT, site)
        own = services.access.role(self._person, site)
        if own is None or role > own:
            raise NotAllowed(
                f"may not grant {role.word} at {site}",
                advice=f"You cannot grant a role above your own, which is {own.word if own else 'none'}.",
            )
        problem = await services.directory.problem(principal)
        if problem:
            raise NotNow(f"{principal} cannot be granted anything: {problem}", advice=problem)
        grant = Grant(
            site=site, principal=principal, role=role, given_by=self._person.id, given_at=services.clock.now()
        )
        async with audit.together():
            before = await grants.put_grant(grant)
            await self._note(site, principal, before=before, after=role)
        services.access.book.put(grant)

    async def take(self, site: str, principal: str) -> None:
        """Take back what was given to ``principal`` at ``site``.

        Raises:
            NotAllowed: this person may not.
            NotNow: nothing was given, or app.yaml gives it.
        """
        services = self._services
        services.access.require(self._person, Action.GRANT, site)
        async with audit.together():
            before = await grants.drop_grant(site, principal)
            if before is not None:
                await self._note(site, principal, before=before, after=None)
        if before is None:
            raise self._nothing_given(site, principal)
        services.access.book.drop(site, principal)

    def _nothing_given(self, site: str, principal: str) -> NotNow:
        declared = any(principal in ids for ids in self._services.inventory.sites[site].access.values())
        advice = "No role was granted there, so there is nothing to revoke."
        if declared:
            advice = "This role is declared in app.yaml and can only be revoked there."
        return NotNow(f"nothing was given to {principal} at {site}", advice=advice)

    async def _note(self, site: str, principal: str, *, before: Role | None, after: Role | None) -> None:
        await audit.note(
            AuditEntry(
                at=self._services.clock.now(),
                actor=self._person.id,
                what=AuditAction.ACCESS_CHANGED,
                site=site,
                target=mention(principal),
                before={"Role": before.word} if before else {},
                after={"Role": after.word} if after else {},
                correlation=self._correlation,
            )
        )
