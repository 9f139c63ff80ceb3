"""The agent as a process of its own, behind the local transport."""

from __future__ import annotations

import asyncio
import os
import signal
import stat
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from demo.fleet import Fault
from demo.fleet.device import DEMO_PASSWORD
from runners.transport.base import AgentAway, Connected, Disconnected, Event, Received
from runners.transport.local import LocalTransport
from runners.wire.frames import framed
from runners.wire.messages import FROM_AGENT, Cancel, Captured, Failed, Hello, Started
from tests.runners.agent_ground import TIMEOUT, RealClock, job_for
from tests.support.fleet_fixtures import fleet, switch  # noqa: F401 - fixtures

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from demo.fleet import Device

ROOT = Path(__file__).parents[3]

# An agent as bot starts it, without the settings file.
CHILD = """
import asyncio, sys
from datetime import timedelta
from pathlib import Path
from runners.agent.secrets.credentials import CredentialSources
from runners.agent.main import run_agent
from runners.agent.settings import AgentSettings
from runners.platforms.reading import load_platforms
from tests.runners.agent_ground import RealClock


class Clock(RealClock):
    async def sleep(self, pause):
        await asyncio.sleep(pause.total_seconds())


asyncio.run(run_agent(AgentSettings(
    name="local", socket=Path(sys.argv[1]), platforms=load_platforms(), heartbeat=timedelta(milliseconds=100),
    credentials={"lab": CredentialSources("backup", password="env:LAB_PASSWORD")},
), clock=Clock()))
"""


OTHER = framed(FROM_AGENT.dump_json(Hello(agent="other", concurrency=1)))


class Seen:
    """Takes the transport's events, and lets a test wait for one."""

    def __init__(self, transport: LocalTransport) -> None:
        self.events: list[Event] = []
        self._more = asyncio.Condition()
        self._task = asyncio.create_task(self._take(transport))

    async def _take(self, transport: LocalTransport) -> None:
        async for event in transport.events():
            async with self._more:
                self.events.append(event)
                self._more.notify_all()

    async def until(self, wanted: Callable[[Event], bool], *, count: int = 1) -> Event:
        """The event number ``count`` that is ``wanted``."""
        async with asyncio.timeout(TIMEOUT), self._more:
            await self._more.wait_for(lambda: sum(map(wanted, self.events)) >= count)
        return [event for event in self.events if wanted(event)][count - 1]

    async def message(self, *kinds: type) -> object:
        """The first message of one of these kinds."""
        event = await self.until(lambda one: isinstance(one, Received) and isinstance(one.message, kinds))
        assert isinstance(event, Received)
        return event.message

    async def ended(self) -> None:
        """Wait for the end of the events."""
        await self._task


@pytest.fixture
async def transport() -> AsyncIterator[LocalTransport]:
    environment = os.environ | {"LAB_PASSWORD": DEMO_PASSWORD, "PYTHONPATH": str(ROOT)}
    commands = {"local": lambda socket: [sys.executable, "-c", CHILD, str(socket)]}
    local = LocalTransport(commands, clock=RealClock(), environment=environment)
    await local.start()
    yield local
    await local.close()


@pytest.fixture
async def seen(transport: LocalTransport) -> Seen:
    return Seen(transport)


async def test_agent_says_hello_and_captures(transport: LocalTransport, seen: Seen, switch: Device) -> None:  # noqa: F811
    await seen.message(Hello)

    await transport.send("local", job_for(switch, run=3))
    end = await seen.message(Captured, Failed)

    assert isinstance(end, Captured)
    assert (end.run, end.text) == (3, switch.wire)
    assert seen.events[0] == Connected("local")


async def test_big_configuration_passes_the_socket(transport: LocalTransport, seen: Seen, switch: Device) -> None:  # noqa: F811
    switch.fault = Fault.BIG
    await seen.message(Hello)

    await transport.send("local", job_for(switch))
    end = await seen.message(Captured, Failed)

    assert isinstance(end, Captured)
    assert end.text == switch.wire


async def test_cancel_reaches_a_hanging_session_a7(transport: LocalTransport, seen: Seen, switch: Device) -> None:  # noqa: F811
    switch.fault = Fault.HANGS_IN_CONFIG
    await seen.message(Hello)
    await transport.send("local", job_for(switch, run=5))
    await seen.message(Started)

    await transport.send("local", Cancel(run=5))
    end = await seen.message(Captured, Failed)

    assert isinstance(end, Failed)
    assert end.kind.value == "cancelled"


async def test_killed_agent_is_started_again(transport: LocalTransport, seen: Seen) -> None:
    await seen.message(Hello)
    (pid,) = transport.pids()

    os.kill(pid, signal.SIGKILL)
    await seen.until(lambda one: isinstance(one, Disconnected))
    await seen.until(lambda one: isinstance(one, Connected), count=2)

    assert transport.pids() != (pid,)


async def test_closing_ends_the_child_and_the_events(transport: LocalTransport, seen: Seen) -> None:
    await seen.message(Hello)
    (pid,) = transport.pids()

    await transport.close()
    await seen.ended()

    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


async def test_closing_does_not_wait_for_anybody_to_take_events(transport: LocalTransport) -> None:
    async with asyncio.timeout(TIMEOUT):
        await transport.close()

    with pytest.raises(AgentAway):
        await transport.send("local", Cancel(run=1))


async def test_unknown_agent_is_away(transport: LocalTransport) -> None:
    with pytest.raises(AgentAway):
        await transport.send("elsewhere", Cancel(run=1))


async def test_socket_stands_in_a_private_folder(transport: LocalTransport) -> None:
    assert transport.folder is not None

    assert stat.S_IMODE(transport.folder.stat().st_mode) == 0o700


@pytest.mark.parametrize(
    "said",
    [b"\x00\x00\x00\x02{}", b"\xff\xff\xff\xff", b"GET / HTTP/1.1\r\n\r\n", OTHER],
    ids=["no message", "a huge frame", "another protocol", "an unknown agent"],
)
async def test_stranger_is_hung_up_on(transport: LocalTransport, said: bytes) -> None:
    assert transport.folder is not None
    (socket,) = transport.folder.glob("*.sock")
    reader, writer = await asyncio.open_unix_connection(str(socket))

    writer.write(said)
    writer.write_eof()

    async with asyncio.timeout(TIMEOUT):
        assert await reader.read() == b""
    writer.close()


def test_agent_process_never_loads_the_database_slack_or_jinja_nor_unasked_what_reads_vaults_and_keyrings() -> None:
    database_and_slack = ("tortoise", "slack_sdk", "slack_bolt", "jinja2", "pygit2", "aiohttp", "storage")
    unwanted = (*database_and_slack, "notifications", "hvac", "requests", "keyring")
    question = f"""
import sys
import runners.agent.main, runners.platforms.reading
print([name for name in {unwanted} if name in sys.modules])
"""

    answer = subprocess.run([sys.executable, "-c", question], cwd=ROOT, capture_output=True, text=True, check=True)  # noqa: S603

    assert answer.stdout.strip() == "[]"
