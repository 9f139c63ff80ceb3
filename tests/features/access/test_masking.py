"""Rows C4 and C5: a secret that changed, rules of one's own, sites that show nothing, and the last look."""

from __future__ import annotations

from typing import TYPE_CHECKING

from demo.fleet import Fault
from domain.runs.outcomes import Outcome
from notifications.pages import configs
from notifications.previews import Previews
from storage.devices.versions import newest_version
from tests.features.asking import back_up, code_of, last_run, stored, until_reply

if TYPE_CHECKING:
    import logging
    from collections.abc import Callable

    import pytest

    from demo.fleet import Device
    from demo.slack import Message
    from domain.configs.versions import Version
    from tests.features.sweep import Seeds
    from tests.support.serve_fixtures import Town

OLD, NEW = "Zq7old1Vx", "Zq7new2Vx"


def config(secret: str, *more: str) -> bytes:
    """A switch's configuration with one secret and ``more`` lines."""
    ports = ["interface Vlan7", " ip address 192.0.2.7 255.255.255.0"]
    return "\n".join(["hostname core-sw1", f"enable secret 5 {secret}", *ports, *more, "end", ""]).encode()


async def switch(town: Town, seeds: Seeds, *more: str) -> Device:
    """A switch that shows ``OLD``."""
    seeds.of_devices += [OLD, NEW]
    device = await town.add_device("core-sw1")
    device.set_config(config(OLD, *more), exact=True)
    return device


async def test_c5_change_of_a_secret_alone_is_told_as_such_and_without_any_value(town: Town, seeds: Seeds) -> None:
    device = await switch(town, seeds)
    await town.start()
    await back_up(town, "core-sw1")
    device.set_config(config(NEW), exact=True)

    message = await back_up(town, "core-sw1")
    thread = await until_reply(town, message, "1 secret value changed")
    await town.slack.press(town.anna, message, "do:run")
    details = await town.private(town.anna, "Attempts")
    await town.command(town.vera, "/backup diff core-sw1")
    asked = await town.private(town.vera, "/backup diff core-sw1")

    run = await last_run("core-sw1")
    assert (run.outcome, run.version, run.added, run.removed, run.secrets_changed) == (Outcome.MODIFIED, 2, 0, 0, 1)
    for shown in (message, thread, details, asked):
        text = town.slack.plain(shown)
        assert "1 secret value changed" in text
        assert "lines" not in text
    assert code_of(thread).count("enable secret 5 <secret ") == 2
    assert len(set(code_of(thread).split("\n"))) == len(code_of(thread).split("\n"))  # the tags differ


async def test_c5_values_are_counted_beside_lines_where_both_changed(town: Town, seeds: Seeds) -> None:
    device = await switch(town, seeds)
    await town.start()
    await back_up(town, "core-sw1")
    device.set_config(config(NEW, "ntp server 10.1.0.9"), exact=True)

    message = await back_up(town, "core-sw1")

    assert "+2 \N{MINUS SIGN}1 lines, 1 secret value changed" in town.slack.plain(message)


async def test_c5_rule_can_ignore_secrets_that_a_device_shows_anew_each_time(town: Town, seeds: Seeds) -> None:
    device = await switch(town, seeds)
    town.settings["sites"]["plant-a"]["ignore_secret_changes"] = True
    await town.start()
    await back_up(town, "core-sw1")
    device.set_config(config(NEW), exact=True)

    message = await back_up(town, "core-sw1")

    assert Outcome.UP_TO_DATE.chip in town.slack.plain(message)
    version = await newest_version("core-sw1")
    assert version
    assert version.number == 1

    device.set_config(config(NEW, "ntp server 10.1.0.9"), exact=True)
    assert Outcome.MODIFIED.chip in town.slack.plain(await back_up(town, "core-sw1"))


async def test_c5_switching_the_rule_on_and_off_is_no_change_of_the_device(town: Town, seeds: Seeds) -> None:
    await switch(town, seeds)
    await town.start()
    await back_up(town, "core-sw1")
    for ignores in (True, False):
        await town.stop()
        town.settings["sites"]["plant-a"]["ignore_secret_changes"] = ignores
        await town.start()

        message = await back_up(town, "core-sw1")

        assert Outcome.UP_TO_DATE.chip in town.slack.plain(message)
    version = await newest_version("core-sw1")
    assert version
    assert version.number == 1


async def test_c4_rules_of_ones_own_mask_what_no_platform_knows(town: Town, seeds: Seeds) -> None:
    seeds.of_devices += ["Zq7lic1Vx", "Zq7site2Vx"]
    town.settings["masking"] = [
        {"pattern": r"^(license-key )\S+", "platforms": "cisco_ios"},
        {"pattern": r"^(badge (?:reader|printer) )[^\n]+", "sites": ["plant-a"], "devices": ["core-sw1"]},
    ]
    await switch(town, seeds, "license-key Zq7lic1Vx", "badge reader Zq7site2Vx here")
    await town.start()
    await back_up(town, "core-sw1")

    await town.command(town.vera, "/backup show core-sw1")
    shown = code_of(await town.private(town.vera, "/backup show core-sw1"))

    assert "license-key <secret " in shown
    assert "badge reader <secret " in shown


async def test_c4_secret_is_masked_also_where_somebody_wrote_it_down_again(town: Town, seeds: Seeds) -> None:
    await switch(town, seeds, f"banner motd ^the password is {OLD}, tell nobody^")
    await town.start()
    await back_up(town, "core-sw1")

    await town.command(town.vera, "/backup show core-sw1")

    shown = code_of(await town.private(town.vera, "/backup show core-sw1"))
    assert "the password is <secret " in shown


async def test_c4_password_that_is_somebodys_name_holds_no_message_back(town: Town, seeds: Seeds) -> None:
    head = b"! Last configuration change at 12:00:01 UTC Mon Mar 2 2026 by anna4242\n"
    device = await switch(town, seeds)
    device.set_config(head + config("anna4242"), exact=True)
    await town.start()
    await back_up(town, "core-sw1")

    await town.command(town.vera, "/backup show core-sw1")

    shown = await town.private(town.vera, "/backup show core-sw1")
    assert "enable secret 5 <secret " in code_of(shown)
    assert "changed by anna4242" in town.slack.plain(shown)
    device.set_config(config("changeme"), exact=True)  # the sweep takes what it shows now for secrets


async def test_c4_same_secret_has_the_same_tag_on_every_device_and_after_a_restart(town: Town, seeds: Seeds) -> None:
    await switch(town, seeds)
    other = await town.add_device("core-sw2")
    other.set_config(config(OLD).replace(b"core-sw1", b"core-sw2"), exact=True)
    await town.start()
    await back_up(town, "core-sw1")
    await back_up(town, "core-sw2")
    await town.command(town.vera, "/backup show core-sw1")
    first = code_of(await town.private(town.vera, "/backup show core-sw1"))
    await town.stop()
    await town.start()

    await town.command(town.vera, "/backup show core-sw2")
    second = code_of(await town.private(town.vera, "/backup show core-sw2"))

    assert "enable secret 5 <secret " in first
    assert second == first.replace("core-sw1", "core-sw2")


async def test_c5_link_only_site_shows_no_line_of_a_configuration_anywhere(town: Town, seeds: Seeds) -> None:
    lines = [f"Zq7line{number} is a line of its own" for number in range(300)]
    town.settings["sites"]["plant-a"]["link_only"] = True
    device = await switch(town, seeds, *lines[:200])
    await town.add_device("core-sw2")
    await town.start()
    await back_up(town, "core-sw1")
    device.set_config(config(NEW, *lines), exact=True)
    message = await back_up(town, "core-sw1")
    told = town.slack.plain(await until_reply(town, message, "lastgood diff core-sw1 1..2"))
    assert "1 secret value changed" in told
    assert "+1" in told
    assert "plant-a.git" in told

    await town.command(town.anna, "/backup now plant-a")
    await town.until(lambda: _said(town, "is done"))
    device.fault = Fault.REJECTS_CONFIG
    failed = await back_up(town, "core-sw1")
    assert "Invalid input" not in town.slack.plain(failed)
    for typed, answer in {
        "show core-sw1": "lastgood restore core-sw1 --version 2",
        "show core-sw1 v1": "lastgood restore core-sw1 --version 1",
        "diff core-sw1 v1..v2": "lastgood diff core-sw1 1..2",
        "history core-sw1": "/backup history core-sw1",
        f"run {(await last_run('core-sw1')).id}": "Attempts",
        "devices": "core-sw2",
    }.items():
        await town.command(town.vera, f"/backup {typed}")
        await town.private(town.vera, answer)

    sent = town.slack.everything_sent()
    assert [text for text in ("Zq7line", "Invalid input", "hostname core-sw1", "enable secret") if text in sent] == []
    assert not town.slack.files


async def test_t5_words_that_the_agent_logs_in_with_are_masked_in_every_version_that_holds_them(
    town: Town, seeds: Seeds
) -> None:
    switch = await town.add_device("core-sw1")
    seeds.of_devices += [switch.password, OLD]
    note = f"banner motd ^ask for {switch.password}, please^"
    switch.set_config(config(OLD, note), exact=True)
    await town.start()
    await back_up(town, "core-sw1")
    switch.set_config(config(OLD, note, "ntp server 10.1.0.9", f"alias exec x {switch.password}"), exact=True)
    message = await back_up(town, "core-sw1")
    thread = code_of(await until_reply(town, message, "ntp server"))
    await town.stop()
    await town.start()

    await town.command(town.vera, "/backup show core-sw1 v1")
    first = code_of(await town.private(town.vera, "ask for"))
    await town.command(town.vera, "/backup diff core-sw1 v1..v2")
    await town.private(town.vera, "ntp server 10.1.0.9")

    assert "+alias exec x <secret " in thread
    assert "ask for <secret " in first
    assert "hostname core-sw1" in first
    assert switch.password.encode() in await stored(town, "core-sw1")
    assert switch.password not in town.slack.everything_sent()


async def test_c4_message_in_which_a_secret_is_left_is_held_back_and_the_owners_are_told(
    town: Town, seeds: Seeds, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def unmasked(self: Previews, device: str, version: Version) -> str:
        raw = await self._archive.read(version.site, version.commit, device)
        return raw.decode()

    monkeypatch.setattr(Previews, "masked_text", unmasked)
    await switch(town, seeds)
    await town.start()
    await back_up(town, "core-sw1")

    await town.command(town.vera, "/backup show core-sw1")

    await town.private(town.vera, "This message was not sent because it contained a secret")
    alert = await _told_olga(town)
    assert "core-sw1" in town.slack.plain(alert)
    _seen_nowhere(town, caplog, seeds)
    assert _logged(caplog.records, "message held back: a secret stands in it")


async def test_c4_last_look_reaches_every_part_of_message_and_file(
    town: Town, seeds: Seeds, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    _spoil(monkeypatch, "show", lambda context: {**context, "lines": f"12 lines {OLD}"})
    _spoil(monkeypatch, "show_file", lambda file: {**file, "filename": f"{OLD}.txt"})
    await switch(town, seeds, *(f"ip host server-{number} 10.0.0.{number}" for number in range(250)))
    await town.start()
    await back_up(town, "core-sw1")

    await town.command(town.vera, "/backup show core-sw1")

    await town.private(town.vera, "This message was not sent because it contained a secret")
    await _told_olga(town)
    await town.serve.settled()
    _seen_nowhere(town, caplog, seeds)
    assert not town.slack.files


def _seen_nowhere(town: Town, caplog: pytest.LogCaptureFixture, seeds: Seeds) -> None:
    """Neither Slack nor the log has ``OLD``. The faulty message was in the outbox: pages of its file may keep it."""
    assert OLD not in town.slack.everything_sent()
    assert not _logged(caplog.records, OLD)
    seeds.of_devices.remove(OLD)
    town.fleet["core-sw1"].set_config(config("changeme"), exact=True)  # the sweep reads what it shows now


def _spoil(patch: pytest.MonkeyPatch, name: str, spoilt: Callable[[dict[str, object]], dict[str, object]]) -> None:
    """Let ``changes.name`` return something else, as a fault in it would."""
    true = getattr(configs, name)
    patch.setattr(configs, name, lambda *given, **named: spoilt(true(*given, **named)))


async def _told_olga(town: Town) -> Message:
    def found() -> Message | None:
        seen = town.slack.messages(town.slack.dm(town.olga))
        return next(
            (one for one in seen if "was withheld because it contained a secret" in town.slack.plain(one)), None
        )

    return await town.until(found)


def _said(town: Town, text: str) -> Message | None:
    return next((one for one in town.slack.messages(town.plant_a) if text in town.slack.plain(one)), None)


def _logged(records: list[logging.LogRecord], text: str) -> bool:
    return any(text in str(vars(record)) for record in records)
