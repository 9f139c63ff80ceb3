"""``now SITE``: a run for each of its devices, or for those that were never backed up."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from commands.backups.now_answer import APART, Begun, begun_reply, place_of
from domain.errors import NotNow
from domain.runs.run import Trigger
from notifications.rendering.units import plural
from storage.devices.devices import last_goods

if TYPE_CHECKING:
    from commands.request import Reply, Request
    from commands.services import Services
    from domain.inventory.declared import Device, Site

NEVER: Final = "never"  # only the devices that were never backed up


async def back_up_site(services: Services, request: Request, site: Site, *, name: str, only_never: bool) -> Reply:
    """Start a batch at ``site``, for whoever may; ``name`` is the command's."""
    hidden = await _left_out(services, request, site, only_never=only_never)
    devices = _devices(services, site, hidden)
    place = place_of(site, request)
    _, runs = await services.dispatcher.start_site(
        site, asked_by=request.person.id, trigger=Trigger.MANUAL, place=place, hidden=hidden
    )
    counted = services.access.restricted_among(device.name for device in devices)
    sentence = _sentence(site, started=len(runs), total=len(devices))
    if counted and not place.is_private:
        sentence += APART
    word = services.catalogue.word(request.person, site)
    begun = Begun(
        site=site.key,
        command=services.typed(name, word, *([NEVER] if only_never else [])),
        sentence=sentence,
        place=place,
        devices=counted,
        says_more=len(runs) < len(devices) or bool(counted) or only_never,
    )
    return begun_reply(begun, request)


async def _left_out(services: Services, request: Request, site: Site, *, only_never: bool) -> frozenset[str]:
    """The devices that no run is for. Raises ``NotNow`` if that leaves none."""
    hidden = services.access.hidden_devices(request.person)
    devices = _devices(services, site, hidden)
    if not devices:
        raise NotNow(
            f"{site.key} has no devices",
            advice=f"{site.name} has no devices yet. Declare them under `devices` in app.yaml.",
        )
    return hidden | await _backed_up(site, devices) if only_never else hidden


async def _backed_up(site: Site, devices: list[Device]) -> frozenset[str]:
    """The devices that have a good backup. Raises ``NotNow`` if that is all of them."""
    goods = await last_goods(device.name for device in devices)
    found = frozenset(name for name, at in goods.items() if at is not None)
    if len(found) == len(goods):
        raise NotNow(
            f"every device of {site.key} has a good backup",
            advice=f"Every device of {site.name} that you can see has a good backup already.",
        )
    return found


def _devices(services: Services, site: Site, hidden: frozenset[str]) -> list[Device]:
    return [device for device in services.inventory.by_site[site.key] if device.name not in hidden]


def _sentence(site: Site, *, started: int, total: int) -> str:
    sentence = f"{plural(started, 'run')} at {site.name} {'is' if started == 1 else 'are'} queued."
    if started < total:
        sentence += f" {plural(total - started, 'device')} already had an unfinished run."
    return sentence
