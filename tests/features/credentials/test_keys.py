"""Logging in with keys, to real OpenSSH: with a passphrase, and from an SSH agent that never gives the key away."""

from __future__ import annotations

import asyncio
import os
import subprocess
from typing import TYPE_CHECKING

import pytest

from domain.failures import FailureKind
from domain.runs.outcomes import Outcome
from tests.features.asking import back_up, last_run
from tests.support.real_devices import linux_host, ssh_agent, ssh_keygen, strict_host

if TYPE_CHECKING:
    from pathlib import Path

    from tests.features.sweep import Seeds
    from tests.support.real_devices import RealDevice
    from tests.support.serve_fixtures import Town

__all__ = ["linux_host", "ssh_agent", "strict_host"]

PASSPHRASE = "Zq7 passphrase Vx"


def declare(town: Town, host: RealDevice, *names: str, **credential: str) -> None:
    """web1, a Linux host, and the credential ``key``."""
    town.settings["credentials"]["key"] = {"username": host.username, **credential}
    endpoint = {"host": "127.0.0.1", "port": host.port, "credential": list(names or ("key",))}
    commands = [str(host.folder / "sshd_config")]
    town.settings["devices"]["web1"] = {"site": "plant-a", "platform": "linux", **endpoint, "commands": commands}


def lock(key: Path, passphrase: str) -> None:
    """Encrypt ``key`` as ``ssh-keygen`` does."""
    words = ["ssh-keygen", "-q", "-p", "-P", "", "-N", passphrase, "-f", str(key)]
    subprocess.run(words, check=True, capture_output=True)  # noqa: S603 - fixed words


def add(key: Path, socket: Path) -> None:
    """Hand ``key`` to the agent."""
    environ = os.environ | {"SSH_AUTH_SOCK": str(socket)}
    subprocess.run(["ssh-add", "-q", str(key)], check=True, capture_output=True, env=environ)  # noqa: S603, S607 - fixed words


async def test_key_with_a_passphrase_opens_a_host_and_is_found_nowhere(
    town: Town, seeds: Seeds, linux_host: RealDevice, monkeypatch: pytest.MonkeyPatch
) -> None:
    seeds.of_people += [PASSPHRASE, linux_host.private_key.read_text().splitlines()[1]]
    lock(linux_host.private_key, PASSPHRASE)
    monkeypatch.setenv("KEY_PASSPHRASE", PASSPHRASE)
    declare(town, linux_host, private_key=f"file:{linux_host.private_key}", passphrase="env:KEY_PASSPHRASE")
    await town.start()

    message = await back_up(town, "web1")

    assert "Up to Date" in town.slack.plain(message)


async def test_wrong_passphrase_is_told_and_never_shown(
    town: Town, seeds: Seeds, linux_host: RealDevice, monkeypatch: pytest.MonkeyPatch
) -> None:
    seeds.of_people += [PASSPHRASE, "Zq7wrongVx"]
    lock(linux_host.private_key, PASSPHRASE)
    monkeypatch.setenv("KEY_PASSPHRASE", "Zq7wrongVx")
    declare(town, linux_host, private_key=f"file:{linux_host.private_key}", passphrase="env:KEY_PASSPHRASE")
    await town.start()

    message = await back_up(town, "web1")

    assert "the private key of key is invalid, or it needs another passphrase" in town.slack.plain(message)


async def test_ssh_agent_signs_for_a_host_that_never_saw_its_key_in_a_file(
    town: Town, linux_host: RealDevice, ssh_agent: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    add(linux_host.private_key, ssh_agent)
    linux_host.private_key.unlink()
    monkeypatch.setenv("LAB_AGENT", str(ssh_agent))
    declare(town, linux_host, agent_socket="env:LAB_AGENT")
    await town.start()

    message = await back_up(town, "web1")

    assert "Up to Date" in town.slack.plain(message)


@pytest.mark.parametrize(
    ("socket", "facts"),
    [("agent.sock", "the SSH agent is empty"), ("nobody.sock", "no SSH agent answers at")],
    ids=["empty", "away"],
)
async def test_ssh_agent_that_cannot_help_is_told(
    town: Town, linux_host: RealDevice, ssh_agent: Path, socket: str, facts: str
) -> None:
    declare(town, linux_host, agent_socket=str(ssh_agent.with_name(socket)))
    await town.start()

    message = await back_up(town, "web1")

    run = await last_run("web1")
    assert (run.outcome, run.reason) == (Outcome.FAILED, FailureKind.CREDENTIAL)
    assert facts in town.slack.plain(message)


async def test_host_that_hangs_up_on_an_unknown_key_has_refused_it_and_gets_the_next_one(
    town: Town, strict_host: RealDevice, tmp_path: Path
) -> None:
    other = tmp_path / "another_key"
    await asyncio.to_thread(ssh_keygen, other)
    declare(town, strict_host, "other", "key", private_key=f"file:{strict_host.private_key}")
    town.settings["credentials"]["other"] = {"username": strict_host.username, "private_key": f"file:{other}"}
    await town.start()

    message = await back_up(town, "web1")

    run = await last_run("web1")
    assert "Up to Date" in town.slack.plain(message)
    assert run.attempts == 1
