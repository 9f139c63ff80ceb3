"""``run``: the story of one run."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar

from commands.input.catalogue import MAX_OPTIONS, best, cut
from commands.input.quoting import loose
from commands.lookup.kinds import RunCommand
from commands.lookup.records import not_ended, visible_sites
from commands.request import Option, Reply
from domain.messages.outbox import Quote
from domain.roles import Action
from domain.runs.outcomes import Outcome
from domain.runs.queries import RunQuery
from notifications.pages import runs
from storage.devices.versions import version_of
from storage.jobs.jobs import job_by_id
from storage.runs.history import runs_page

if TYPE_CHECKING:
    from commands.request import Request
    from domain.access.people import Person
    from domain.runs.run import Run


class RunDetails(RunCommand):
    """What happened in a run, why, and who asked for it."""

    name: ClassVar = "run"
    usage: ClassVar = "run NUMBER"
    summary: ClassVar = "The details of one finished run"
    action: ClassVar = Action.SEE
    examples: ClassVar = ("run 123",)
    question: ClassVar = "Which run?"

    async def _answer(self, request: Request, run: Run) -> Reply:
        """Tell trigger, person, agent, attempts, times, version and reason. Refused until the run has ended."""
        if not run.outcome.is_final:
            raise not_ended(self._services, run)
        site = self._services.inventory.sites.get(run.site)  # None: no longer declared; owners still see its runs
        version = await version_of(run.device, run.version) if run.version else None
        facts, evidence = self._services.previews.facts(run), self._services.previews.evidence(run)
        command = self._typed(str(run.id))
        context = runs.run_details(
            run,
            site.name if site else run.site,
            facts=facts,
            version=version,
            job=await self._job(run, request.person),
            command=command,
            evidence=evidence,
        )
        quotes = (Quote(run.device),) if facts or evidence else ()
        return replace(self._about(run.site, run.device, "run_details", context), quotes=quotes)

    async def _job(self, run: Run, person: Person) -> str:
        """The name of the job that began it, unless it now belongs to a site that this person may not see."""
        job = await job_by_id(run.job) if run.job else None
        if job is None or not self._services.access.sees(person, job.site, job.device):
            return ""
        return f"{job.name} (deleted)" if job.deleted else job.name

    async def options(self, person: Person, typed: str) -> list[Option]:
        """The newest runs that have ended and that this person may see."""
        sites = visible_sites(self._services, person)
        ended = frozenset(outcome for outcome in Outcome if outcome.is_final)
        hidden = self._services.access.hidden_devices(person)
        query = RunQuery(sites=sites, hidden=hidden, outcomes=ended, limit=MAX_OPTIONS)
        page = await runs_page(query) if sites else []
        return [_option(run) for run in best([(loose(f"{run.id} {run.device}"), run) for run in page], typed)]

    async def _find(self, request: Request) -> Run | None:
        if len(request.words) > 1:
            raise self._misused("Name one run by its number")
        return await super()._find(request)


def _option(run: Run) -> Option:
    return Option(text=cut(f"Run {run.id} · {run.device}"), value=f"#{run.id}", description=run.outcome.word)
