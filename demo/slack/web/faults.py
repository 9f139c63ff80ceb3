"""Faults on demand: what the real Slack does on a bad day, for the next calls or until further notice."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from demo.slack.state.values import Json
    from domain.clock import Clock

Kind = Literal["rate_limit", "status", "drop", "slow", "error"]


@dataclass
class Fault:
    """One fault: the next ``times`` calls of ``method`` (``*`` matches) after ``skip`` others get it.

    ``happened`` counts how often it struck. ``times`` of None: until ``clear``.
    """

    kind: Kind
    method: str
    times: int | None = 1
    skip: int = 0
    where: Callable[[Json], bool] = lambda _: True
    after_effect: bool = False  # the call is carried out, and only its answer is lost
    status: int = 503
    body: str = "html"  # of a 5xx: html, plain, or JSON that is cut off
    retry_after: int | str | None = 1  # seconds, or what stands in the header instead of them; None: no header
    delay: timedelta = timedelta(0)
    code: str = ""
    happened: int = 0

    def strikes(self, method: str, args: Json) -> bool:
        """Whether this call gets the fault; counts it."""
        if not fnmatchcase(method, self.method) or not self.where(args):
            return False
        if self.skip > 0:
            self.skip -= 1
            return False
        if self.times is not None and self.happened >= self.times:
            return False
        self.happened += 1
        return True


@dataclass
class Faults:
    """What is to go wrong. ``method``: a Web API one, ``upload``, ``response_url``, or a pattern such as ``chat.*``."""

    clock: Clock
    sockets_closed: Callable[[], Awaitable[None]]
    pending: list[Fault] = field(default_factory=list)
    duplicates: dict[str, int] = field(default_factory=dict)  # envelope type: how many more come twice
    copies: dict[str, int] = field(default_factory=dict)  # envelope type: further deliveries of each of those
    out_until: datetime | None = None
    out: bool = False

    def rate_limit(self, method: str, *, retry_after: int | str | None = 1, **which: object) -> Fault:
        """Answer 429 with ``Retry-After``, as Slack or a proxy may write it."""
        return self._add("rate_limit", method, which, retry_after=retry_after)

    def server_error(
        self, method: str, *, status: int = 503, after_effect: bool = False, body: str = "html", **which: object
    ) -> Fault:
        """Answer with a 5xx, before or after the call took effect, with a ``body`` of ``BODIES``."""
        return self._add("status", method, which, status=status, after_effect=after_effect, body=body)

    def drop(self, method: str, *, after_effect: bool = False, **which: object) -> Fault:
        """Cut the connection instead of answering; ``after_effect`` makes it a lost response."""
        return self._add("drop", method, which, after_effect=after_effect)

    def slow(self, method: str, delay: timedelta, **which: object) -> Fault:
        """Carry the call out, and answer ``delay`` (of the handed clock) later."""
        return self._add("slow", method, which, delay=delay)

    def refuse_app(self, code: str, method: str = "*", **which: object) -> Fault:
        """Refuse the app itself: each call to the Web API gets ``code``, such as ``token_revoked``, until ``clear``."""
        return self._add("error", method, {"times": None, **which}, code=code)

    def error(self, method: str, code: str, **which: object) -> Fault:
        """Refuse with a Slack error code, such as ``is_archived``."""
        return self._add("error", method, which, code=code)

    def _add(self, kind: Kind, method: str, which: dict[str, object], **how: object) -> Fault:
        fault = Fault(kind, method, **which, **how)  # type: ignore[arg-type]  # times, skip, where: Fault checks names
        self.pending.append(fault)
        return fault

    def striking(self, method: str, args: Json) -> Fault | None:
        """The fault for this call, if any."""
        return next((fault for fault in self.pending if fault.strikes(method, args)), None)

    def clear(self) -> None:
        """No more faults."""
        self.pending.clear()
        self.duplicates.clear()
        self.end_outage()

    async def outage(self, duration: timedelta | None = None) -> None:
        """Nothing works: calls are cut off and sockets closed, for ``duration`` or until ``end_outage``."""
        self.out = True
        self.out_until = None if duration is None else self.clock.now() + duration
        await self.sockets_closed()

    def end_outage(self) -> None:
        """Everything works again."""
        self.out, self.out_until = False, None

    @property
    def in_outage(self) -> bool:
        """Whether Slack is out of reach right now."""
        if self.out and self.out_until is not None and self.clock.now() >= self.out_until:
            self.end_outage()
        return self.out

    def out_of_reach(self) -> Fault:
        """What every call gets during an outage."""
        return Fault("drop", "*", code="outage")

    def duplicate(self, kind: str, *, times: int = 1, copies: int = 1) -> None:
        """Deliver the next envelopes of ``kind`` (``events_api``, ``slash_commands``, ``interactive``) twice.

        With ``copies`` each comes so many times more than once.
        """
        self.duplicates[kind] = self.duplicates.get(kind, 0) + times
        self.copies[kind] = copies

    def takes_duplicate(self, kind: str) -> int:
        """How many times this envelope is to come again; counts it."""
        left = self.duplicates.get(kind, 0)
        self.duplicates[kind] = max(0, left - 1)
        return self.copies.get(kind, 1) if left > 0 else 0
