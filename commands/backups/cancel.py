"""``cancel``: end a run that is waiting or going."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from commands.input.catalogue import best, cut
from commands.input.quoting import loose, shown
from commands.input.values import run_number
from commands.lookup.kinds import RunCommand
from commands.lookup.records import visible_run
from commands.request import Option
from domain.audit import AuditAction
from domain.errors import NotNow
from domain.roles import Action
from notifications.pages import answers
from storage.access import audit
from storage.runs import runs

if TYPE_CHECKING:
    from collections.abc import Sequence

    from commands.request import Reply, Request
    from domain.access.people import Person
    from domain.runs.run import Run


class CancelRun(RunCommand):
    """End a run before it has ended by itself."""

    name: ClassVar = "cancel"
    usage: ClassVar = "cancel [RUN|DEVICE]"
    summary: ClassVar = "Cancel a run that is pending or in progress"
    action: ClassVar = Action.CANCEL
    examples: ClassVar = ("cancel 123", "cancel core-sw1")
    question: ClassVar = "Which run should be cancelled?"

    async def _answer(self, request: Request, run: Run) -> Reply:
        """End the run named by its number or by its device."""
        if run.outcome.is_final:
            raise NotNow(f"run {run.id} has ended", advice=f"Run {run.id} has already ended as {run.outcome.chip}.")
        await self._services.dispatcher.cancel(run, by=request.person.id)
        await audit.note(
            self._services.entry(
                request,
                AuditAction.RUN_CANCELLED,
                run,
                target=f"run {run.id}",
                before={"Outcome": run.outcome.word},
                after={"Outcome": "cancelled"},
            )
        )
        context = answers.cancelled(run, command=self._typed(f"#{run.id}"))
        return self._about(run.site, run.device, "cancelled", context)

    async def options(self, person: Person, typed: str) -> list[Option]:
        """The unfinished runs that this person may end."""
        access = self._services.access
        going = [run for run in await runs.unfinished_runs() if access.may(person, Action.CANCEL, run.site, run.device)]
        return [_option(run) for run in best([(loose(f"{run.device} {run.id}"), run) for run in going], typed)]

    async def _find(self, request: Request) -> Run | None:
        person, words = request.person, request.words
        if not words:
            return None
        number = run_number(words[0]) if len(words) == 1 else None
        if number is None:
            return await self._of_device(person, words)
        if words[0].isdigit() and self._services.catalogue.has_target(person, words):
            return await self._of_device(person, words)  # a device whose name is a number: `#123` is the run
        return await visible_run(self._services, person, number)

    async def _of_device(self, person: Person, words: Sequence[str]) -> Run:
        device = self._services.catalogue.device(person, words)
        run = await runs.unfinished_run_of(device.name)
        if run is None:
            raise NotNow(
                f"{device.name} has no unfinished run",
                advice=f"`{shown(device.name)}` has no pending run and none in progress.",
            )
        return run


def _option(run: Run) -> Option:
    return Option(text=cut(f"{run.device} · run {run.id}"), value=f"#{run.id}", description=run.outcome.word)
