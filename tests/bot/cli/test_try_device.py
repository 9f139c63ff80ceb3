"""``lastgood try``, ``check --devices`` and ``run`` as processes: what they show of a device, and what never."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from demo.fleet import Fault
from demo.fleet.device import DEMO_PASSWORD
from tests.bot.cli.test_cli import lastgood

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.serve_fixtures import Town

ENABLE = "Wiesengrund4"
FILE = """
title: Switches of a museum
prompt: '^{prompt} ?$'
paging_off: [terminal length 0]
config: [show running-config]
end: '{end}'
secrets:
  - '^(hostname )\\S+'
"""


def files_in(folder: Path) -> set[Path]:
    return set(folder.rglob("*"))


async def tried(town: Town, *words: str, **environ: str) -> tuple[int, str]:
    """How ``lastgood try`` ends in a folder where Slack has given no token, and what it prints."""
    town.write_settings()
    ended = await lastgood("try", *words, "--config", str(town.config), environ=environ)
    assert "Traceback" not in ended.err
    assert DEMO_PASSWORD not in ended.out.decode() + ended.err
    return ended.status, ended.out.decode()


async def test_try_shows_what_was_said_what_was_learned_and_what_would_be_masked(town: Town) -> None:
    device = await town.add_device("core-sw1", enable_password=ENABLE)
    device.fault = Fault.PAGES_ANYWAY
    town.settings["credentials"]["lab"]["enable"] = "env:LAB_ENABLE"

    status, said = await tried(town, "core-sw1", LAB_ENABLE=ENABLE)

    assert status == 0
    assert ENABLE not in said
    assert [line for line in said.splitlines() if line.startswith("> ") and line != "> exit"] == [
        "> enable",
        "> <secret>",
        "> terminal length 0",
        "> show running-config",
    ]
    assert "< core-sw1>" in said
    assert "Prompt      core-sw1#" in said
    assert "times: --More--" in said
    assert "End mark    found: ^end$" in said
    assert "snmp-server community <secret " in said
    assert "not shown, --full shows them" in said
    assert f"{device.config.decode().splitlines()[-1]}" in said
    assert "Verdict     🟢 would be stored: " in said


async def test_try_stores_nothing_at_all(town: Town, tmp_path: Path) -> None:
    await town.add_device("core-sw1")
    town.settings["database"] = f"sqlite://{tmp_path}/elsewhere/lastgood.db"
    town.settings["archive"] = str(tmp_path / "elsewhere" / "archive")
    before = files_in(tmp_path)

    status, _ = await tried(town, "core-sw1", "--full")

    assert status == 0
    assert files_in(tmp_path) - before == {town.config}


async def test_try_shows_every_line_when_it_is_asked_to(town: Town) -> None:
    device = await town.add_device("fw-9", platform="fortinet_fortios")

    status, said = await tried(town, "fw-9", "--full")

    shown = [line[2:] for line in said.splitlines() if line.startswith("< ")]
    readable = [line for line in device.config.decode().splitlines() if "ENC" not in line and "key" not in line]
    assert status == 0
    assert set(readable[:40]) <= set(shown)


async def test_try_with_a_platform_file_of_ones_own_says_what_it_makes_of_the_device(
    town: Town, tmp_path: Path
) -> None:
    await town.add_device("core-sw1")
    good, wrong = tmp_path / "museum.yaml", tmp_path / "gallery.yaml"
    good.write_text(FILE.format(prompt=r"[\w-]+#", end="^end$"), encoding="utf-8")
    wrong.write_text(FILE.format(prompt=r"[\w-]+#", end="^-- over --$"), encoding="utf-8")

    fine, said = await tried(town, "core-sw1", "--platform", str(good))
    bad, told = await tried(town, "core-sw1", "--platform", str(wrong))

    assert (fine, bad) == (0, 1)
    assert said.startswith("core-sw1: Switches of a museum (museum) at ")
    assert "hostname <secret " in said
    assert "End mark    not found: ^-- over --$" in told
    assert "Verdict     🔴 The configuration is incomplete" in told
    assert "Reading the configuration: sent `show running-config`" in told


async def test_try_names_what_is_wrong_with_a_platform_file(town: Town, tmp_path: Path) -> None:
    await town.add_device("core-sw1")
    town.write_settings()
    path = tmp_path / "museum.yaml"
    path.write_text("title: x\nprompt: '('\nextras: [show version]\n", encoding="utf-8")

    ended = await lastgood("try", "core-sw1", "--platform", str(path), "--config", str(town.config))

    assert ended.status == 2
    assert "museum.yaml: prompt: not a regular expression" in ended.err
    assert "museum.yaml: extras: unknown key" in ended.err


async def test_try_of_a_device_without_a_prompt_shows_what_stands_there_instead(town: Town) -> None:
    device = await town.add_device("core-sw1", limits={"running": "2s"})
    device.fault = Fault.NO_PROMPT

    status, said = await tried(town, "core-sw1")

    assert status == 1
    assert "Prompt      none was found by ^" in said
    assert "was waiting for a prompt such as `" in said
    assert "Masked" not in said


async def test_try_sends_no_password_to_a_machine_with_another_key_than_the_pinned_one(town: Town) -> None:
    device = await town.add_device("core-sw1")
    town.write_settings()
    await lastgood("run", "core-sw1", "--config", str(town.config))
    device.replace_host_key()
    passwords = device.logins.attempts

    status, said = await tried(town, "core-sw1")

    assert status == 1
    assert "Its SSH host key has changed" in said
    assert device.logins.attempts == passwords == 1


async def test_what_a_hostile_device_shows_cannot_reach_the_terminal_of_the_person(town: Town) -> None:
    device = await town.add_device("core-sw1", motd=f"\x1b[2J\x1b]0;owned\x07 {' '.join(DEMO_PASSWORD)} \u202e [bold]x")
    device.set_config(b"\x1b[31mhostname \x9b5n [red] :skull:\r\n% Invalid input \x1b[2J\n", exact=True)

    _, said = await tried(town, "core-sw1", "--full")
    checked = await lastgood("check", "--devices", "--config", str(town.config), environ=town.environ)

    for text in (said, checked.out.decode()):
        assert all(letter.isprintable() or letter == "\n" for letter in text)
        assert " ".join(DEMO_PASSWORD) not in text
    assert "% Invalid input" in said


async def test_check_goes_to_the_first_prompt_and_says_what_it_found(town: Town) -> None:
    await town.add_device("core-sw1", enable_password=ENABLE)
    await town.add_device("srv-2", platform="linux", commands=["/etc/network/interfaces"])
    menu = await town.add_device("edge-sw3", limits={"running": "3s"})
    menu.fault = Fault.NO_PROMPT
    town.write_settings()

    ended = await lastgood("check", "--devices", "--config", str(town.config), environ=town.environ)

    said = ended.out.decode()
    assert ended.status == 1
    assert (
        "✅ core-sw1: logged in with lab, prompt core-sw1>, below the level that is needed: a backup sends enable"
        in said
    )
    assert "✅ srv-2: logged in with lab\n" in said
    assert "❌ edge-sw3: " in said
    assert "Stopped after logging in, before the first prompt" in said
    assert "\n   | " in said
    assert menu.shows == 0


async def test_a_run_that_fails_shows_the_last_words_of_the_device_and_so_does_the_history(town: Town) -> None:
    device = await town.add_device("core-sw1", retries=0)
    device.set_config(b"% Telemetry store is being rebuilt\n% Invalid input\n", exact=True)
    town.write_settings()
    config = ("--config", str(town.config))

    ended = await lastgood("run", "core-sw1", *config)
    history = await lastgood("history", *config, environ={"COLUMNS": "200"})

    said = ended.out.decode()
    assert ended.status == 1
    assert said.startswith("core-sw1: 🔴 Failed")
    assert "  Reading the configuration: sent `show running-config`, received " in said
    assert "  | % Telemetry store is being rebuilt\n" in said
    assert "agent lost" not in ended.err
    assert "command rejected: % Invalid input" in history.out.decode()


async def test_a_run_ended_by_its_limit_shows_where_it_stood(town: Town) -> None:
    device = await town.add_device("core-sw1", delay=timedelta(0), retries=0, limits={"running": "2s"})
    device.fault = Fault.HANGS_IN_CONFIG
    town.write_settings()

    ended = await lastgood("run", "plant-a", "--config", str(town.config))

    assert "was waiting for the prompt `core-sw1#`" in ended.out.decode()


@pytest.mark.parametrize("name", ["core-sw9", "plant-a"])
async def test_try_of_what_is_no_device_says_so(town: Town, name: str) -> None:
    await town.add_device("core-sw1")
    town.write_settings()

    ended = await lastgood("try", name, "--config", str(town.config))

    assert ended.status == 1
    assert f"There is no device called `{name}`" in ended.err
