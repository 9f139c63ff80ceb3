"""``lastgood check`` on credentials: it asks Vault, and tells which credential each device took."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.cli.check import check_all
from demo.fleet.device import DEMO_PASSWORD
from tests.support.vault_server import VaultServer, vault_server

if TYPE_CHECKING:
    import pytest

    from tests.support.serve_fixtures import Town

__all__ = ["vault_server"]


async def test_check_asks_vault_and_logs_in_with_what_it_keeps(
    town: Town,
    vault_server: VaultServer,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    vault_server.put("lab", password=DEMO_PASSWORD)
    monkeypatch.setenv("LAB_VAULT_TOKEN", vault_server.token())
    town.settings["vault"] = {"address": vault_server.address, "token": "env:LAB_VAULT_TOKEN"}
    town.settings["credentials"]["kept"] = {"username": "backup", "password": "vault:secret/lab#password"}
    town.settings["credentials"]["past"] = {"username": "backup", "password": "env:SLACK_OF_NOBODY"}
    await town.add_device("core-sw1")
    await town.add_device("edge-sw2")
    town.settings["devices"]["core-sw1"]["credential"] = ["kept", "lab"]
    town.settings["devices"]["edge-sw2"]["credential"] = "past"

    is_bad = await check_all(town.write_settings(), devices=True)

    said = capsys.readouterr().out
    assert is_bad
    assert "✅ Vault: reachable, and accepts the agent's credentials" in said
    assert "✅ core-sw1: logged in with kept" in said
    assert "❌ edge-sw2: The agent could not read the credential's secret" in said
    assert "the environment variable SLACK_OF_NOBODY is not set" in said
    assert DEMO_PASSWORD not in said


async def test_check_tells_of_a_token_that_vault_does_not_take(
    town: Town, vault_server: VaultServer, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LAB_VAULT_TOKEN", "Zq7unknownVx")
    town.settings["vault"] = {"address": vault_server.address, "token": "env:LAB_VAULT_TOKEN"}

    is_bad = await check_all(town.write_settings(), devices=False)

    said = capsys.readouterr().out
    assert is_bad
    assert "❌ Vault: Vault rejects the agent's token, which has expired or was revoked. Vault or the keyring" in said
    assert "Zq7unknownVx" not in said
