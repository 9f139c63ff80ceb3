"""``access``: what one may do where, and for admins who else may."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Final

from commands.access.changes import AccessChanges
from commands.access.form import AccessForm
from commands.input.quoting import shown
from commands.jobs.form_reply import form_reply
from commands.lookup.kinds import Command
from commands.lookup.picking import no_sites
from commands.lookup.records import site_and_rest
from commands.request import Reply
from commands.status.devices import page_of
from domain.access.granting import granted_at, leaves_no_admin, principal_of, role_called
from domain.errors import SlackTrouble, UnknownName
from domain.roles import Action
from notifications.pages import access as access_pages
from notifications.pages import answers

if TYPE_CHECKING:
    from collections.abc import Sequence

    from commands.request import Request
    from commands.services import Services
    from domain.access.granting import Granted
    from domain.access.people import Person
    from domain.inventory.declared import Site

_SURE: Final = "yes"
_NOT_WHO: Final = "Mention a person, a user group or a private channel"

_Wanted = tuple["Site | None", list[str], int]  # the site, the words after it, the page; no site: one's own roles


class ShowAccess(Command[_Wanted]):
    """Roles: one's own, and at a site that one administers everybody's."""

    name: ClassVar = "access"
    usage: ClassVar = "access [SITE [add WHO ROLE|remove WHO]]"
    summary: ClassVar = "Your roles at each site; admins grant and revoke access"
    action: ClassVar = Action.GRANT
    examples: ClassVar = (
        "access",
        "access plant-a",
        "access plant-a add @anna operator",
        "access plant-a add #plant-a-team viewer",
        "access plant-a remove @anna",
    )

    def __init__(self, services: Services) -> None:
        super().__init__(services)
        self._form = AccessForm(services)

    async def _answer(self, request: Request, subject: _Wanted) -> Reply:
        """Show roles, or give and take back one."""
        site, rest, page = subject
        if site is None:
            return self._own(request.person)
        verb = rest[0].casefold() if rest else ""
        if not rest:
            return await self._list(site, page=page)
        if verb == "add" and len(rest) == 1:
            form = self._form.blank(site)
            return form_reply(self._services, form, command=self.name, words=(site.key, "add"), site=site.key)
        if verb == "add" and len(rest) == 3:  # noqa: PLR2004 - add, who, role
            return await self._give(request, site, rest[1], rest[2])
        if verb == "remove" and len(rest) in {2, 3} and rest[2:] in ([], [_SURE]):
            return await self._take(request, site, rest[1], is_sure=len(rest) == 3)  # noqa: PLR2004 - remove, who, yes
        raise self._misused("Give `add` with a person and a role, or `remove` with a person")

    def _own(self, person: Person) -> Reply:
        access = self._services.access
        sites = access.visible_sites(person)
        roles = [(site.name, role.word) for site in sites if (role := access.role(person, site.key))]
        manages = [site for site in sites if access.may(person, Action.GRANT, site.key)]
        context = access_pages.own_access(roles, manages=manages, command=self._typed())
        return Reply(template="access", context=context, sites=tuple(site.key for site in sites))

    async def _find(self, request: Request) -> _Wanted:
        words, page = page_of(request.words)
        site, rest = site_and_rest(self._services, request.person, words)
        if words and site is None:
            raise UnknownName("site", shown(words[0]), lister=self._typed())
        return site, list(rest), page

    def _authorise(self, person: Person, subject: _Wanted) -> None:
        site, _, _ = subject
        if site is None and not self._services.access.visible_sites(person):
            raise no_sites(person)
        if site:
            self._services.access.require(person, Action.GRANT, site.key)

    async def _list(self, site: Site, *, page: int = 1, sentence: str = "") -> Reply:
        found = granted_at(self._services.access, site.key)
        context = access_pages.site_access(
            site,
            found,
            page=page,
            labels=await self._labels(found),
            command=self._typed(site.key),
            sentence=sentence,
        )
        return Reply(template="access_site", context=context, sites=(site.key,))

    async def _labels(self, found: Sequence[Granted]) -> dict[str, str]:
        """Plain names of people, for where no mention can stand."""
        labels: dict[str, str] = {}
        for one in found:
            if one.grant and one.principal.startswith(("U", "W")):
                try:
                    labels[one.principal] = await self._services.directory.named(one.principal) or one.principal
                except SlackTrouble:
                    return labels  # the ids alone will do
        return labels

    async def _give(self, request: Request, site: Site, who: str, role_word: str) -> Reply:
        principal, role = principal_of(who), role_called(role_word)
        if principal is None:
            raise self._misused(_NOT_WHO)
        if role is None:
            raise self._misused(f"`{shown(role_word)}` is not a role. Give viewer, operator or admin")
        await AccessChanges(self._services, request.person, request.id).give(site.key, principal, role)
        sentence = f"The role {role.word} is granted. It is effective now."
        return await self._list(site, sentence=sentence)

    async def _take(self, request: Request, site: Site, who: str, *, is_sure: bool) -> Reply:
        principal = principal_of(who)
        if principal is None:
            raise self._misused(_NOT_WHO)
        if leaves_no_admin(self._services.access, site.key, principal) and not is_sure:
            return self._question(site, principal)
        await AccessChanges(self._services, request.person, request.id).take(site.key, principal)
        sentence = "The role is revoked. This is effective now."
        if not self._services.access.may(request.person, Action.GRANT, site.key):
            context = answers.notice(sentence, command=self._typed())
            return Reply(template="notice", context=context)
        return await self._list(site, sentence=sentence)

    def _question(self, site: Site, principal: str) -> Reply:
        context = answers.notice(
            f"{site.name} has no other admin. Without one, only an owner of Lastgood can grant access there.",
            command=self._typed(site.key),
            buttons=(access_pages.last_admin_button(site, principal),),
        )
        return Reply(template="notice", context=context, sites=(site.key,))
