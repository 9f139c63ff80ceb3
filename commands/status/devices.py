"""``devices``: what is backed up, and how it is doing."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from commands.input.quoting import loose, quote
from commands.lookup.kinds import SitesCommand
from commands.lookup.records import site_and_rest
from commands.request import Reply
from domain.roles import Action
from domain.runs.health import Health, counted
from notifications.pages import lists
from notifications.rendering.buttons import Button, never_buttons
from storage.devices import devices as device_store
from storage.runs import runs
from storage.runs.dashboard import health_of_each

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from commands.request import Request
    from commands.services import Services
    from domain.access.people import Person
    from domain.configs.versions import DeviceState
    from domain.inventory.declared import Device, Site
    from domain.runs.run import Run

DEVICES_PAGE = 15  # devices


@dataclass(frozen=True, slots=True)
class _Wanted:
    """Which devices are asked for; no site: all that the person may see."""

    site: Site | None
    text: str  # found in the name or the platform
    page: int = 1


Row = tuple[str, str, "DeviceState | None", "Run | None"]  # name, site's name, what is known, the latest run


class Devices(SitesCommand[_Wanted]):
    """The devices that the person may see."""

    name: ClassVar = "devices"
    usage: ClassVar = "devices [SITE] [TEXT]"
    summary: ClassVar = "Devices with their last outcome and last good backup"
    action: ClassVar = Action.SEE
    examples: ClassVar = ("devices", "devices plant-a", "devices plant-a cisco")

    async def _answer(self, request: Request, wanted: _Wanted) -> Reply:
        """Show one page of devices, filtered by site and by a text in name or platform."""
        person = request.person
        site, text, page = wanted.site, wanted.text, wanted.page
        found = self._fitting(person, site, text)
        count = max(1, -(-len(found) // DEVICES_PAGE))
        page = min(max(1, page), count)
        spoken = self._spoken(person, site, text)
        rows = await self._rows(found[(page - 1) * DEVICES_PAGE : page * DEVICES_PAGE])
        health = await health_of_each(found, self._services.inventory, now=self._services.clock.now())
        command = self._typed(*spoken)
        empty = "" if found else self._empty(site, text)
        context = lists.devices(rows, counts=counted(health.values()), total=len(found), command=command, empty=empty)
        never = [one for one in found if health[one.name] is Health.NEVER]
        context["buttons"] = (
            *never_buttons_for(self._services, person, never),
            *paging(self.name, spoken, page, count),
        )
        sites = {one.site for one in found} | ({site.key} if site else set())
        devices = self._services.access.restricted_among(one.name for one in found)
        return Reply(template="devices", context=context, sites=tuple(sorted(sites)), devices=devices)

    def wanted(self, person: Person, words: Sequence[str]) -> tuple[Site | None, str, list[Device]]:
        """The site and the text that ``words`` name, and the devices that fit."""
        site, rest = site_and_rest(self._services, person, words)
        wanted = _Wanted(site, " ".join(rest))
        self._authorise(person, wanted)
        return site, wanted.text, self._fitting(person, site, wanted.text)

    async def _read(self, request: Request) -> _Wanted:
        words, page = page_of(request.words)
        site, rest = site_and_rest(self._services, request.person, words)
        return _Wanted(site, " ".join(rest), page)

    def _site_of(self, wanted: _Wanted) -> str | None:
        return wanted.site.key if wanted.site else None

    def _fitting(self, person: Person, site: Site | None, text: str) -> list[Device]:
        among = self._services.access.visible_devices(person)
        wanted = loose(text)
        return sorted(
            (
                one
                for one in among
                if site is None or one.site == site.key
                if wanted in loose(one.name) or wanted in loose(one.platform)
            ),
            key=lambda one: one.name.casefold(),
        )

    async def _rows(self, page: Sequence[Device]) -> list[Row]:
        last = await runs.latest_runs_of({device.name: device.site for device in page})
        states = await device_store.device_states([device.name for device in page])
        sites = self._services.inventory.sites
        return [(one.name, sites[one.site].name, states.get(one.name), last.get(one.name)) for one in page]

    def _empty(self, site: Site | None, text: str) -> str:
        where = f" at {site.name}" if site else ""
        if not text:
            return f"You can see no device{where}."
        every = self._typed()
        return f"No name or platform of a device{where} contains that text. `{every}` lists all that you can see."

    def _spoken(self, person: Person, site: Site | None, text: str) -> tuple[str, ...]:
        name = (self._services.catalogue.word(person, site),) if site else ()
        return (*name, *((text,) if text else ()))


def never_buttons_for(services: Services, person: Person, never: Iterable[Device]) -> tuple[Button, ...]:
    """What backs up devices that were never backed up, for the sites where ``person`` may do so."""
    counts = Counter(device.site for device in never)
    sites = services.inventory.sites
    found = [(key, sites[key].name, count) for key, count in counts.items()]
    return never_buttons([one for one in found if services.access.may(person, Action.RUN, one[0])])


def paging(command: str, spoken: Sequence[str], page: int, count: int) -> tuple[Button, ...]:
    """Buttons to the pages around ``page``, of ``count``; ``spoken`` are the words after the command's name."""
    steps = [("Previous page", "back", page - 1)] if page > 1 else []
    steps += [("Next page", "more", page + 1)] if page < count else []
    words = " ".join(map(quote, spoken))
    return tuple(
        Button(
            text=text,
            action=f"do:{command}#{suffix}",
            value=f"{words} page:{to}".lstrip(),
            label=f"Show page {to} of {count}",
        )
        for text, suffix, to in steps
    )


def page_of(words: Sequence[str]) -> tuple[list[str], int]:
    """``words`` without the page that a button asked for, and that page."""
    numbers = [word for word in words if word.startswith("page:")]
    digits = numbers[-1].removeprefix("page:") if numbers else ""
    page = int(digits) if digits.isascii() and digits.isdecimal() and len(digits) < 10 else 1  # noqa: PLR2004 - plenty
    return [word for word in words if word not in numbers], page
