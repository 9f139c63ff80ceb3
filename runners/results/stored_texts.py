"""What a capture is compared with: the newest version whose text is really there, looked at each time.

"Up to Date" against a text that does not exist would be a lie that nobody finds before the day it is needed.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from typing import TYPE_CHECKING

from runners.state.database_retry import patiently
from storage.archive.archive import ArchiveError
from storage.devices import devices as device_store
from storage.devices import missing
from storage.devices import versions as version_store

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from domain.clock import Clock
    from domain.configs.versions import DeviceState, Version
    from storage.archive.archive import Archive

log = logging.getLogger(__name__)


class StoredTexts:
    """Knows the state of devices, and makes sure of the text behind it."""

    def __init__(self, archive: Archive, clock: Clock) -> None:
        self._archive = archive
        self._clock = clock

    async def states(self, devices: Sequence[str]) -> tuple[dict[str, DeviceState], frozenset[str]]:
        """What is known of each of ``devices``, and the sites whose texts cannot be looked at now."""
        states = await patiently(lambda: device_store.device_states(devices))
        named = [(one.device, one.version) for one in states.values() if one.version is not None]
        newest = await patiently(lambda: version_store.versions_numbered(named))
        lost, closed = await self._lost(newest)
        if lost:
            closed |= await self._note(lost)
            states = await patiently(lambda: device_store.device_states(devices))
        return states, closed

    async def _lost(self, versions: Iterable[Version]) -> tuple[list[Version], frozenset[str]]:
        """Those whose text is missing; and the sites of which that cannot be told."""
        by_site: dict[str, dict[tuple[str, str], Version]] = defaultdict(dict)
        for one in versions:
            by_site[one.site][one.commit, one.device] = one
        lost: list[Version] = []
        closed: set[str] = set()
        for site, texts in by_site.items():
            try:
                lost += [texts[pair] for pair in await self._archive.unreadable(site, list(texts))]
            except ArchiveError as error:
                log.error("texts cannot be looked at", extra={"site": site, "error": str(error)})  # noqa: TRY400 - its facts are enough
                closed.add(site)
        return lost, frozenset(closed)

    async def _note(self, newest: Sequence[Version]) -> frozenset[str]:
        """Look at all versions of these devices: what else is missing must not be compared with either.

        Returns the sites of which that cannot be told now.
        """
        every = [one for version in newest for one in await missing.versions_at(version.device, version.site)]
        found, closed = await self._lost(every)
        lost = list({(one.commit, one.device): one for one in (*newest, *found)}.values())
        log.error("texts are missing", extra={"devices": [one.device for one in newest][:20], "versions": len(lost)})
        await patiently(lambda: missing.note_missing(lost, self._clock.now()))
        return closed
