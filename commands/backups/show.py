"""``show``: the configuration of a device as it was stored."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, ClassVar

from commands.backups.diff import never_captured, told_of
from commands.input.quoting import shown
from commands.input.values import day_of, end_of_day, version_number
from commands.lookup.kinds import DeviceCommand
from commands.lookup.records import numbered_version, visible_sites
from commands.request import Reply, ReplyFile
from domain.errors import NotNow, UsageError
from domain.messages.outbox import Quote
from domain.roles import Action
from notifications.pages import configs
from storage.devices import versions

if TYPE_CHECKING:
    from commands.request import Request
    from domain.access.people import Person
    from domain.configs.versions import Version
    from domain.inventory.declared import Device


class Show(DeviceCommand):
    """A stored configuration, secrets masked."""

    name: ClassVar = "show"
    usage: ClassVar = "show DEVICE [VERSION|DATE]"
    summary: ClassVar = "The current configuration, a version, or the one at the end of a day"
    action: ClassVar = Action.SEE
    examples: ClassVar = ("show core-sw1", "show core-sw1 v3", "show core-sw1 2026-05-03")
    question: ClassVar = "Which device's configuration?"

    async def _answer(self, request: Request, subject: tuple[Device, str]) -> Reply:
        """Show one version; a long one comes as a file."""
        device, rest = subject
        version = await self._version(device, rest, request.person)
        if version is None:
            return never_captured(self._services, device, self.name)
        if self._services.previews.is_link_only(device.name, version.site):
            return self._elsewhere(device, version)
        text = await self._services.previews.masked_text(device.name, version)
        return await asyncio.to_thread(self._reply, device, version, text)  # it may be millions of characters

    async def _version(self, device: Device, word: str, person: Person) -> Version | None:
        """The version that the word names, else the newest of the site that the device belongs to now."""
        if not word:
            return await versions.newest_version(device.name, sites=[device.site])
        number = version_number(word)
        if number is not None:
            return await numbered_version(self._services, person, device, number)
        day = day_of(word)
        if day is None:
            usage = f"{self._services.slash} {self.usage}"
            raise UsageError("Give a version such as `v3` or a day such as `2026-05-03`", usage=usage)
        zone = self._services.inventory.sites[device.site].timezone
        sites = visible_sites(self._services, person)  # a device that moved was elsewhere on that day
        found = await versions.version_at(device.name, end_of_day(day, zone), sites=sites)
        if found is None:
            raise NotNow(
                f"no version of {device.name} on {day}",
                advice=f"`{shown(device.name)}` had no backup yet on {day}.",
            )
        return found

    def _elsewhere(self, device: Device, version: Version) -> Reply:
        """Where to look, for a site that shows no configuration in Slack."""
        context = configs.link_only(
            device.name,
            None,
            site=version.site,
            versions=f"version {version.number}",
            look=f"restore {device.name} --version {version.number}",
            command=self._typed(device.name, f"v{version.number}"),
        )
        devices = self._services.access.restricted_among([device.name])
        return Reply(template="link_only", context=context, sites=told_of(device, version), devices=devices)

    def _reply(self, device: Device, version: Version, text: str) -> Reply:
        facts: dict[str, object] = {
            "captured_at": version.captured_at,
            "last_checked_at": version.last_checked_at,
            "author": version.author,
        }
        command = self._typed(device.name, f"v{version.number}")
        context = configs.show(device.name, text, version=version.number, facts=facts, command=command)
        file = None
        if not configs.is_short(text):
            file = ReplyFile.of(configs.show_file(device.name, text, version=version.number))
        return Reply(
            template="show",
            context=context,
            sites=told_of(device, version),
            devices=self._services.access.restricted_among([device.name]),
            shows_config=True,
            quotes=(Quote(device.name, version.number),),
            file=file,
        )
