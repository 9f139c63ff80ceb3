"""``trust``: accept the new host key of a device, or of the jump host through which it is reached."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from commands.input.quoting import shown
from commands.lookup.kinds import DeviceCommand
from domain.audit import AuditAction
from domain.errors import NotNow
from domain.inventory.host_keys import fingerprint
from domain.roles import Action
from notifications.pages import answers
from notifications.rendering import buttons
from storage.access import audit
from storage.devices import devices
from storage.devices.jump_hosts import jump_host_states, pin_jump_host_key

if TYPE_CHECKING:
    from collections.abc import Sequence

    from commands.request import Reply, Request
    from domain.audit import AuditEntry
    from domain.inventory.declared import Device


@dataclass(frozen=True, slots=True)
class _Offer:
    """A key that was shown and refused."""

    pinned: str | None
    key: str
    is_jump: bool

    def whose(self, device: Device) -> str:
        return f"the jump host of `{shown(device.name)}`" if self.is_jump else f"`{shown(device.name)}`"


class Trust(DeviceCommand):
    """Accept a host key that a device has shown and that was refused."""

    name: ClassVar = "trust"
    usage: ClassVar = "trust DEVICE"
    summary: ClassVar = "Accept a device's new host key"
    action: ClassVar = Action.TRUST
    examples: ClassVar = ("trust core-sw1",)
    question: ClassVar = "Which device has a new host key?"

    async def _answer(self, request: Request, subject: tuple[Device, str]) -> Reply:
        """Show both fingerprints and ask; accept when the words repeat the fingerprint that the device offers."""
        device, seen = subject
        offers = await _offers(device)
        if not offers:
            raise NotNow(
                f"{device.name} offers no new host key",
                advice=f"`{shown(device.name)}` has no new host key to accept.",
            )
        if not seen:
            return self._question(device, offers[0])
        return await self._accept(device, offers, seen, request)

    def _question(self, device: Device, offer: _Offer) -> Reply:
        context = answers.trust(
            device.name,
            old=fingerprint(offer.pinned) if offer.pinned else None,
            new=fingerprint(offer.key),
            is_jump=offer.is_jump,
            command=self._typed(device.name),
        )
        return self._about(device.site, device.name, "trust", context)

    async def _accept(self, device: Device, offers: Sequence[_Offer], seen: str, request: Request) -> Reply:
        offer = next((one for one in offers if fingerprint(one.key) == seen), None)
        if offer is None:
            raise NotNow(
                f"{device.name} offers another host key than the one that was confirmed",
                advice=(
                    f"`{shown(device.name)}` now offers a different key than the one you confirmed, so nothing "
                    f"was changed. Check again with `{self._typed(device.name)}`."
                ),
            )
        async with audit.together():
            if offer.is_jump and device.jump:
                await pin_jump_host_key(device.site, device.jump.address, offer.key)
            else:
                await devices.pin_host_key(device.name, offer.key)
            await audit.note(self._acceptance(device, offer, request))
        sentence = f"The new host key of {offer.whose(device)} is accepted: `{seen}`"
        again = buttons.again_button(device.name)
        return self._notice(device.site, device.name, sentence, typed=[device.name, seen], buttons=[again])

    def _acceptance(self, device: Device, offer: _Offer, request: Request) -> AuditEntry:
        return self._services.entry(
            request,
            AuditAction.KEY_ACCEPTED,
            device,
            target=f"the jump host of {device.name}" if offer.is_jump else device.name,
            before={"Host key": fingerprint(offer.pinned) if offer.pinned else "none"},
            after={"Host key": fingerprint(offer.key)},
        )


async def _offers(device: Device) -> list[_Offer]:
    """What waits for a decision on the way to ``device``, in the order in which it is met."""
    found = []
    if device.jump:
        place = (device.site, device.jump.address)
        jump = (await jump_host_states([place])).get(place)
        if jump and jump.offered_host_key:
            found.append(_Offer(jump.host_key, jump.offered_host_key, is_jump=True))
    state = await devices.device_state(device.name)
    if state and state.offered_host_key:
        found.append(_Offer(state.host_key, state.offered_host_key, is_jump=False))
    return found
