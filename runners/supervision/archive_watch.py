"""Looks through the archive, a little at a time and again and again: is every text there that the database names?"""

from __future__ import annotations

import logging
from collections import defaultdict
from typing import TYPE_CHECKING

from domain.events.alerts import ArchiveDamaged
from storage.archive.archive import ArchiveError
from storage.devices import missing

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence
    from datetime import date

    from domain.clock import Clock
    from domain.configs.versions import Version
    from domain.inventory.declared import Inventory
    from storage.archive.archive import Archive

log = logging.getLogger(__name__)

MAX_CHECKED_VERSIONS = 500  # whose texts are read in one go
MAX_CHECKED_BYTES = 64 * 1024 * 1024  # of texts that are read in one go
MAX_CHECKS_A_ROUND = 20  # goes one after the other, as long as something is found to be missing


class ArchiveWatch:
    """Marks versions whose text is missing, and tells owners once of what it finds each day."""

    def __init__(
        self,
        archive: Archive,
        *,
        inventory: Inventory,
        clock: Clock,
        tell: Callable[[ArchiveDamaged], Awaitable[None]],
    ) -> None:
        self._archive = archive
        self._inventory = inventory
        self._clock = clock
        self._tell = tell
        self._before: int | None = None  # row of the last version that was looked at; None: begin with the newest
        self._told_aside: frozenset[str] = frozenset()
        self._put_back: tuple[date, frozenset[str]] | None = None  # sites, on that day
        self._untold: frozenset[str] = frozenset()  # sites whose branch was put back, and nobody was told
        self._marked = 0  # texts known to be missing when last counted
        self.missing = 0  # texts
        self.without_text = 0  # devices whose newest text is missing

    @property
    def is_whole(self) -> bool:
        """Whether every repository can be used, and the newest text of every device is there."""
        return not self._archive.set_aside and not self.without_text

    async def tick(self) -> None:
        """One round of bounded work."""
        await self._archive.look_after()
        for _ in range(MAX_CHECKS_A_ROUND):
            if not await self._check_some():
                break
        await self._count_and_tell()

    async def _count_and_tell(self) -> None:
        counts = await missing.missing_counts()
        self.missing = sum(counts.values())
        devices = await missing.devices_without_newest() if counts else []
        self.without_text = sum(one in self._inventory.devices for one in devices)
        aside, put_back = frozenset(self._archive.set_aside), self._archive.take_put_back()
        is_worse = self.missing > self._marked or aside - self._told_aside or put_back or self._untold
        if is_worse:
            self._untold |= put_back
            await self._tell(self._alert(counts, aside, self._untold))
        self._untold = frozenset()
        self._marked, self._told_aside = self.missing, aside

    def _alert(self, counts: dict[str, int], aside: frozenset[str], put_back: frozenset[str]) -> ArchiveDamaged:
        today = self._clock.now().date()
        earlier = self._put_back[1] if self._put_back and self._put_back[0] == today else frozenset()
        self._put_back = (today, earlier | put_back)
        return ArchiveDamaged(
            day=today,
            missing={site: count for site, count in counts.items() if site in self._inventory.sites},
            without_text=self.without_text,
            set_aside=tuple(sorted(aside)),
            put_back=tuple(sorted(earlier | put_back)),
        )

    async def _check_some(self) -> bool:
        """Look at the next versions; True: a text is missing that was not known to be."""
        rows = await missing.checked_next(self._before, limit=MAX_CHECKED_VERSIONS)
        if not rows:
            self._before = None
            return False
        chosen: list[Version] = []
        size = 0
        for row, version in rows:
            if chosen and size + version.size > MAX_CHECKED_BYTES:
                break
            self._before, size = row, size + version.size
            chosen.append(version)
        return await self._check(chosen)

    async def _check(self, versions: Sequence[Version]) -> bool:
        by_site: dict[str, dict[tuple[str, str], Version]] = defaultdict(dict)
        for one in versions:
            if one.site in self._inventory.sites and one.site not in self._archive.set_aside:
                by_site[one.site][one.commit, one.device] = one
        lost: list[Version] = []
        found: list[Version] = []
        for site, texts in by_site.items():
            try:
                gone = set(await self._archive.unreadable(site, list(texts)))
            except ArchiveError as error:
                log.warning("texts cannot be looked at", extra={"site": site, "error": str(error)})
                continue
            lost += [one for pair, one in texts.items() if pair in gone and not one.missing_since]
            found += [one for pair, one in texts.items() if pair not in gone and one.missing_since]
        await self._note(lost, found)
        return bool(lost)

    async def _note(self, lost: Sequence[Version], found: Sequence[Version]) -> None:
        if lost:
            log.error("texts are missing from the archive", extra={"versions": len(lost), "first": lost[0].commit})
            await missing.note_missing(lost, self._clock.now())
        if found:
            log.info("texts are in the archive again", extra={"versions": len(found)})
            await missing.note_found(found)
