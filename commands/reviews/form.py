"""The form in which a change is marked as reviewed."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from commands.forms import Entries, FieldErrors
from commands.input.values import run_number
from commands.lookup.records import visible_run
from commands.request import Form
from commands.reviews.recording import changed_version, mark_reviewed, note_problem
from domain.errors import NotNow
from domain.roles import Action
from notifications.pages.reviews import NOTE, review_form, reviewed

if TYPE_CHECKING:
    from commands.request import Option
    from commands.services import Services
    from domain.access.people import Person
    from domain.runs.run import Run

CALLBACK = "review"


class ReviewForm:
    """Asks for a note, and writes the review down."""

    callback: ClassVar = CALLBACK

    def __init__(self, services: Services) -> None:
        self._services = services

    def of(self, run: Run) -> Form:
        """The form for the change that ``run`` found."""
        return _form(review_form(run.device, run.id), str(run.id), run.device)

    async def refill(self, person: Person, entries: Entries) -> Form:
        """The form again: nothing in it answers while it is filled in."""
        run = await self._run(person, entries)
        return _form(review_form(run.device, run.id, note=_note(entries)), str(run.id), run.device)

    async def submit(self, person: Person, entries: Entries) -> Form | FieldErrors:
        """Write the review down; if somebody was quicker, say who."""
        run = await self._run(person, entries)
        version = await changed_version(run)
        problem = note_problem(_note(entries))
        if problem:
            return FieldErrors({NOTE: f"{problem}."})
        review, is_new = await mark_reviewed(self._services, run, version, note=_note(entries), by=person.id)
        return Form(
            callback=CALLBACK, template="review_form", context=reviewed(run.device, run.id, review, is_new=is_new)
        )

    def kept(self, entries: Entries, sentence: str) -> Form:
        """The form as it was filled in, with ``sentence`` at its top."""
        number, _, device = entries.memory.partition(" ")
        run = run_number(number) or 0
        return _form(review_form(device, run, note=_note(entries), sentence=sentence), number, device)

    async def options(self, person: Person, name: str, typed: str) -> list[Option]:  # noqa: ARG002 - no field has a list
        """Nothing: no field has a list to choose from."""
        return []

    async def _run(self, person: Person, entries: Entries) -> Run:
        number = run_number(entries.memory.partition(" ")[0])
        if number is None:
            raise NotNow(
                "the memory of a form cannot be read", advice="This form is too old. Close it and open it again."
            )
        run = await visible_run(self._services, person, number)
        self._services.access.require(person, Action.REVIEW, run.site, run.device)
        return run


def _note(entries: Entries) -> str:
    value = entries.values.get(NOTE, "")
    return value if isinstance(value, str) else ""


def _form(context: dict[str, object], run: str, device: str) -> Form:
    return Form(callback=CALLBACK, template="review_form", context=context, memory=f"{run[:18]} {device[:255]}")
