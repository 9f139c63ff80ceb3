"""Runs, versions and devices by what people type."""

from __future__ import annotations

from typing import TYPE_CHECKING

from commands.input.quoting import shown
from domain.errors import NotNow, UnknownName
from storage.devices import versions
from storage.runs import runs

if TYPE_CHECKING:
    from collections.abc import Sequence

    from commands.request import Request
    from commands.services import Services
    from domain.access.people import Person
    from domain.configs.versions import Version
    from domain.inventory.declared import Device, Site
    from domain.runs.run import Run


async def visible_run(services: Services, person: Person, number: int) -> Run:
    """The run of this number, if ``person`` may see its site and its device.

    Raises:
        UnknownName: it does not exist, or this person may not see it: the answer is the same.
    """
    run = await runs.run_by_id(number)
    if run is None or not services.access.sees(person, run.site, run.device):
        raise unknown_run(services, number)
    return run


def unknown_run(services: Services, number: int) -> UnknownName:
    """The one answer to a run that is not there for whoever asks."""
    return UnknownName("run", f"#{number}", lister=services.typed("history"))


def not_ended(services: Services, run: Run) -> NotNow:
    """The answer to a question that only a run that has ended can answer."""
    cancel = services.typed("cancel", f"#{run.id}")
    return NotNow(
        f"run {run.id} is unfinished",
        advice=f"Run {run.id} of `{shown(run.device)}` has not ended yet. `{cancel}` ends it.",
    )


def visible_sites(services: Services, person: Person) -> frozenset[str]:
    """Keys of the sites that exist for ``person``."""
    return frozenset(site.key for site in services.access.visible_sites(person))


def device_and_rest(services: Services, request: Request) -> tuple[Device, str]:
    """The device that the words name, and the word after it: empty if there is none.

    Raises:
        UnknownName: there is no such device that the person may see.
    """
    words, person, catalogue = request.words, request.person, services.catalogue
    if len(words) == 1 or catalogue.has_device(person, words):
        return catalogue.device(person, words), ""
    return catalogue.device(person, words[:-1]), words[-1]


async def numbered_version(services: Services, person: Person, device: Device, number: int) -> Version:
    """Version ``number`` of ``device``, if ``person`` may see the site where it was captured.

    Raises:
        UnknownName: it has none of this number, or this person may not see its site: the answer is the same.
    """
    found = await versions.version_of(device.name, number)
    if found and services.access.sees(person, found.site, device.name):
        return found
    hidden = (found.site, device.name) if found else None
    raise UnknownName("version", f"v{number}", lister=services.typed("history", device.name), hidden=hidden)


def site_and_rest(services: Services, person: Person, words: Sequence[str]) -> tuple[Site | None, tuple[str, ...]]:
    """The site that the first words name, as many as belong to it, and the words after it; None: no site."""
    for count in range(len(words), 0, -1):
        site = services.catalogue.site_called(person, " ".join(words[:count]).removeprefix("site:"))
        if site:
            return site, tuple(words[count:])
    return None, tuple(words)
