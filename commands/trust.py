"""``trust``: accept the new host key of a device."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from commands.finding import device_and_rest
from commands.picking import ask
from commands.request import Reply
from commands.words import shown
from domain.access import Action
from domain.errors import NotNow
from domain.host_keys import fingerprint
from notifications import views
from storage import devices

if TYPE_CHECKING:
    from commands.request import Option, Request
    from commands.services import Services
    from domain.inventory import Device
    from domain.people import Person


class Trust:
    """Accept a host key that a device has shown and that was refused."""

    name: ClassVar = "trust"
    usage: ClassVar = "trust DEVICE"
    summary: ClassVar = "Accept a device's new host key"
    examples: ClassVar[tuple[str, ...]] = ("trust core-sw1",)
    question: ClassVar = "Which device has a new host key?"
    picks: ClassVar = Action.TRUST

    def __init__(self, services: Services) -> None:
        self._services = services

    async def handle(self, request: Request) -> Reply:
        """Show both fingerprints and ask; accept when the words repeat the fingerprint that the device offers."""
        if not request.words:
            return ask(self, self._services, request.person)
        device, seen = device_and_rest(self._services, request)
        self._services.access.require(request.person, Action.TRUST, device.site)
        state = await devices.device_state(device.name)
        if state is None or state.offered_host_key is None:
            raise NotNow(
                f"{device.name} offers no new host key",
                advice=f"`{shown(device.name)}` has shown no host key that waits for a decision.",
            )
        offered = state.offered_host_key
        if not seen:
            return self._question(device, state.host_key, fingerprint(offered))
        return await self._accept(device, offered, seen)

    async def options(self, person: Person, typed: str) -> list[Option]:
        """The devices whose keys this person may accept."""
        return self._services.catalogue.device_options(person, Action.TRUST, typed)

    def _question(self, device: Device, old: str | None, new: str) -> Reply:
        known = fingerprint(old) if old else None
        context = views.trust(device.name, old=known, new=new, command=self._services.typed(self.name, device.name))
        return Reply(template="trust", context=context, site=device.site)

    async def _accept(self, device: Device, offered: str, seen: str) -> Reply:
        if seen != fingerprint(offered):
            raise NotNow(
                f"{device.name} offers another host key than the one that was confirmed",
                advice=f"`{shown(device.name)}` now offers another key than the one you confirmed, so nothing was "
                f"changed. Look again with `{self._services.typed(self.name, device.name)}`.",
            )
        await devices.pin_host_key(device.name, offered)
        context = views.notice(
            f"The new host key of `{shown(device.name)}` is accepted: `{seen}`",
            command=self._services.typed(self.name, device.name, seen),
            buttons=(views.again_button(device.name),),
        )
        return Reply(template="notice", context=context, site=device.site)
