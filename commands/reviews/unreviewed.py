"""``unreviewed``: the changes that nobody has looked at yet."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from commands.input.quoting import quote
from commands.input.values import run_number
from commands.lookup.kinds import SitesCommand
from commands.lookup.records import visible_sites
from commands.request import Reply
from domain.roles import Action
from notifications.pages import reviews
from notifications.rendering.buttons import Menu, MenuEntry
from storage.devices.reviews import count_unreviewed, unreviewed

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from commands.request import Request
    from domain.configs.versions import Version
    from domain.inventory.declared import Site
    from notifications.rendering.buttons import Control

UNREVIEWED_PAGE = 10  # changes

_Wanted = tuple["Site | None", "int | None"]  # the site, and the run before which the page begins


class Unreviewed(SitesCommand[_Wanted]):
    """The changes at the person's sites that still wait for a review."""

    name: ClassVar = "unreviewed"
    usage: ClassVar = "unreviewed [SITE]"
    summary: ClassVar = "Unreviewed changes, newest first"
    action: ClassVar = Action.SEE
    examples: ClassVar = ("unreviewed", "unreviewed plant-a")

    async def _answer(self, request: Request, wanted: _Wanted) -> Reply:
        """Show one page of them, with menus to open and to mark each."""
        person, access = request.person, self._services.access
        visible = visible_sites(self._services, person)
        site, before = wanted
        sites = frozenset({site.key}) if site else visible
        hidden = access.hidden_devices(person)
        found = await unreviewed(sites, hidden, limit=UNREVIEWED_PAGE + 1, before=before)
        page = found[:UNREVIEWED_PAGE]
        context = reviews.unreviewed(
            page,
            {key: one.name for key, one in self._services.inventory.sites.items()},
            about=site.name if site else "all your sites",
            total=await count_unreviewed(sites, hidden),
            command=self._typed(*([site.key] if site else [])),
            controls=tuple(_controls(site, page, is_first=before is None, more=len(found) > UNREVIEWED_PAGE)),
        )
        return Reply(
            template="unreviewed",
            context=context,
            sites=tuple(sorted(sites)),  # the count is theirs too
            devices=access.restricted_among(one.device for one in page),
        )

    def _site_of(self, wanted: _Wanted) -> str | None:
        site, _ = wanted
        return site.key if site else None

    async def _read(self, request: Request) -> _Wanted:
        person, words = request.person, request.words
        marks = [run_number(word.removeprefix("before:")) for word in words if word.startswith("before:")]
        name = " ".join(word for word in words if not word.startswith("before:"))
        site = self._services.catalogue.site_called(person, name.removeprefix("site:")) if name else None
        if name and site is None:
            raise self._misused("Give a site that you can see")
        return site, marks[-1] if marks else None


def _controls(site: Site | None, page: Sequence[Version], *, is_first: bool, more: bool) -> Iterator[Control]:
    runs = tuple(MenuEntry(text=f"Run {one.run}: {one.device}", value=f"#{one.run}") for one in page)
    if runs:
        yield Menu(placeholder="Open a run…", action="do:run#open", entries=runs)
        yield Menu(placeholder="Mark as reviewed…", action="do:review#mark", entries=runs)
    words = [quote(f"site:{site.key}")] if site else []
    if not is_first:
        yield reviews.page_button("Newest", " ".join(words))
    if more:
        yield reviews.page_button("Older", " ".join([*words, f"before:{page[-1].run}"]))
