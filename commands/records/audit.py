"""``audit``: who changed what, and who tried what they may not do."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from commands.input.quoting import quote
from commands.lookup.kinds import Command
from commands.records.audit_filters import USAGE, WantedAudit, read_audit, require_audit
from commands.request import Reply
from domain.roles import Action
from notifications.pages.audit import audit_list
from notifications.rendering.buttons import Button
from storage.access.audit import audit_page

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from commands.request import Request
    from domain.access.people import Person
    from domain.audit import AuditEntry

AUDIT_PAGE = 10  # entries
_MAX_TRAIL = 140  # characters of the pages that one can go back; further back it starts with the first


class Audit(Command[WantedAudit]):
    """Changes and denied tries at the sites that the person administers."""

    name: ClassVar = "audit"
    usage: ClassVar = USAGE
    summary: ClassVar = "Who changed what and when, and which requests were denied; for admins"
    action: ClassVar = Action.AUDIT
    examples: ClassVar = ("audit", "audit plant-a 7d", "audit core-sw1", "audit denied 24h")

    async def _answer(self, request: Request, wanted: WantedAudit) -> Reply:
        """Show one page, with the ways to the pages around it and to all of it as a file."""
        services, person = self._services, request.person
        await services.denials.flush()
        found = await audit_page(wanted.query(services, person, limit=AUDIT_PAGE + 1))
        page = found[:AUDIT_PAGE]
        context = audit_list(
            page,
            {key: site.name for key, site in services.inventory.sites.items()},
            about=wanted.about.name if wanted.about else "all that you may read",
            command=services.typed(self.name, *wanted.words),
            buttons=tuple(_buttons(wanted, page, more=len(found) > AUDIT_PAGE)),
        )
        return Reply(
            template="audit",
            context=context,
            sites=tuple(sorted({entry.site for entry in page if entry.site})),
            devices=services.access.restricted_among(entry.device for entry in page if entry.device),
            for_asker_alone=True,
        )

    async def _find(self, request: Request) -> WantedAudit:
        return read_audit(self._services, request.person, request.words)

    def _authorise(self, person: Person, wanted: WantedAudit) -> None:
        require_audit(self._services, person, wanted)


def _buttons(wanted: WantedAudit, page: Sequence[AuditEntry], *, more: bool) -> Iterator[Button]:
    if wanted.trail:
        yield _page_button("Newer", wanted, wanted.trail[:-1])
    if more:
        yield _page_button("Older", wanted, (*wanted.trail, page[-1].id))
    if page:
        value = " ".join(map(quote, ("audit", *wanted.words)))
        yield Button(text="Export", action="do:export", value=value, label="Send all of this as a CSV file")


def _page_button(text: str, wanted: WantedAudit, trail: Sequence[int]) -> Button:
    while len(",".join(map(str, trail))) > _MAX_TRAIL:
        trail = trail[1:]
    value = " ".join([*map(quote, wanted.words), f"trail:{','.join(map(str, trail))}"])
    return Button(text=text, action=f"do:audit#{text.lower()}", value=value, label=f"Show {text.lower()} entries")
