"""``now``: back up a device, all devices of a site, or what a job covers, at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Final

from commands.backups.now_device import back_up_device
from commands.backups.now_job import back_up_job
from commands.backups.now_site import NEVER, back_up_site
from commands.input.catalogue import site_of
from commands.lookup.jobs import find_job, with_similar_jobs
from commands.lookup.kinds import PickingCommand, Words
from domain.errors import UnknownName, UsageError
from domain.inventory.declared import Device, Site
from domain.jobs.job import Job
from domain.roles import Action

if TYPE_CHECKING:
    from commands.input.catalogue import Target
    from commands.request import Option, Reply, Request
    from domain.access.people import Person

_ACCEPT: Final = "accept-smaller"


@dataclass(frozen=True, slots=True)
class _Wanted:
    """What is to be backed up, and the wish behind its name: empty if there is none."""

    what: Device | Site | Job
    wish: str = ""


class Now(PickingCommand[_Wanted]):
    """Back up now instead of waiting for a schedule."""

    name: ClassVar = "now"
    usage: ClassVar = "now DEVICE|SITE [never]|JOB"
    summary: ClassVar = "Back up a device, or every device of a site, at once"
    action: ClassVar = Action.RUN
    examples: ClassVar = ("now core-sw1", "now plant-a", "now plant-a never", "now nightly")
    question: ClassVar = "What should be backed up?"

    async def options(self, person: Person, typed: str) -> list[Option]:
        """Sites and devices that this person may back up."""
        return self._services.catalogue.target_options(person, Action.RUN, typed)

    async def _find(self, request: Request) -> _Wanted | None:
        if not request.words:
            return None
        job = await self._job(request)
        if job:
            return _Wanted(job)
        words, wish = self._without_wish(request)
        return _Wanted(await self._target(request.person, words), wish)

    def _authorise(self, person: Person, wanted: _Wanted) -> None:
        what = wanted.what
        site, device = (what.site, what.device) if isinstance(what, Job) else (site_of(what), None)
        named = what.name if isinstance(what, Device) else device
        self._services.access.require(person, Action.RUN, site, named)

    async def _answer(self, request: Request, wanted: _Wanted) -> Reply:
        """Start a run, or a batch of them, and say where its message will stand."""
        what, wish, services = wanted.what, wanted.wish, self._services
        if isinstance(what, Job):
            return await back_up_job(services, request, what, name=self.name)
        if isinstance(what, Device):
            return await back_up_device(services, request, what, name=self.name, accept_smaller=wish == _ACCEPT)
        if wish == _ACCEPT:
            whole = self._typed(f"DEVICE {_ACCEPT}")
            raise UsageError("Give one device: a smaller size is accepted for one at a time", usage=whole)
        return await back_up_site(services, request, what, name=self.name, only_never=wish == NEVER)

    def _without_wish(self, request: Request) -> tuple[Words, str]:
        """The words that name something, and the wish behind them; a name that ends in a wish's word is a name."""
        words, wish = request.words, request.words[-1].lower()
        named = self._services.catalogue.has_target(request.person, words)
        return (words[:-1], wish) if len(words) > 1 and wish in {_ACCEPT, NEVER} and not named else (words, "")

    async def _target(self, person: Person, words: Words) -> Target:
        try:
            return self._services.catalogue.target(person, words)
        except UnknownName as error:
            raise await with_similar_jobs(self._services, person, error) from error

    async def _job(self, request: Request) -> Job | None:
        """The job that the words name; a device or site of that name goes first."""
        if self._services.catalogue.has_target(request.person, request.words):
            return None
        found = await find_job(self._services, request.person, request.words)
        return found[0] if found and not found[1] else None
