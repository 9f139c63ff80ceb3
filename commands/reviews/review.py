"""``review``: note that somebody has looked at a change."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from commands.input.catalogue import MAX_OPTIONS, best, cut
from commands.input.quoting import loose
from commands.jobs.form_reply import form_reply
from commands.lookup.kinds import RunCommand
from commands.lookup.records import visible_sites
from commands.request import Option, Reply, Surface
from commands.reviews.form import ReviewForm
from commands.reviews.recording import changed_version, mark_reviewed, note_problem
from domain.roles import Action
from notifications.pages.reviews import reviewed
from storage.devices.reviews import unreviewed

if TYPE_CHECKING:
    from commands.request import Request
    from commands.services import Services
    from domain.access.people import Person
    from domain.configs.versions import Review, Version
    from domain.runs.run import Run

_BY_CLICK = frozenset({Surface.BUTTON, Surface.SELECT})


class ReviewChange(RunCommand):
    """Mark the change that a run found as reviewed, with a ticket or a note if there is one."""

    name: ClassVar = "review"
    usage: ClassVar = "review RUN [NOTE]"
    summary: ClassVar = "Mark a change as reviewed, with a ticket or note if you like"
    action: ClassVar = Action.REVIEW
    examples: ClassVar = ("review 123", "review 123 CHG0012345")
    question: ClassVar = "Which change have you reviewed?"

    def __init__(self, services: Services) -> None:
        super().__init__(services)
        self._form = ReviewForm(services)

    async def _answer(self, request: Request, run: Run) -> Reply:
        """Mark it. A button opens a form for the note first."""
        version = await changed_version(run)
        if version.review:
            return self._reply(run, version.review, is_new=False)
        note = " ".join(request.words[1:])
        if not note and request.surface in _BY_CLICK:
            words, site = (f"#{run.id}",), run.site
            return form_reply(
                self._services, self._form.of(run), command=self.name, words=words, site=site, device=run.device
            )
        problem = note_problem(note)
        if problem:
            raise self._misused(problem)
        review, is_new = await mark_reviewed(
            self._services, run, version, note=note, by=request.person.id, correlation=request.id
        )
        return self._reply(run, review, is_new=is_new)

    async def options(self, person: Person, typed: str) -> list[Option]:
        """The newest changes that wait for a review and that this person may review."""
        access = self._services.access
        sites = [key for key in visible_sites(self._services, person) if access.may(person, Action.REVIEW, key)]
        found = await unreviewed(sites, access.hidden_devices(person), limit=MAX_OPTIONS)
        return [_option(one) for one in best([(loose(f"{one.run} {one.device}"), one) for one in found], typed)]

    def _reply(self, run: Run, review: Review, *, is_new: bool) -> Reply:
        command = self._typed(str(run.id))
        context = reviewed(run.device, run.id, review, is_new=is_new, command=command)
        return self._about(run.site, run.device, "reviewed", context)


def _option(version: Version) -> Option:
    return Option(
        text=cut(f"{version.device} · run {version.run}"), value=f"#{version.run}", description=f"v{version.number}"
    )
