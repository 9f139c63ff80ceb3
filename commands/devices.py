"""``devices``: what is backed up, and how it is doing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from commands.picking import no_sites
from commands.request import Button, Reply
from commands.words import loose, quote, shown
from domain.access import Action
from storage import devices, runs

if TYPE_CHECKING:
    from collections.abc import Sequence

    from commands.request import Request
    from commands.services import Services
    from domain.inventory import Device, Site
    from domain.people import Person
    from domain.runs import Run
    from domain.versions import DeviceState

PAGE = 15  # devices


@dataclass(frozen=True)
class Row:
    """One device with what is known of it; None: it never ran."""

    device: Device
    site: Site
    run: Run | None
    state: DeviceState | None


class Devices:
    """The devices that the person may see."""

    name: ClassVar = "devices"
    usage: ClassVar = "devices [SITE] [TEXT]"
    summary: ClassVar = "Devices with their last outcome and last good backup"
    examples: ClassVar[tuple[str, ...]] = ("devices", "devices plant-a", "devices plant-a cisco")

    def __init__(self, services: Services) -> None:
        self._services = services

    async def handle(self, request: Request) -> Reply:
        """Show one page of devices, filtered by site and by a text in name or platform."""
        person = request.person
        if not self._services.access.visible_sites(person):
            raise no_sites(person)
        words, page = _page(request.words)
        site, text = self._parse(person, words)
        if site:
            self._services.access.require(person, Action.SEE, site.key)
        found = self._fitting(person, site, text)
        pages = max(1, -(-len(found) // PAGE))
        page = min(max(1, page), pages)
        spoken = self._spoken(person, site, text)
        context = {
            "title": _title(site, text),
            "rows": await self._rows(found[(page - 1) * PAGE : page * PAGE]),
            "total": len(found),
            "page": page,
            "pages": pages,
            "typed": self._services.typed(self.name, *spoken),
            "buttons": _paging(spoken, page, pages),
        }
        return Reply(template="devices", context=context, site=site.key if site else None)

    def _parse(self, person: Person, words: Sequence[str]) -> tuple[Site | None, str]:
        for count in range(len(words), 0, -1):
            site = self._services.catalogue.site_called(person, " ".join(words[:count]).removeprefix("site:"))
            if site:
                return site, " ".join(words[count:])
        return None, " ".join(words)

    def _fitting(self, person: Person, site: Site | None, text: str) -> list[Device]:
        inventory = self._services.inventory
        among = inventory.by_site[site.key] if site else self._services.access.visible_devices(person)
        wanted = loose(text)
        return sorted(
            (one for one in among if wanted in loose(one.name) or wanted in loose(one.platform)),
            key=lambda one: one.name.casefold(),
        )

    async def _rows(self, page: Sequence[Device]) -> list[Row]:
        names = [device.name for device in page]
        last, states = await runs.latest_runs_of(names), await devices.device_states(names)
        sites = self._services.inventory.sites
        return [Row(one, sites[one.site], last.get(one.name), states.get(one.name)) for one in page]

    def _spoken(self, person: Person, site: Site | None, text: str) -> tuple[str, ...]:
        name = (self._services.catalogue.word(person, site),) if site else ()
        return (*name, *((text,) if text else ()))


def _title(site: Site | None, text: str) -> str:
    where = f"Devices at {site.name}" if site else "Devices at all your sites"
    return f"{where} with “{shown(text)}”" if text else where


def _paging(spoken: Sequence[str], page: int, pages: int) -> tuple[Button, ...]:
    steps = [("Back", "back", page - 1)] if page > 1 else []
    steps += [("More", "more", page + 1)] if page < pages else []
    words = " ".join(map(quote, spoken))
    return tuple(
        Button(text=text, command=Devices.name, suffix=suffix, value=f"{words} page:{to}".lstrip())
        for text, suffix, to in steps
    )


def _page(words: Sequence[str]) -> tuple[list[str], int]:
    numbers = [word for word in words if word.startswith("page:")]
    digits = numbers[-1].removeprefix("page:") if numbers else ""
    page = int(digits) if digits.isascii() and digits.isdecimal() and len(digits) < 10 else 1  # noqa: PLR2004 - plenty
    return [word for word in words if word not in numbers], page
