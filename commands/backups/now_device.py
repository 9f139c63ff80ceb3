"""``now DEVICE``: one run, at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from commands.backups.now_answer import Begun, begun_reply, place_of
from commands.input.quoting import shown
from domain.audit import AuditAction
from domain.runs.run import Trigger
from storage.access import audit
from storage.devices.devices import device_state

if TYPE_CHECKING:
    from commands.request import Reply, Request
    from commands.services import Services
    from domain.access.people import Person
    from domain.inventory.declared import Device
    from domain.runs.run import Run


async def back_up_device(
    services: Services, request: Request, device: Device, *, name: str, accept_smaller: bool
) -> Reply:
    """Start a run of ``device``, for whoever may; ``name`` is the command's."""
    place = place_of(services.inventory.sites[device.site], request, is_restricted=device.only is not None)
    run = await services.dispatcher.start(
        device, asked_by=request.person.id, trigger=Trigger.MANUAL, place=place, accept_smaller=accept_smaller
    )
    if accept_smaller:
        await _note_acceptance(services, request, run)
    hint = _hint(services, request.person, device, name)
    begun = Begun(
        site=device.site,
        command=services.typed(name, services.catalogue.word(request.person, device)),
        sentence=f"Run {run.id} of `{shown(device.name)}` is queued.{hint}",
        place=place,
        devices=services.access.restricted_among([device.name]),
        says_more=bool(hint),
    )
    return begun_reply(begun, request)


async def _note_acceptance(services: Services, request: Request, run: Run) -> None:
    state = await device_state(run.device)
    size = f"over half of {state.size:,} bytes" if state and state.size else "any"
    await audit.note(
        services.entry(
            request,
            AuditAction.SMALLER_ACCEPTED,
            run,
            target=f"run {run.id}",
            before={"Accepted size": size},
            after={"Accepted size": "any"},
        )
    )


def _hint(services: Services, person: Person, device: Device, name: str) -> str:
    site = services.catalogue.site_called(person, device.name)
    if site is None:
        return ""
    whole = services.typed(name, f"site:{site.key}")
    return f" A site has this name too: `{whole}` backs up the whole site."
