"""Row C2: one credential for many devices, wherever its password is kept; and rotating it without a failed run."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from demo.fleet.device import DEMO_PASSWORD
from domain.failures import FailureKind, advice_for
from domain.runs.outcomes import Outcome
from tests.features.asking import back_up, last_run
from tests.features.credentials.places import KEPT, place, vault_server

if TYPE_CHECKING:
    from demo.fleet import Device
    from tests.features.credentials.places import Place
    from tests.features.sweep import Seeds
    from tests.support.serve_fixtures import Town
    from tests.support.vault_server import VaultServer

__all__ = ["place", "vault_server"]

NAMES = ("core-sw1", "edge-sw2", "edge-sw3")
NEW = "Zq7rotatedVx"


async def devices_of(town: Town, seeds: Seeds, place: Place) -> list[Device]:
    """Three devices with one credential, whose password is kept there; the bot is started."""
    seeds.of_people += [DEMO_PASSWORD, NEW, *place.secrets]
    place.keep(DEMO_PASSWORD)
    town.settings["credentials"]["lab"]["password"] = place.source
    town.settings |= place.settings
    devices = [await town.add_device(name, lines=40, retries=0) for name in NAMES]
    await town.start()
    return devices


async def reasons(town: Town) -> set[FailureKind | None]:
    """Back the whole site up; why its runs failed."""
    before = len(_batches(town))
    await town.command(town.anna, "/backup now plant-a")
    await town.until(lambda: _batches(town)[before:])
    return {(await last_run(name)).reason for name in NAMES}


def _batches(town: Town) -> list[str]:
    return [text for text in map(town.slack.plain, town.slack.messages(town.plant_a)) if " is done" in text]


@pytest.mark.parametrize("place", KEPT, indirect=True)
async def test_c2_one_place_is_changed_and_the_next_runs_of_all_its_devices_work(
    town: Town,
    seeds: Seeds,
    place: Place,
) -> None:
    devices = await devices_of(town, seeds, place)
    first = await reasons(town)
    for device in devices:
        device.password = NEW

    between = await reasons(town)
    place.keep(NEW)
    after = await reasons(town)

    assert (first, between, after) == ({None}, {FailureKind.AUTHENTICATION}, {None})
    assert [device.logins.refused for device in devices] == [1, 1, 1]


async def test_c2_password_is_rotated_device_by_device_without_a_failed_run(town: Town) -> None:
    (town.folder / "new").touch(mode=0o600)
    (town.folder / "new").write_text(NEW)
    town.settings["credentials"]["new"] = {"username": "backup", "password": "file:new"}
    devices = [await town.add_device(name, lines=40) for name in NAMES]
    for name in NAMES:
        town.settings["devices"][name]["credential"] = ["new", "lab"]
    await town.start()

    failed = [await reasons(town)]
    for device in devices:
        device.password = NEW
        failed.append(await reasons(town))
    failed.append(await reasons(town))

    assert failed == [{None}] * 5
    assert [device.logins.refused for device in devices] == [2, 2, 2]


async def test_c2_all_credentials_refused_is_told_with_their_names_and_never_tried_again(
    town: Town, seeds: Seeds
) -> None:
    seeds.of_people.append(NEW)
    (town.folder / "new").touch(mode=0o600)
    (town.folder / "new").write_text(NEW)
    town.settings["credentials"]["new"] = {"username": "backup", "password": "file:new"}
    switch = await town.add_device("core-sw1", retries=5)
    town.settings["devices"]["core-sw1"]["credential"] = ["new", "lab"]
    switch.password = "neither of them"
    await town.start()

    message = await back_up(town, "core-sw1")

    run = await last_run("core-sw1")
    assert (run.reason, run.attempts, switch.logins.attempts) == (FailureKind.AUTHENTICATION, 1, 2)
    assert "refused: new, lab" in town.slack.plain(message)


@pytest.mark.parametrize(
    ("trouble", "kind", "facts"),
    [
        ("sealed", FailureKind.SECRETS_AWAY, "Vault is sealed, or not ready"),
        ("token", FailureKind.SECRETS_REFUSED, "Vault rejects the agent's token"),
        ("policy", FailureKind.SECRETS_REFUSED, "Vault denies the agent secret/lab"),
        ("secret", FailureKind.SECRET_MISSING, "Vault has nothing at secret/lab"),
        ("field", FailureKind.SECRET_MISSING, "secret/lab in Vault has no field named password"),
    ],
)
@pytest.mark.parametrize("place", ["vault"], indirect=True)
async def test_c2_each_trouble_with_vault_is_told_in_its_own_words(
    town: Town,
    seeds: Seeds,
    place: Place,
    vault_server: VaultServer,
    trouble: str,
    kind: FailureKind,
    facts: str,
) -> None:
    await devices_of(town, seeds, place)
    [token] = place.secrets

    if trouble == "sealed":
        with vault_server.sealed():
            message = await back_up(town, "core-sw1")
    else:
        _break(vault_server, trouble, token)
        message = await back_up(town, "core-sw1")

    run = await last_run("core-sw1")
    shown = town.slack.plain(message)
    assert (run.outcome, run.reason) == (Outcome.FAILED, kind)
    assert facts in shown
    assert advice_for(kind).partition("`")[0] in shown


def _break(server: VaultServer, trouble: str, token: str) -> None:
    match trouble:
        case "token":
            server.revoke(token)
        case "policy":
            server.token(policy='path "secret/data/other" { capabilities = ["read"] }')
        case "secret":
            server.delete("lab")
        case "field":
            server.put("lab", pasword=DEMO_PASSWORD)
