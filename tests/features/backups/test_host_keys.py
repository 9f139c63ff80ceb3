"""Row C3: a swapped host key ends the run before any password is sent, until an admin accepts the key."""

from __future__ import annotations

from typing import TYPE_CHECKING

from domain.failures import FailureKind
from domain.inventory.host_keys import fingerprint
from tests.features.asking import back_up, last_run

if TYPE_CHECKING:
    from tests.support.serve_fixtures import Town


async def test_c3_swapped_host_key_fails_without_a_password_until_an_admin_accepts_it(town: Town) -> None:
    switch = await town.add_device("core-sw1")
    await town.start()
    await back_up(town, "core-sw1")
    attempts, old, new = switch.logins.attempts, switch.host_key, switch.replace_host_key()

    failed = await back_up(town, "core-sw1")

    run = await last_run("core-sw1")
    assert "🔴 Failed" in town.slack.plain(failed)
    assert "Its SSH host key has changed, so no password was sent" in town.slack.plain(failed)
    assert run.reason is FailureKind.HOST_KEY_CHANGED
    assert switch.logins.attempts == attempts

    await town.slack.press(town.anna, failed, "do:trust")
    refusal = await town.private(town.anna, "You may not accept host keys at Plant A")
    assert "@olga can grant it." in town.slack.plain(refusal)
    again = await back_up(town, "core-sw1")
    assert "🔴 Failed" in town.slack.plain(again)
    assert switch.logins.attempts == attempts

    await town.slack.press(town.olga, again, "do:trust")
    question = await town.private(town.olga, fingerprint(new))
    assert fingerprint(old) in town.slack.plain(question)
    await town.slack.press(town.olga, question, "do:trust")
    await town.private(town.olga, "is accepted")
    good = await back_up(town, "core-sw1")

    assert "🟢 Up to Date" in town.slack.plain(good)
    assert switch.logins.attempts == attempts + 1


async def test_c3_operator_may_not_accept_a_key_by_command_either(town: Town) -> None:
    switch = await town.add_device("core-sw1")
    await town.start()
    await back_up(town, "core-sw1")
    new = switch.replace_host_key()
    await back_up(town, "core-sw1")

    await town.command(town.anna, f"/backup trust core-sw1 {fingerprint(new)}")

    await town.private(town.anna, "You may not accept host keys at Plant A")
    assert "🔴 Failed" in town.slack.plain(await back_up(town, "core-sw1"))
