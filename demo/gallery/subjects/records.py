"""Reviews, the audit and exports, through the real commands."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from commands.request import Request, Surface
from demo.gallery.entries import Entry
from demo.gallery.samples import NIGHT, OLGA, PEOPLE
from demo.gallery.stage import stage
from demo.gallery.talks import ANNA, NORA, TOM, entry_of
from demo.gallery.talks import OLGA as OLGA_OWNER
from domain.audit import AuditAction, AuditEntry
from domain.configs.versions import Review
from domain.messages.places import Place
from notifications.pages import reviews
from notifications.pages.audit import audit_list

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from demo.gallery.stage import Stage

_TALKS: Final = (  # in this order: what is done first is seen later
    ("Reviews", "unreviewed", ANNA),
    ("Reviews", "unreviewed plant-a", TOM),
    ("Reviews", "run 2", ANNA),
    ("Reviews", "review 2 CHG0012345: printer moved", ANNA),
    ("Reviews", "review 2", OLGA_OWNER),
    ("Reviews", "review 1", ANNA),
    ("Reviews", "review 4", TOM),
    ("Reviews", "run 2", TOM),
    ("Reviews", "diff core-sw1", TOM),
    ("Reviews", "review 4", ANNA),
    ("Reviews", "unreviewed plant-a", OLGA_OWNER),
    ("Audit", "audit", ANNA),
    ("Audit", "audit", NORA),
    ("Audit", "audit", OLGA_OWNER),
    ("Audit", "audit denied", OLGA_OWNER),
    ("Audit", "audit hidden-fw1", OLGA_OWNER),
    ("Exports", "export", ANNA),
    ("Exports", "export history", ANNA),
    ("Exports", "export history failed", ANNA),
    ("Exports", "export jobs json", ANNA),
    ("Exports", "export audit", OLGA_OWNER),
    ("Exports", "export audit", ANNA),
)


async def entries() -> AsyncIterator[Entry]:
    """Every conversation, the form in each of its states, and every kind of entry."""
    async with stage() as at:
        yield await _form(at)
        for group, line, by in _TALKS:
            seen = " later" if (group, line, by) == ("Reviews", "run 2", TOM) else ""
            yield entry_of(group, line, by, await at.ask(line, by=by), remark=seen.strip())
    for state, context in _forms().items():
        yield Entry(group="Reviews", state=state, template="review_form", context=context, surface="modal")
    yield _every_kind()


async def _form(at: Stage) -> Entry:
    place = Place(channel="C0PLANTA")
    request = Request(person=PEOPLE[ANNA], words=("review", "#2"), place=place, surface=Surface.BUTTON, id="7c9e2f41")
    return entry_of("Reviews", "review #2", ANNA, await at.commands.answer(request), remark="by the button")


def _forms() -> dict[str, dict[str, object]]:
    review = Review(by=OLGA, at=NIGHT, note="CHG0012345")
    return {
        "form, refused": reviews.review_form("core-sw1", 4711, note="CHG0012345", sentence="This could not be saved."),
        "form, done": reviews.reviewed("core-sw1", 4711, review, is_new=True),
        "form, somebody was quicker": reviews.reviewed("core-sw1", 4711, review, is_new=False),
    }


def _every_kind() -> Entry:
    change = AuditEntry(
        at=NIGHT,
        actor=OLGA,
        what=AuditAction.JOB_CHANGED,
        site="plant-a",
        device="core-sw1",
        target="nightly",
        before={"Schedule": "Every day at 02:00"},
        after={"Schedule": "Every day at 03:00"},
    )
    made = [replace(change, what=what, denied=what is AuditAction.TRIED) for what in AuditAction]
    context = audit_list(made, {"plant-a": "Plant A"}, about="Plant A", command="/backup audit plant-a")
    return Entry(group="Audit", state="every kind of entry", template="audit", context=context, private=True)
