"""The kinds of commands: what each begins with before it answers. Find what is meant, authorise, answer.

A command is of the kind that fits what it is about. It says what it is called and what it answers; the kind asks for
a missing name, looks the name up and authorises. Who writes a command cannot leave that out: ``handle`` is final, and
a command of no kind must say in ``_authorise`` who may have it.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any, ClassVar, Generic, TypeVar, final

from commands.input.values import run_number
from commands.lookup.jobs import job_and_rest, job_options
from commands.lookup.picking import no_sites, require_somewhere
from commands.lookup.records import device_and_rest, site_and_rest, visible_run
from commands.request import Reply
from domain.errors import UsageError
from domain.inventory.declared import Device
from domain.jobs.job import Job
from domain.runs.run import Run
from notifications.pages import answers

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from commands.request import Option, Request
    from commands.services import Services
    from domain.access.people import Person
    from domain.inventory.declared import Site
    from domain.roles import Action
    from notifications.rendering.buttons import Control

Subject = TypeVar("Subject")
Words = tuple[str, ...]
SiteAndRest = tuple["Site | None", Words]  # the site that the first words name, and the words after it


class Command(ABC, Generic[Subject]):
    """One thing that a person can ask for; ``Subject`` is what it is about."""

    name: ClassVar[str]
    usage: ClassVar[str]  # "now DEVICE|SITE": without the slash command, which is a setting
    summary: ClassVar[str]  # one line, no full stop
    action: ClassVar[Action | None]  # what one must be allowed to do where it acts; None: it is about oneself
    examples: ClassVar[Words]  # in the form of usage

    def __init__(self, services: Services) -> None:
        self._services = services

    @final
    async def handle(self, request: Request) -> Reply:
        """Do what ``request.words``, without the command's name, ask for, if this person may do it.

        Raises:
            LastgoodError: it was refused or went wrong; ``advice`` is for the person.
        """
        subject = await self._find(request)
        if subject is None:
            return self._ask(request.person)
        self._authorise(request.person, subject)
        return await self._answer(request, subject)

    @abstractmethod
    async def _find(self, request: Request) -> Subject | None:
        """What the words are about, among what the person may see; None: it is still to be chosen."""

    @abstractmethod
    def _authorise(self, person: Person, subject: Subject) -> None:
        """Pass if ``person`` may do this with ``subject``. Raises ``NotAllowed``."""

    @abstractmethod
    async def _answer(self, request: Request, subject: Subject) -> Reply:
        """Do it, and say what came of it."""

    def _ask(self, person: Person) -> Reply:  # noqa: ARG002 - a picker is for somebody
        raise self._misused("Say what it is about")

    def _misused(self, problem: str) -> UsageError:
        return UsageError(problem, usage=f"{self._services.slash} {self.usage}")

    def _typed(self, *words: str) -> str:
        """The full command line that asks for this again."""
        return self._services.typed(self.name, *words)

    def _about(self, site: str, device: str | None, template: str, context: Mapping[str, object]) -> Reply:
        """An answer about one device, or about its site alone."""
        devices = self._services.access.restricted_among([device] if device else [])
        return Reply(template=template, context=context, sites=(site,), devices=devices)

    def _notice(
        self, site: str, device: str | None, sentence: str, *, typed: Sequence[str], buttons: Sequence[Control] = ()
    ) -> Reply:
        """A sentence about one device, or about its site alone; ``typed`` are the words that ask for it again."""
        context = answers.notice(sentence, command=self._typed(*typed), buttons=tuple(buttons))
        return self._about(site, device, "notice", context)


AnyCommand = Command[Any]


class PickingCommand(Command[Subject]):
    """A command whose missing argument is chosen from a list."""

    action: ClassVar[Action]  # also what the person must be allowed to do with what is offered
    question: ClassVar[str]  # "Which device?"

    @abstractmethod
    async def options(self, person: Person, typed: str) -> list[Option]:
        """What may be chosen, best first, at most 100: only what this person may see and use."""

    def _ask(self, person: Person) -> Reply:
        require_somewhere(self._services, person, self.action)  # else the list would be empty
        full = f"{self._services.slash} {self.usage}"
        context = answers.picker(self.name, question=self.question, placeholder="Type to search", full=full)
        return Reply(template="picker", context=context)


class DeviceCommand(PickingCommand[tuple[Device, str]]):
    """About one device, and a word after its name: empty if there is none."""

    async def options(self, person: Person, typed: str) -> list[Option]:
        """The devices that this person may do this with."""
        return self._services.catalogue.device_options(person, self.action, typed)

    async def _find(self, request: Request) -> tuple[Device, str] | None:
        return device_and_rest(self._services, request) if request.words else None

    def _authorise(self, person: Person, subject: tuple[Device, str]) -> None:
        device, _ = subject
        self._services.access.require(person, self.action, device.site, device.name)


class RunCommand(PickingCommand[Run]):
    """About one run. Its number is the first word."""

    async def _find(self, request: Request) -> Run | None:
        if not request.words:
            return None
        number = run_number(request.words[0])
        if number is None:
            raise self._misused("Name one run by its number")
        return await visible_run(self._services, request.person, number)

    def _authorise(self, person: Person, subject: Run) -> None:
        self._services.access.require(person, self.action, subject.site, subject.device)


class JobCommand(PickingCommand[tuple[Job, Words]]):
    """About one job, and the words after its name."""

    async def options(self, person: Person, typed: str) -> list[Option]:
        """The jobs that this person may do this with."""
        return await job_options(self._services, person, self.action, typed)

    async def _find(self, request: Request) -> tuple[Job, Words] | None:
        return await job_and_rest(self._services, request.person, request.words) if request.words else None

    def _authorise(self, person: Person, subject: tuple[Job, Words]) -> None:
        job, _ = subject
        self._services.access.require(person, self.action, job.site, job.device)


class SitesCommand(Command[Subject]):
    """About one site, or about all that the person may see. Whoever sees none is told so before anything is read."""

    action: ClassVar[Action]

    async def _find(self, request: Request) -> Subject | None:
        if not self._services.access.visible_sites(request.person):
            raise no_sites(request.person)
        return await self._read(request)

    def _authorise(self, person: Person, subject: Subject) -> None:
        site = self._site_of(subject)
        if site:
            self._services.access.require(person, self.action, site)

    @abstractmethod
    async def _read(self, request: Request) -> Subject | None:
        """What the words ask for."""

    @abstractmethod
    def _site_of(self, subject: Subject) -> str | None:
        """The key of the one site that it is about; None: all that the person may see."""


class SiteCommand(SitesCommand[SiteAndRest]):
    """The same, where the first words name the site and the rest is read by the command."""

    async def _read(self, request: Request) -> SiteAndRest | None:
        return site_and_rest(self._services, request.person, request.words)

    def _site_of(self, subject: SiteAndRest) -> str | None:
        site, _ = subject
        return site.key if site else None


class OwnCommand(Command[Words]):
    """About the person alone: it says nothing of a site, so that everybody may have it."""

    async def _find(self, request: Request) -> Words:
        return request.words

    def _authorise(self, person: Person, subject: Words) -> None:
        """Pass."""


class SomewhereCommand(Command[Words]):
    """About what the person has at all sites; there must be one where this is allowed."""

    action: ClassVar[Action]

    async def _find(self, request: Request) -> Words:
        return request.words

    def _authorise(self, person: Person, subject: Words) -> None:  # noqa: ARG002 - it is about all of them
        require_somewhere(self._services, person, self.action)
