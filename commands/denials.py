"""Writing down what was refused: who tried what, at every door; a flood of tries is counted and not written out."""

from __future__ import annotations

import logging
from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

from commands.input.values import run_number
from domain.audit import COUNT_KEY, REASON_KEY, AuditAction, AuditEntry
from domain.errors import NotAllowed, UnknownName
from storage.access import audit
from storage.runs.runs import run_by_id

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from domain.access.access import Access
    from domain.access.people import Person
    from domain.clock import Clock

log = logging.getLogger(__name__)

MAX_DENIALS_A_MINUTE = 10  # entries for one person; the rest of that minute is counted
_MINUTE = timedelta(minutes=1)
MAX_DENIED_PERSONS = 1_000  # whose present minute is remembered

_NAMED = frozenset({"device", "site", "device or site"})  # kinds of names that app.yaml declares


@dataclass(slots=True)
class _Minute:
    """What one person was refused since ``began``, a steady moment."""

    began: datetime
    written: int = 0
    left_out: Counter[str | None] = field(default_factory=Counter)  # by site


class Denials:
    """Notes denied tries in the audit. Nothing here raises: a refusal is a refusal, also when it cannot be noted."""

    def __init__(self, access: Access, clock: Clock) -> None:
        self._access = access
        self._clock = clock
        self._minutes: dict[str, _Minute] = {}

    async def note(self, person: Person, error: Exception, *, tried: str, correlation: str = "") -> None:
        """Note that ``person`` was refused ``tried``, if ``error`` is that: any other error is left alone.

        Whoever names something that exists and that they may not see is told that there is no such thing; for the
        audit it is a denied try like any other.
        """
        try:
            where = await self._hidden(error, person) if isinstance(error, UnknownName) else None
        except Exception:
            log.exception("a denied try could not be looked at", extra={"person": person.id})
            return
        if where is not None:
            site, device = where
            error = NotAllowed(f"may not see {device or site}", advice="", site=site, device=device)
        if isinstance(error, NotAllowed):
            await self.refused(person.id, error, tried=tried, correlation=correlation)

    async def refused(self, person: str, error: NotAllowed, *, tried: str, correlation: str = "") -> None:
        """Note that somebody was refused, of whom no more may be known than the Slack id."""
        try:
            await self._note(person, error, tried=tried, correlation=correlation)
        except Exception:
            log.exception("a denied try could not be noted", extra={"person": person})

    async def flush(self) -> None:
        """Write down how many tries have been left out so far, such as before somebody reads the audit."""
        try:
            await audit.note(*self._counted(over=False))
        except Exception:
            log.exception("the count of denied tries could not be noted")

    async def _note(self, person: str, error: NotAllowed, *, tried: str, correlation: str) -> None:
        entries = list(self._counted(over=True))
        now, steady = self._clock.now(), self._clock.steady()
        while len(self._minutes) >= MAX_DENIED_PERSONS and person not in self._minutes:
            entries += _left_out(oldest := next(iter(self._minutes)), self._minutes.pop(oldest), now)
        minute = self._minutes.setdefault(person, _Minute(steady))
        if minute.written < MAX_DENIALS_A_MINUTE:
            minute.written += 1
            entries.append(
                AuditEntry(
                    at=now,
                    actor=person,
                    what=AuditAction.TRIED,
                    site=error.site,
                    device=error.device,
                    target=tried,
                    after={REASON_KEY: str(error).removeprefix(f"{person} ")},
                    denied=True,
                    correlation=correlation,
                )
            )
        else:
            minute.left_out[error.site] += 1
        await audit.note(*entries)

    def _counted(self, *, over: bool) -> Iterator[AuditEntry]:
        """Entries for what was left out, each told once; ``over``: only of minutes that have passed."""
        now, steady = self._clock.now(), self._clock.steady()
        for person, minute in list(self._minutes.items()):
            has_passed = steady - minute.began >= _MINUTE
            if has_passed or not over:
                yield from _left_out(person, minute, now)
                minute.left_out.clear()
            if has_passed:
                del self._minutes[person]

    async def _hidden(self, error: UnknownName, person: Person) -> tuple[str, str | None] | None:
        """The site, and the device, that was named and that ``person`` may not see; None: there is nothing like it."""
        if error.hidden:
            return error.hidden
        inventory = self._access.inventory
        device = inventory.devices.get(error.name) if error.kind in _NAMED else None
        if device:
            return None if self._access.sees(person, device.site, device.name) else (device.site, device.name)
        if error.kind in _NAMED and error.name in inventory.sites:
            return None if self._access.role(person, error.name) else (error.name, None)
        number = run_number(error.name) if error.kind == "run" else None
        run = await run_by_id(number) if number is not None else None
        return (run.site, run.device) if run and not self._access.sees(person, run.site, run.device) else None


def _left_out(person: str, minute: _Minute, now: datetime) -> Iterator[AuditEntry]:
    for site, count in minute.left_out.items():
        yield AuditEntry(
            at=now,
            actor=person,
            what=AuditAction.TRIED,
            site=site,
            target="more denied requests within a minute",
            after={COUNT_KEY: str(count)},
            denied=True,
        )
