"""The fleet in a process of its own: one JSON line in, one JSON line out."""

from __future__ import annotations

import asyncio
import base64
import json
import os
import signal
import sys
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import asyncssh

from demo.fleet import PLATFORMS, Fleet
from demo.fleet.control import Control, card

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

PASSWORD = "chosen-by-the-caller"
SHOW = "show running-config"


class Process:
    """A running ``python -m demo.fleet``."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        assert process.stdin is not None
        assert process.stdout is not None
        self.process = process
        self.stdin = process.stdin
        self._stdout = process.stdout

    async def read(self) -> dict[str, Any]:
        """The next line that it prints."""
        line: dict[str, Any] = json.loads(await self._stdout.readline())
        return line

    async def ask(self, **request: object) -> dict[str, Any]:
        """Send one request and read its answer."""
        self.stdin.write(json.dumps(request).encode() + b"\n")
        return await self.read()


@asynccontextmanager
async def started(*arguments: str) -> AsyncIterator[Process]:
    """A fleet of its own, ended with its input."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "demo.fleet", *arguments),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        env=os.environ | {"FLEET_PASSWORD": PASSWORD},
        limit=1_000_000,
    )
    try:
        yield Process(process)
    finally:
        if process.stdin is not None:
            process.stdin.close()
        await process.wait()


async def show(device: dict[str, Any]) -> bytes:
    """What a device of the inventory prints."""
    known = asyncssh.import_known_hosts(f"[{device['host']}]:{device['port']} {device['host_key']}\n")
    async with asyncssh.connect(
        device["host"],
        device["port"],
        username=device["username"],
        password=PASSWORD,
        known_hosts=known,
        config=None,
        client_keys=None,
    ) as client:
        result = await client.run(SHOW, encoding=None)
    assert isinstance(result.stdout, bytes)
    return result.stdout


async def test_prints_its_inventory_and_obeys_line_by_line() -> None:
    async with started("--devices", "3", "--lines", "90") as fleet:
        inventory = await fleet.read()
        device = inventory["devices"][0]
        changed = await fleet.ask(do="change", device="sw1", what="add vlan 20", id=7)
        text = await show(device)
        config = await fleet.ask(do="config", device="sw1")
        status = await fleet.ask(do="status", device="sw1")

    assert [card["name"] for card in inventory["devices"]] == ["sw1", "sw2", "sw3"]
    assert PASSWORD not in json.dumps(inventory)
    assert changed == {"ok": True, "changed": "vlan 20\n name VLAN-20\n!\n", "id": 7}
    assert b"vlan 20\r\n" in text
    assert base64.b64decode(config["wire"]) == text
    assert (status["commands"], status["attempts"]) == ([SHOW], 1)


async def test_mixes_platforms_and_starts_a_jump_host() -> None:
    async with started("--devices", "9", "--platform", "mixed", "--jump-host") as fleet:
        inventory = await fleet.read()

    assert {card["platform"] for card in inventory["devices"]} == set(PLATFORMS)
    assert inventory["jump_host"]["port"] > 0


async def test_ends_by_itself_when_told_to_stop() -> None:
    async with started("--devices", "1") as fleet:
        await fleet.read()

        fleet.process.send_signal(signal.SIGTERM)

        assert await fleet.process.wait() == 0


async def test_without_an_input_only_a_signal_ends_it() -> None:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "demo.fleet", "--devices", "1"),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None

    inventory = json.loads(await process.stdout.readline())
    process.terminate()

    assert len(inventory["devices"]) == 1
    assert await process.wait() == 0


async def test_control_adds_faults_stops_starts_and_removes(fleet: Fleet) -> None:
    control = Control(fleet)

    async def ask(**request: object) -> dict[str, Any]:
        answer: dict[str, Any] = json.loads(await control.answer(json.dumps(request)))
        return answer

    config = base64.b64encode(b"hostname leaf1\nend\n").decode()
    added = await ask(do="add", device="leaf1", platform="arista_eos", delay=0.01, password=PASSWORD, config=config)
    assert (await show(added)).endswith(b"hostname leaf1\nend\n")
    await ask(do="fault", device="leaf1", fault="rejects_config", times=1)
    assert b"% Invalid input" in await show(added)
    await ask(do="set_config", device="leaf1", config=base64.b64encode(b"x").decode(), exact=True)
    await ask(do="delay", device="leaf1", seconds=0)
    assert await show(added) == b"x"
    assert (await ask(do="stop", device="leaf1"))["ok"]
    assert (await ask(do="start", device="leaf1"))["ok"]
    assert (await ask(do="replace_host_key", device="leaf1"))["host_key"] == fleet["leaf1"].host_key
    assert (await ask(do="rotate_secret", device="leaf1"))["ok"]
    assert (await ask(do="inventory"))["devices"] == [card(fleet["leaf1"])]
    assert (await ask(do="remove", device="leaf1"))["ok"]
    assert len(fleet) == 0


async def test_control_answers_wrong_requests_instead_of_ending(fleet: Fleet) -> None:
    control = Control(fleet)

    requests = ["nonsense", "[1]", '{"do": "dance"}', '{"do": "stop", "device": "nobody", "id": 3}']
    answers = [json.loads(await control.answer(request)) for request in requests]

    assert [answer["ok"] for answer in answers] == [False] * 4
    assert answers[3]["id"] == 3
