"""``now``: back up a device, or all devices of a site, at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Final

from commands.input.catalogue import site_of
from commands.input.quoting import shown
from commands.lookup.jobs import check_there, find_job, job_word, with_similar_jobs
from commands.lookup.picking import ask
from commands.request import Reply, Surface
from domain.audit import AuditAction, AuditEntry
from domain.errors import NotNow, UnknownName, UsageError
from domain.inventory.declared import Device
from domain.messages.places import run_place
from domain.roles import Action
from domain.runs.run import Run, Trigger
from notifications.pages import answers
from notifications.rendering.units import plural
from storage.access import audit
from storage.devices.devices import device_state, last_goods

if TYPE_CHECKING:
    from commands.input.catalogue import Target
    from commands.request import Option, Request
    from commands.services import Services
    from domain.access.people import Person
    from domain.inventory.declared import Site
    from domain.jobs.job import Job
    from domain.messages.places import Place


_ACCEPT: Final = "accept-smaller"
_NEVER: Final = "never"  # only the devices that were never backed up
_APART: Final = " Results of restricted devices come in a direct message."


class Now:
    """Back up now instead of waiting for a schedule."""

    name: ClassVar = "now"
    usage: ClassVar = "now DEVICE|SITE [never]|JOB"
    summary: ClassVar = "Back up a device, or every device of a site, at once"
    action: ClassVar[Action | None] = Action.RUN
    examples: ClassVar[tuple[str, ...]] = ("now core-sw1", "now plant-a", "now plant-a never", "now nightly")
    question: ClassVar = "What should be backed up?"
    picks: ClassVar = Action.RUN

    def __init__(self, services: Services) -> None:
        self._services = services

    async def handle(self, request: Request) -> Reply:
        """Start a run, or a batch of them, and say where its message will stand."""
        if not request.words:
            return ask(self, self._services, request.person)
        job = await self._job(request)
        if job:
            return await self._start_job(job, request)
        words, wish = self._without_wish(request)
        target = await self._target(request.person, words)
        named = target.name if isinstance(target, Device) else None
        self._services.access.require(request.person, Action.RUN, site_of(target), named)
        if isinstance(target, Device):
            return await self._start(target, request, accept_smaller=wish == _ACCEPT)
        if wish == _ACCEPT:
            whole = self._services.typed(self.name, f"DEVICE {_ACCEPT}")
            raise UsageError("Give one device: a smaller size is accepted for one at a time", usage=whole)
        return await self._start_site(target, request, only_never=wish == _NEVER)

    async def options(self, person: Person, typed: str) -> list[Option]:
        """Sites and devices that this person may back up."""
        return self._services.catalogue.target_options(person, Action.RUN, typed)

    def _without_wish(self, request: Request) -> tuple[tuple[str, ...], str]:
        """The words that name something, and the wish behind them; a name that ends in a wish's word is a name."""
        words, wish = request.words, request.words[-1].lower()
        named = self._services.catalogue.has_target(request.person, words)
        return (words[:-1], wish) if len(words) > 1 and wish in {_ACCEPT, _NEVER} and not named else (words, "")

    async def _target(self, person: Person, words: tuple[str, ...]) -> Target:
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

    async def _start_job(self, job: Job, request: Request) -> Reply:
        access = self._services.access
        access.require(request.person, Action.RUN, job.site, job.device)
        check_there(None if job.deleted else job, job)
        site = self._services.inventory.sites.get(job.site)
        if site is None:
            raise NotNow(f"{job.site} is not declared", advice=f"`{shown(job.site)}` is no longer in app.yaml.")
        devices = access.restricted_among([job.device or ""])
        place = _place(site, request, is_restricted=bool(devices))
        hidden = access.hidden_devices(request.person)
        begun = await self._services.dispatcher.start_job(job, asked_by=request.person.id, place=place, hidden=hidden)
        what = f"Run {begun.id}" if isinstance(begun, Run) else plural(len(begun[1]), "run")
        verb = "is" if isinstance(begun, Run) or len(begun[1]) == 1 else "are"
        elsewhere = place.channel if place.channel != request.place.channel else ""
        word = await job_word(self._services, request.person, job)
        command = self._services.typed(self.name, *word.split())
        sentence = f"{what} of the job `{shown(job.name)}` {verb} queued."
        if not isinstance(begun, Run):
            devices = access.restricted_among(run.device for run in begun[1])
            sentence += _APART if devices and not place.is_private else ""
        context = answers.started(command, sentence=sentence, place=elsewhere)
        return Reply(template="started", context=context, sites=(job.site,), devices=devices)

    async def _start(self, device: Device, request: Request, *, accept_smaller: bool) -> Reply:
        site = self._services.inventory.sites[device.site]
        place = _place(site, request, is_restricted=device.only is not None)
        run = await self._services.dispatcher.start(
            device,
            asked_by=request.person.id,
            trigger=Trigger.MANUAL,
            place=place,
            accept_smaller=accept_smaller,
        )
        if accept_smaller:
            await self._note_acceptance(run, request)
        hint = self._hint(device, request.person)
        sentence = f"Run {run.id} of `{shown(device.name)}` is queued.{hint}"
        return self._begun(device, sentence, place, request, says_more=bool(hint))

    async def _note_acceptance(self, run: Run, request: Request) -> None:
        state = await device_state(run.device)
        size = f"over half of {state.size:,} bytes" if state and state.size else "any"
        await audit.note(
            AuditEntry(
                at=self._services.clock.now(),
                actor=request.person.id,
                what=AuditAction.SMALLER_ACCEPTED,
                site=run.site,
                device=run.device,
                target=f"run {run.id}",
                before={"Accepted size": size},
                after={"Accepted size": "any"},
                correlation=request.id,
            )
        )

    async def _start_site(self, site: Site, request: Request, *, only_never: bool) -> Reply:
        hidden = self._services.access.hidden_devices(request.person)
        if not self._devices(site, hidden):
            raise NotNow(
                f"{site.key} has no devices",
                advice=f"{site.name} has no devices yet. Declare them under `devices` in app.yaml.",
            )
        if only_never:
            hidden |= await self._backed_up(site, hidden)
        total = len(self._devices(site, hidden))
        place = _place(site, request)
        _, runs = await self._services.dispatcher.start_site(
            site, asked_by=request.person.id, trigger=Trigger.MANUAL, place=place, hidden=hidden
        )
        sentence = f"{plural(len(runs), 'run')} at {site.name} {'is' if len(runs) == 1 else 'are'} queued."
        if len(runs) < total:
            sentence += f" {plural(total - len(runs), 'device')} already had an unfinished run."
        counted = self._services.access.restricted_among(device.name for device in self._devices(site, hidden))
        if counted and not place.is_private:
            sentence += _APART
        says_more = len(runs) < total or bool(counted) or only_never
        wish = _NEVER if only_never else ""
        return self._begun(site, sentence, place, request, says_more=says_more, devices=counted, wish=wish)

    async def _backed_up(self, site: Site, hidden: frozenset[str]) -> frozenset[str]:
        """The devices that have a good backup. Raises ``NotNow`` if that is all of them."""
        goods = await last_goods(device.name for device in self._devices(site, hidden))
        found = frozenset(name for name, at in goods.items() if at is not None)
        if len(found) == len(goods):
            raise NotNow(
                f"every device of {site.key} has a good backup",
                advice=f"Every device of {site.name} that you can see has a good backup already.",
            )
        return found

    def _devices(self, site: Site, hidden: frozenset[str]) -> list[Device]:
        return [device for device in self._services.inventory.by_site[site.key] if device.name not in hidden]

    def _begun(
        self,
        target: Target,
        sentence: str,
        place: Place,
        request: Request,
        *,
        says_more: bool,
        devices: tuple[str, ...] = (),
        wish: str = "",
    ) -> Reply:
        """The answer beside the message of the run: noise, unless it says more or stands elsewhere.

        To a choice from a picker it repeats the full command, for the next time. ``devices`` are restricted ones that
        are counted in it.
        """
        word = self._services.catalogue.word(request.person, target)
        elsewhere = place.channel if place.channel != request.place.channel else ""
        command = self._services.typed(self.name, word, *([wish] if wish else []))
        context = answers.started(command, sentence=sentence, place=elsewhere)
        is_plain = not elsewhere and not says_more and request.surface is not Surface.SELECT
        named = self._services.access.restricted_among([target.name]) if isinstance(target, Device) else devices
        return Reply(
            template="started",
            context=context,
            sites=(site_of(target),),
            devices=named,
            is_plain_to_see=is_plain,
        )

    def _hint(self, device: Device, person: Person) -> str:
        site = self._services.catalogue.site_called(person, device.name)
        if site is None:
            return ""
        whole = self._services.typed(self.name, f"site:{site.key}")
        return f" A site has this name too: `{whole}` backs up the whole site."


def _place(site: Site, request: Request, *, is_restricted: bool = False) -> Place:
    channel = None if is_restricted else site.channel
    return run_place(request.place, asker=request.person.id, site_channel=channel, own_dm=request.own_dm)
