"""What the tests of the agent's side share: jobs for devices of the fleet, limits, a list of reports."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from runners.platforms.reading import load_platforms
from runners.ssh.login import Login
from runners.wire.messages import Capture, Captured, Failed, FromAgent, Limits, LoginTarget

if TYPE_CHECKING:
    from collections.abc import Callable

    from demo.fleet import Device

PLATFORMS = load_platforms()
TIMEOUT = 120  # seconds: a last resort, never a measure
_FAR = timedelta(seconds=TIMEOUT)
WIDE = Limits(connect=_FAR, login=_FAR, silence=_FAR, running=_FAR)  # nobody who answers comes near them


def short(**seconds: float) -> Limits:
    """Wide limits but for those that something which hangs is to meet, in seconds."""
    return WIDE.model_copy(update={name: timedelta(seconds=limit) for name, limit in seconds.items()})


class RealClock:
    """The machine's own time, with pauses cut out."""

    def now(self) -> datetime:
        """The present moment, UTC and aware."""
        return datetime.now(UTC)

    def steady(self) -> datetime:
        """As if nobody ever set it."""
        return datetime.now(UTC)

    async def sleep(self, pause: timedelta) -> None:
        """Let others run; no test waits for a pause."""
        del pause
        await asyncio.sleep(0)


class Reports:
    """Keeps what an agent reports, and lets a test wait for it."""

    def __init__(self) -> None:
        self.messages: list[FromAgent] = []
        self._more = asyncio.Condition()

    async def send(self, message: FromAgent) -> None:
        """Keep ``message``."""
        async with self._more:
            self.messages.append(message)
            self._more.notify_all()

    def ends(self) -> list[Captured | Failed]:
        """The reports that ended a run."""
        return [message for message in self.messages if isinstance(message, Captured | Failed)]

    async def until(self, count: int) -> list[Captured | Failed]:
        """Wait until ``count`` runs have ended."""
        async with self._more:
            await self._more.wait_for(lambda: len(self.ends()) >= count)
        return self.ends()

    async def until_message(self, kind: type[FromAgent], count: int = 1) -> None:
        """Wait for ``count`` messages of one kind."""
        async with self._more:
            await self._more.wait_for(lambda: sum(isinstance(one, kind) for one in self.messages) >= count)


async def until(is_so: Callable[[], bool]) -> None:
    """Let others run until ``is_so``: for what a device sees, which has no event to wait for."""
    async with asyncio.timeout(TIMEOUT):
        while not is_so():  # noqa: ASYNC110 - the fleet is other people's code
            await asyncio.sleep(0)


def login_of(device: Device) -> Login:
    """The log-in that ``device`` accepts."""
    return Login(device.username, password=device.password, enable=device.enable_password)


def job_for(device: Device, **changes: Any) -> Capture:  # noqa: ANN401 - fields of Capture
    """A capture of ``device`` within wide limits, without retries."""
    target = LoginTarget(
        host=device.host, port=device.port, credentials=("lab",), algorithms=changes.pop("algorithms", ())
    )
    if "host_key" in changes:
        target = target.model_copy(update={"host_key": changes.pop("host_key")})
    facts: dict[str, Any] = {
        "run": 1,
        "device": device.name,
        "site": "plant-a",
        "platform": device.platform,
        "target": target,
        "retries": 0,
        "limits": WIDE,
    }
    return Capture(**(facts | changes))
