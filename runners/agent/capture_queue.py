"""Which capture is next: limits for the agent and for each site, one session for each device."""

from __future__ import annotations

from collections import Counter, deque
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from runners.wire.messages import Capture


class CaptureQueue:
    """Captures waiting for their turn, oldest first within a site, the sites taking turns."""

    def __init__(self, *, concurrency: int, per_site: int, site_limits: Mapping[str, int]) -> None:
        self._concurrency = concurrency
        self._per_site = per_site
        self._site_limits = site_limits
        self._sites: dict[str, deque[Capture]] = {}
        self._turns: deque[str] = deque()  # the sites in the order in which they may start something
        self._behind: dict[str, deque[Capture]] = {}  # device -> captures that wait for the one under way
        self._at_site: Counter[str] = Counter()
        self._devices: set[str] = set()  # with a session open
        self._waiting = 0

    def __len__(self) -> int:
        return self._waiting

    def add(self, job: Capture) -> None:
        """Let ``job`` wait for its turn."""
        self._waiting += 1
        self._line(job.site).append(job)

    def next(self) -> Capture | None:
        """A capture that may start now, counted as started; None: none may."""
        if len(self._devices) >= self._concurrency:
            return None
        for _ in range(len(self._turns)):
            site = self._turns[0]
            self._turns.rotate(-1)
            job = self._from_site(site)
            if job:
                return job
        return None

    def done(self, job: Capture) -> None:
        """``job`` has ended: its device and its places are free again."""
        self._devices.discard(job.device)
        self._at_site[job.site] -= 1
        if not self._at_site[job.site]:
            del self._at_site[job.site]
        behind = self._behind.get(job.device)
        if behind:
            self._line(job.site).appendleft(behind.popleft())
        if not behind:
            self._behind.pop(job.device, None)

    def remove(self, run: int) -> Capture | None:
        """Take the capture of ``run`` out, when it has not started; None: it does not wait here."""
        for line in [*self._sites.values(), *self._behind.values()]:
            for job in line:
                if job.run == run:
                    line.remove(job)
                    self._waiting -= 1
                    return job
        return None

    def _line(self, site: str) -> deque[Capture]:
        if site not in self._sites:
            self._sites[site] = deque()
            self._turns.append(site)
        return self._sites[site]

    def _from_site(self, site: str) -> Capture | None:
        line = self._sites[site]
        limit = self._site_limits.get(site, self._per_site)
        while line and self._at_site[site] < limit:
            job = line.popleft()
            if job.device in self._devices:
                self._behind.setdefault(job.device, deque()).append(job)
                continue
            self._devices.add(job.device)
            self._at_site[site] += 1
            self._waiting -= 1
            return job
        if not line:
            del self._sites[site]
            self._turns.remove(site)
        return None
