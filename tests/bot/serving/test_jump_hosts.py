"""Devices behind a jump host: its key is pinned like theirs, and a changed one sees no password."""

from __future__ import annotations

from typing import TYPE_CHECKING

from demo.fleet.device import DEMO_PASSWORD
from domain.inventory.host_keys import fingerprint

if TYPE_CHECKING:
    from demo.fleet.jump_host import JumpHost
    from tests.support.serve_fixtures import Town

COMMAND = "/backup now core-sw1"
JUMP_SECRET = "only-for-the-jump-host"


async def behind_jump_host(town: Town) -> JumpHost:
    """core-sw1, reached through a jump host with a log-in of its own; the bot is started."""
    jump = await town.fleet.add_jump_host(password=JUMP_SECRET)
    await town.add_device("core-sw1")
    (town.folder / "jump-secret").write_text(JUMP_SECRET)
    (town.folder / "jump-secret").chmod(0o600)
    town.settings["credentials"]["jump"] = {"username": jump.username, "password": "file:jump-secret"}
    town.settings["devices"]["core-sw1"]["jump"] = {"host": jump.host, "port": jump.port, "credential": "jump"}
    await town.start()
    return jump


async def test_c3_changed_key_of_a_jump_host_sees_no_password_until_an_admin_accepts_it(town: Town) -> None:
    jump = await behind_jump_host(town)
    await town.command(town.anna, COMMAND)
    first = await town.final("core-sw1")
    log_ins = jump.logins.attempts
    new = await jump.replace_host_key()

    await town.command(town.anna, COMMAND)
    refused = await town.final("core-sw1", after=first)
    tried = jump.logins.attempts
    await town.command(town.olga, "/backup trust core-sw1")
    question = await town.private(town.olga, "has a new host key")
    await town.slack.press(town.olga, question, "do:trust")
    await town.private(town.olga, "is accepted")
    await town.command(town.anna, COMMAND)
    good = await town.final("core-sw1", after=refused)

    words = town.slack.plain(refused)
    assert "Up to Date" in town.slack.plain(first)
    assert "Failed" in words
    assert "Its SSH host key has changed" in words
    assert "not the device but its jump host has a new key" in words
    assert tried == log_ins
    assert "The jump host of *core-sw1*" in town.slack.plain(question)
    assert fingerprint(new) in town.slack.plain(question)
    assert "Up to Date" in town.slack.plain(good)
    assert DEMO_PASSWORD not in town.slack.plain(good)


async def test_trouble_at_the_jump_host_is_not_blamed_on_the_device(town: Town) -> None:
    jump = await behind_jump_host(town)
    jump.password = "changed since"

    await town.command(town.anna, COMMAND)

    message = await town.final("core-sw1")
    assert "at the jump host" in town.slack.plain(message)
    assert jump.logins.refused == 1
