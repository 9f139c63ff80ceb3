"""``trust``: accept the new host key of a device, or of the jump host through which it is reached."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from commands.input.quoting import shown
from commands.lookup.picking import ask
from commands.lookup.records import device_and_rest
from commands.request import Reply
from domain.audit import AuditAction, AuditEntry
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

    from commands.request import Option, Request
    from commands.services import Services
    from domain.access.people import Person
    from domain.inventory.declared import Device


@dataclass(frozen=True, slots=True)
class _Offer:
    """A key that was shown and refused."""

    pinned: str | None
    key: str
    is_jump: bool

    def whose(self, device: Device) -> str:
        return f"the jump host of `{shown(device.name)}`" if self.is_jump else f"`{shown(device.name)}`"


class Trust:
    """Accept a host key that a device has shown and that was refused."""

    name: ClassVar = "trust"
    usage: ClassVar = "trust DEVICE"
    summary: ClassVar = "Accept a device's new host key"
    action: ClassVar[Action | None] = Action.TRUST
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
        self._services.access.require(request.person, Action.TRUST, device.site, device.name)
        offers = await _offers(device)
        if not offers:
            raise NotNow(
                f"{device.name} offers no new host key",
                advice=f"`{shown(device.name)}` has no new host key to accept.",
            )
        if not seen:
            return self._question(device, offers[0])
        return await self._accept(device, offers, seen, request)

    async def options(self, person: Person, typed: str) -> list[Option]:
        """The devices whose keys this person may accept."""
        return self._services.catalogue.device_options(person, Action.TRUST, typed)

    def _question(self, device: Device, offer: _Offer) -> Reply:
        context = answers.trust(
            device.name,
            old=fingerprint(offer.pinned) if offer.pinned else None,
            new=fingerprint(offer.key),
            is_jump=offer.is_jump,
            command=self._services.typed(self.name, device.name),
        )
        return Reply(
            template="trust",
            context=context,
            sites=(device.site,),
            devices=self._services.access.restricted_among([device.name]),
        )

    async def _accept(self, device: Device, offers: Sequence[_Offer], seen: str, request: Request) -> Reply:
        offer = next((one for one in offers if fingerprint(one.key) == seen), None)
        if offer is None:
            raise NotNow(
                f"{device.name} offers another host key than the one that was confirmed",
                advice=(
                    f"`{shown(device.name)}` now offers a different key than the one you confirmed, so nothing "
                    f"was changed. Check again with `{self._services.typed(self.name, device.name)}`."
                ),
            )
        async with audit.together():
            if offer.is_jump and device.jump:
                await pin_jump_host_key(device.site, device.jump.address, offer.key)
            else:
                await devices.pin_host_key(device.name, offer.key)
            await audit.note(self._entry(device, offer, request))
        context = answers.notice(
            f"The new host key of {offer.whose(device)} is accepted: `{seen}`",
            command=self._services.typed(self.name, device.name, seen),
            buttons=(buttons.again_button(device.name),),
        )
        return Reply(
            template="notice",
            context=context,
            sites=(device.site,),
            devices=self._services.access.restricted_among([device.name]),
        )

    def _entry(self, device: Device, offer: _Offer, request: Request) -> AuditEntry:
        return AuditEntry(
            at=self._services.clock.now(),
            actor=request.person.id,
            what=AuditAction.KEY_ACCEPTED,
            site=device.site,
            device=device.name,
            target=f"the jump host of {device.name}" if offer.is_jump else device.name,
            before={"Host key": fingerprint(offer.pinned) if offer.pinned else "none"},
            after={"Host key": fingerprint(offer.key)},
            correlation=request.id,
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
