"""Texts of versions as they may leave the archive: secrets masked, differences found. The work is done in threads."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

from domain import configs
from domain.masking import mask
from storage.archive import diff_texts

if TYPE_CHECKING:
    from collections.abc import Mapping

    from domain.inventory import Inventory
    from domain.platforms import Platform
    from domain.versions import Version
    from storage.archive import Archive


@dataclass(frozen=True, slots=True)
class ConfigDiff:
    """Two versions compared, secrets masked. Lines that move by themselves are left out."""

    text: str  # unified diff without file headers; empty: no difference
    added: int  # lines
    removed: int  # lines


class Previews:
    """Reads versions from the archive and makes them fit to be shown."""

    def __init__(
        self, archive: Archive, *, platforms: Mapping[str, Platform], inventory: Inventory, salt: bytes
    ) -> None:
        self._archive = archive
        self._platforms = platforms
        self._inventory = inventory
        self._salt = salt

    async def diff(self, device: str, before: Version, after: Version) -> ConfigDiff:
        """What changed from ``before`` to ``after``: the same picture whenever it is asked for.

        Raises:
            ArchiveError: a version cannot be read.
        """
        older = await self._archive.read(before.site, before.commit, device)
        newer = await self._archive.read(after.site, after.commit, device)
        return await asyncio.to_thread(self._compared, device, older, newer)

    async def masked_text(self, device: str, version: Version) -> str:
        """The whole configuration of ``version``, lines ended by LF.

        Raises:
            ArchiveError: the version cannot be read.
        """
        raw = await self._archive.read(version.site, version.commit, device)
        return await asyncio.to_thread(self._shown, device, raw)

    async def line_count(self, device: str, version: Version) -> int:
        """How many lines the configuration of ``version`` has.

        Raises:
            ArchiveError: the version cannot be read.
        """
        return len((await self.masked_text(device, version)).splitlines())

    def masked(self, device: str, text: str) -> str:
        """A short text that ``device`` sent, such as the facts of a failed run."""
        for platform in self._rules(device):
            text = mask(text, platform, self._salt).text
        return text

    def _compared(self, device: str, older: bytes, newer: bytes) -> ConfigDiff:
        found = diff_texts(self._comparable(device, older), self._comparable(device, newer))
        return ConfigDiff(found.text, found.added, found.removed)

    def _comparable(self, device: str, raw: bytes) -> str:
        """Masked before comparing, not after: a secret may reach over lines that a diff would tear apart."""
        platform = self._platform(device)
        return self.masked(device, configs.comparable(raw, platform) if platform else configs.decode(raw))

    def _shown(self, device: str, raw: bytes) -> str:
        return self.masked(device, configs.decode(raw).replace("\r\n", "\n"))

    def _platform(self, device: str) -> Platform | None:
        declared = self._inventory.devices.get(device)
        return self._platforms.get(declared.platform) if declared else None

    def _rules(self, device: str) -> tuple[Platform, ...]:
        """The rules of its platform; of a device that is no longer declared nobody knows it, so all of them."""
        platform = self._platform(device)
        return (platform,) if platform else tuple(self._platforms.values())
