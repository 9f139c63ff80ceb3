"""Texts of versions as they may leave the archive: secrets masked, differences found. The work is done in threads."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from domain.failures import FailureKind

if TYPE_CHECKING:
    from collections.abc import Mapping

    from domain.configs.versions import Version
    from domain.runs.run import Run

import asyncio
from collections import OrderedDict
from typing import TYPE_CHECKING

from domain.configs import texts
from domain.configs.leaks import Secrets
from domain.configs.masking import Masked, mask, secret_change
from domain.configs.structure.kinds import Structure
from domain.configs.structure.pictures import changed_lines, picture
from domain.inventory.masking_rules import every_rule, rules_for
from storage.archive.diffs import diff_texts

if TYPE_CHECKING:
    from collections.abc import Mapping

    from domain.configs.own_words import StoredText
    from domain.configs.platforms import Platform
    from domain.configs.versions import Version
    from domain.inventory.declared import Inventory
    from domain.runs.evidence import Evidence
    from domain.runs.run import Run
    from storage.archive.archive import Archive

_REMEMBERED: Final = 200  # versions whose secrets are known without reading them again


@dataclass(frozen=True, slots=True)
class ConfigDiff:
    """Two versions compared, secrets masked. Lines that move by themselves are left out."""

    text: str  # unified diff without file headers; empty: no difference that may be seen
    added: int  # lines
    removed: int  # lines
    secrets_changed: int = 0  # values that were replaced by others
    only_secrets: bool = False  # nothing else changed
    subjects: str = ""  # what kinds of things changed, in words of ours alone: 2 interfaces, 1 ACL
    glance: str = ""  # the first changed lines under their headings

    @classmethod
    def of(cls, before: str, after: str, structure: Structure = Structure.INDENT) -> ConfigDiff:
        """Two masked texts compared; each hunk is headed by what encloses its first changed line."""
        found = diff_texts(before, after)
        drawn = picture(found.text, before, after, structure)
        return cls(drawn.text, found.added, found.removed, subjects=drawn.subjects, glance=drawn.glance)

    @property
    def lines(self) -> tuple[str, ...]:
        """The lines that were removed and added: two changes with the same ones are the same."""
        return tuple(changed_lines(self.text))

    @property
    def is_change(self) -> bool:
        """Whether there is any difference, seen or not."""
        return bool(self.text) or self.secrets_changed > 0


class Previews:
    """Reads versions from the archive and makes them fit to be shown."""

    def __init__(
        self, archive: Archive, *, platforms: Mapping[str, Platform], inventory: Inventory, salt: bytes
    ) -> None:
        self._archive = archive
        self._platforms = platforms
        self._inventory = inventory
        self._salt = salt
        self._secrets: OrderedDict[tuple[str, str], Secrets] = OrderedDict()  # by device and commit

    async def diff(self, device: str, before: Version, after: Version) -> ConfigDiff:
        """What changed from ``before`` to ``after``: the same picture whenever it is asked for.

        Raises:
            ArchiveError: a version cannot be read.
        """
        older = await self._archive.read_marked(before.site, before.commit, device)
        newer = await self._archive.read_marked(after.site, after.commit, device)
        return await asyncio.to_thread(self._compared, device, older, newer)

    async def masked_text(self, device: str, version: Version) -> str:
        """The whole configuration of ``version``, lines ended by LF.

        Raises:
            ArchiveError: the version cannot be read.
        """
        stored = await self._archive.read_marked(version.site, version.commit, device)
        return await asyncio.to_thread(lambda: self._shown(device, stored).text)

    async def line_count(self, device: str, version: Version) -> int:
        """How many lines the configuration of ``version`` has.

        Raises:
            ArchiveError: the version cannot be read.
        """
        return len((await self.masked_text(device, version)).splitlines())

    async def secrets(self, device: str, version: Version) -> Secrets:
        """What of ``version`` must stand in no message.

        Raises:
            ArchiveError: the version cannot be read.
        """
        known = self._secrets.get((device, version.commit))
        if known is None:
            stored = await self._archive.read_marked(version.site, version.commit, device)
            known = await asyncio.to_thread(self._secrets_in, device, stored, version.author or "")
        self._secrets[device, version.commit] = known
        self._secrets.move_to_end((device, version.commit))
        if len(self._secrets) > _REMEMBERED:
            self._secrets.popitem(last=False)
        return known

    def masked(self, device: str, text: str) -> str:
        """A short text that ``device`` sent."""
        return self._masked(device, text).text

    def facts(self, run: Run) -> str:
        """The facts of ``run`` as they may be shown: of a device whose texts stay out of Slack only our own words."""
        if self.is_link_only(run.device, run.site) and not has_our_words(run):
            return ""
        return self.masked(run.device, run.facts)

    def evidence(self, run: Run) -> Evidence | None:
        """How far ``run`` came, as it may be shown: of a device whose texts stay out of Slack only our own words."""
        if run.evidence and self.is_link_only(run.device, run.site):
            return replace(run.evidence, awaited="", screen=())
        return self.masked_evidence(run)

    def masked_evidence(self, run: Run) -> Evidence | None:
        """How far ``run`` came, for somebody at this machine."""
        found = run.evidence
        if found is None:
            return None
        screen = self.masked(run.device, "\n".join(found.screen)).split("\n") if found.screen else ()
        awaited, command = (self.masked(run.device, text) for text in (found.awaited, found.command))
        return replace(found, command=command, awaited=awaited, screen=tuple(screen))

    def is_link_only(self, device: str, site: str | None = None) -> bool:
        """Whether no text of ``device`` may stand in Slack, masked or not."""
        return self._inventory.is_link_only(device, site)

    def _compared(self, device: str, older: StoredText, newer: StoredText) -> ConfigDiff:
        """Masked before comparing, not after: a secret may reach over lines that a diff would tear apart."""
        old, new = self._comparable(device, older.raw), self._comparable(device, newer.raw)
        own = (*older.own_words, *newer.own_words)
        masked_old, masked_new = self._masked(device, old, own=own), self._masked(device, new, own=own)
        before = self._masked(device, old, also=masked_new.secrets, own=own).text
        after = self._masked(device, new, also=masked_old.secrets, own=own).text
        platform = self._platform(device)
        if platform is None:
            return ConfigDiff.of(before, after)
        secrets = secret_change(old, new, platform)
        found = ConfigDiff.of(before, after, platform.structure)
        return replace(found, secrets_changed=secrets.count, only_secrets=secrets.is_all)

    def _comparable(self, device: str, raw: bytes) -> str:
        platform = self._platform(device)
        return texts.comparable(raw, platform) if platform else texts.decode(raw)

    def _shown(self, device: str, stored: StoredText) -> Masked:
        return self._masked(device, texts.decode(stored.raw).replace("\r\n", "\n"), own=stored.own_words)

    def _secrets_in(self, device: str, stored: StoredText, author: str) -> Secrets:
        masked = self._shown(device, stored)
        return Secrets.of(masked.secrets, shown=masked.text, names=(author, *self._names(device)))

    def _masked(self, device: str, text: str, *, also: tuple[str, ...] = (), own: tuple[str, ...] = ()) -> Masked:
        secrets: tuple[str, ...] = ()
        for platform in self._rules(device):
            masked = mask(text, platform, self._salt, also=also, own=own)
            text, secrets = masked.text, (*secrets, *masked.secrets)
        return Masked(text, secrets)

    def _names(self, device: str) -> tuple[str, ...]:
        """What is no secret although it may be somebody's password."""
        declared = self._inventory.devices.get(device)
        site = self._inventory.sites.get(declared.site) if declared else None
        return (device, site.key, site.name) if site else (device,)

    def _platform(self, device: str) -> Platform | None:
        return rules_for(device, self._inventory, self._platforms)

    def _rules(self, device: str) -> tuple[Platform, ...]:
        """The rules of its platform; of a device that is no longer declared nobody knows it, so all of them."""
        platform = self._platform(device)
        return (platform,) if platform else every_rule(self._inventory, self._platforms)


_OUR_OWN_WORDS: Final = frozenset(  # facts of these kinds are sentences of Lastgood, not text of a device
    {
        FailureKind.NEVER_STARTED,
        FailureKind.INTERRUPTED,
        FailureKind.AGENT_LOST,
        FailureKind.WRONG_SITE,
        FailureKind.NOT_DECLARED,
    }
)


def has_our_words(run: Run) -> bool:
    """Whether the facts of ``run`` are sentences of Lastgood, not text of a device."""
    return run.reason in _OUR_OWN_WORDS or run.cause is not None
