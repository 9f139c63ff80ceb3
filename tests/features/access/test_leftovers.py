"""Row C1: after good, failed and killed runs no password is left anywhere but where it is kept."""

from __future__ import annotations

import asyncio
import os
import signal
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from bot.serving.agents import local_transport
from demo.fleet import Fault
from demo.fleet.device import DEMO_PASSWORD
from domain.failures import FailureKind
from runners.transport import local
from runners.transport.local import LocalTransport
from runners.wire.frames import framed, read_frame
from tests.features.asking import back_up, last_run
from tests.features.credentials.places import KEPT, place, vault_server
from tests.features.sweep import command_lines
from tests.support.database_fixtures import BOTH
from tests.support.serve_process import until, works

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable

    from demo.fleet import Device
    from tests.features.credentials.places import Place
    from tests.features.sweep import Seeds
    from tests.support.serve_fixtures import Town
    from tests.support.serve_process import Works

__all__ = ["place", "vault_server"]


class Wire:
    """Every byte between ``serve`` and its agents."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.seen = bytearray()
        monkeypatch.setattr(local, "framed", self._framed)
        monkeypatch.setattr(local, "read_frame", self._read_frame)

    def _framed(self, content: bytes) -> bytes:
        self.seen += content
        return framed(content)

    async def _read_frame(self, reader: asyncio.StreamReader) -> bytes | None:
        content = await read_frame(reader)
        self.seen += content or b""
        return content


@pytest.mark.parametrize("place", KEPT, indirect=True)
async def test_c1_password_is_left_nowhere_after_good_failed_and_killed_runs(
    town: Town, seeds: Seeds, place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    wire = Wire(monkeypatch)
    password = "Zq7keptVx"
    seeds.of_people += [password, *place.secrets]  # looked for everywhere when the test ends
    place.keep(password)
    monkeypatch.delenv("LAB_PASSWORD")
    town.settings["credentials"]["lab"]["password"] = place.source
    town.settings |= place.settings
    switch = await town.add_device("core-sw1", password=password, retries=0)
    transport = local_transport(settings := town.write_settings(), settings.to_inventory())
    assert isinstance(transport, LocalTransport)
    await town.start(transport=transport)

    await back_up(town, "core-sw1")
    switch.fault = Fault.WRONG_PASSWORD
    message = await back_up(town, "core-sw1")
    refused = (await last_run("core-sw1")).reason
    switch.fault = Fault.HANGS_IN_CONFIG
    await town.command(town.anna, "/backup now core-sw1")
    await until(_is_open(switch), "a session")
    [agent] = transport.pids()
    inherited = await asyncio.to_thread(Path(f"/proc/{agent}/environ").read_bytes)
    os.kill(agent, signal.SIGKILL)
    await town.final("core-sw1", after=message)

    assert refused is FailureKind.AUTHENTICATION
    assert (await last_run("core-sw1")).reason is FailureKind.AGENT_LOST
    assert b'"capture"' in wire.seen
    assert b'"captured"' in wire.seen
    assert _found(bytes(wire.seen), seeds.of_people) == []
    assert _found(inherited, seeds.of_people) == []


@pytest.mark.parametrize("kind", BOTH)
async def test_c1_password_is_left_nowhere_when_the_bot_is_killed(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with tempfile.TemporaryDirectory(prefix="left-") as temporary:
        monkeypatch.setenv("TMPDIR", temporary)
        async with works(kind, tmp_path, devices=["sw1", "sw2"]) as here:
            site = here.next_site()
            await here.ready(site)
            await here.ask("/backup now sw1", site)
            await here.ask(f"/backup now {site}", site)
            await until(_has_stored(here, "sw1", "sw2"), "good runs")
            await here.settled()  # or the next command would join what still goes well
            here.fleet["sw1"].fault = Fault.HANGS_IN_CONFIG
            here.fleet["sw2"].fault = Fault.WRONG_PASSWORD
            await here.ask(f"/backup now {site}", site)
            await until(_count(here, "outcome = 'failed'"), "a refused log-in")
            await until(_is_open(here.fleet["sw1"]), "a session")

            processes = command_lines()
            here.serve.kill()
            await here.serve.ended()

            dumped = await _dump(here)
            assert "authentication" in dumped
            assert DEMO_PASSWORD not in dumped
            assert DEMO_PASSWORD not in processes
            assert DEMO_PASSWORD not in here.serve.log.read_text()
            assert _files_with(DEMO_PASSWORD, tmp_path, Path(temporary)) == []


async def _dump(here: Works) -> str:
    """Every row of every table."""
    if here.books.url.startswith("sqlite"):
        names = await here.books.rows("SELECT name FROM sqlite_master WHERE type = 'table'")
    else:
        names = await here.books.rows("SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public'")
    assert names
    rows = [await here.books.rows(f'SELECT * FROM "{one["name"]}"') for one in names]  # noqa: S608 - names of tables
    return repr(rows)


def _files_with(secret: str, *folders: Path) -> list[Path]:
    files = (path for folder in folders for path in folder.rglob("*") if path.is_file())
    return [path for path in files if secret.encode() in path.read_bytes()]


def _found(content: bytes, secrets: Iterable[str]) -> list[str]:
    return [secret for secret in secrets if secret.encode() in content]


def _is_open(device: Device) -> Callable[[], Awaitable[bool]]:
    async def look() -> bool:
        return device.sessions == 1 and device.shows > 0

    return look


def _has_stored(here: Works, *devices: str) -> Callable[[], Awaitable[bool]]:
    async def look() -> bool:
        rows = await here.books.rows("SELECT device FROM run WHERE outcome = 'up_to_date'")
        stored = {row["device"].rpartition("-")[2] for row in rows}
        return stored >= {*devices}

    return look


def _count(here: Works, where: str) -> Callable[[], Awaitable[int]]:
    return lambda: here.count("run", where)
