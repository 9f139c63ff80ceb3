"""Real devices of Debian's packages, backed up through Slack: OpenSSH and FRRouting."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from tests.features.asking import back_up, code_of, stored, until_reply
from tests.support.real_devices import frr_router, linux_host

if TYPE_CHECKING:
    from tests.support.real_devices import RealDevice
    from tests.support.serve_fixtures import Town

__all__ = ["frr_router", "linux_host"]

ROOT = Path(__file__).parents[3]


async def test_linux_host_is_backed_up_changed_and_backed_up_again(
    town: Town,
    linux_host: RealDevice,
    tmp_path: Path,
) -> None:
    config = tmp_path / "site.conf"
    before = b"listen 443\r\nserver_name b\xc3\xbcro.example.net\npassword = Zq7Linux4Vx\nworkers 4\n"
    config.write_bytes(before)
    _declare(town, "web1", linux_host, platform="linux", commands=[str(config), "uname -s"])
    await town.start()
    await back_up(town, "web1")
    after = before.replace(b"workers 4", b"workers 8")
    config.write_bytes(after)

    message = await back_up(town, "web1")

    diff = code_of(await until_reply(town, message))
    assert "🟠 Modified" in town.slack.plain(message)
    assert "+1 \u22121 lines" in town.slack.plain(message)
    assert _changes(diff) == ["-workers 4", "+workers 8"]
    assert before in await stored(town, "web1", 1)
    assert after in await stored(town, "web1", 2)
    assert "Zq7Linux4Vx" not in town.slack.everything_sent()


async def test_frr_router_is_backed_up_changed_and_backed_up_again_and_restored_as_it_was_printed(
    town: Town,
    frr_router: RealDevice,
    tmp_path: Path,
) -> None:
    _declare(town, "edge1", frr_router, platform="frr", commands=[])
    await asyncio.to_thread(frr_router.configure, "router bgp 65010", "neighbor 192.0.2.1 remote-as 65020")
    await town.start()
    await back_up(town, "edge1")
    before = await asyncio.to_thread(frr_router.printed_config)
    await asyncio.to_thread(frr_router.configure, "router bgp 65010", "neighbor 192.0.2.9 remote-as 65090")

    message = await back_up(town, "edge1")

    after = await asyncio.to_thread(frr_router.printed_config)
    diff = code_of(await until_reply(town, message))
    for number, printed in ((1, before), (2, after)):
        restored = tmp_path / f"edge1-v{number}.conf"
        await asyncio.to_thread(_restore, town, "edge1", number, restored)
        # On the terminal that the agent was given, each LF of vtysh's pipe is printed as CR LF: nothing else differs.
        assert restored.read_bytes() == printed.replace(b"\n", b"\r\n")
    assert "🟠 Modified" in town.slack.plain(message)
    assert _changes(diff) == ["+ neighbor 192.0.2.9 remote-as 65090"]


def _declare(town: Town, name: str, device: RealDevice, *, platform: str, commands: list[str]) -> None:
    credential = {"username": device.username, "private_key": f"file:{device.private_key}"}
    town.settings["credentials"]["key"] = credential
    endpoint = {"host": "127.0.0.1", "port": device.port, "credential": "key"}
    town.settings["devices"][name] = {"site": "plant-a", "platform": platform, **endpoint, "commands": commands}


def _restore(town: Town, device: str, number: int, output: Path) -> None:
    """``lastgood restore DEVICE --version NUMBER --output FILE``, typed beside the running bot."""
    words = ["restore", device, "--version", str(number), "--output", str(output), "--config", str(town.config)]
    subprocess.run([sys.executable, "-m", "bot", *words], check=True, capture_output=True, cwd=ROOT)  # noqa: S603 - fixed words


def _changes(diff: str) -> list[str]:
    return [line for line in diff.splitlines() if line.startswith(("+", "-"))]
