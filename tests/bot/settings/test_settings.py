"""Every mistake in app.yaml is named with its line, its path, and what to do."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from bot.settings.loading import Settings
from domain.roles import Role
from domain.subscriptions.kinds import EVERYTHING, USUAL, EventKind
from tests.bot.settings.reading import GOOD, ROOT, SECRETS, load

if TYPE_CHECKING:
    from pathlib import Path


def test_the_default_file_works_as_it_stands() -> None:
    settings = Settings.load(ROOT / "app.yaml", SECRETS)

    assert settings.file.slack.mode == "socket"
    assert settings.to_inventory().agents_for("anywhere")[0].name == "local"


def test_the_commented_examples_of_the_default_file_work_once_uncommented(tmp_path: Path) -> None:
    lines = (ROOT / "app.yaml").read_text(encoding="utf-8").splitlines()
    text = "\n".join(line[1:] if re.match(r"#(  |    )[a-z]", line) else line for line in lines)
    for part in ("credentials", "sites", "devices"):
        text = text.replace(f"{part}: {{}}", f"{part}:")

    inventory = load(tmp_path, text).to_inventory()

    device = inventory.devices["core-sw1"]
    assert device.jump is not None
    assert device.endpoint.algorithms == ("diffie-hellman-group14-sha1",)
    assert inventory.devices["web1"].commands == ("/etc/nginx/nginx.conf", "ip addr show")
    assert inventory.sites["plant-a"].access[Role.VIEWER] == {"S03TEAM"}


@pytest.mark.parametrize(
    ("device", "site", "platform", "seconds"),
    [
        ("", "", "", 30),
        ("limits: {running: 20m}", "", "", 120),
        ("limits: {running: 20m}", "", "limits: {silence: 50s}", 50),
        ("", "limits: {silence: 45s}", "limits: {silence: 50s}", 45),
        ("limits: {silence: 2m}", "limits: {silence: 45s}", "limits: {silence: 50s}", 120),
        ("limits: {silence: 5s}", "", "", 5),
    ],
    ids=["usual", "long-run", "platform", "site", "device", "shorter"],
)
def test_silence_is_limited_by_the_device_then_its_site_then_its_platform(
    tmp_path: Path, device: str, site: str, platform: str, seconds: int
) -> None:
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "acme.yaml").write_text(f"title: A\nprompt: '#$'\nconfig: [show]\n{platform}\n")
    text = GOOD.replace("platform: cisco_ios, credential: lab}", f"platform: acme, credential: lab, {device}}}")
    text = text.replace("channel: C0PLANTA,", f"channel: C0PLANTA, {site},".replace(", ,", ",")) + "platforms: own\n"

    assert load(tmp_path, text).to_inventory().devices["core-sw1"].silence_limit == timedelta(seconds=seconds)


def test_what_is_declared_becomes_the_inventory(tmp_path: Path) -> None:
    text = GOOD.replace("credential: lab}", "credential: lab, retries: 0, limits: {waiting: 90s, running: 1.5h}}")

    settings = load(tmp_path, text)
    device = settings.to_inventory().devices["core-sw1"]

    assert (device.site, device.endpoint.port, device.retries) == ("plant-a", 22, 0)
    assert (device.waiting_limit, device.running_limit) == (timedelta(seconds=90), timedelta(minutes=90))
    assert "S03TEAM" in settings.to_inventory().principals
    assert settings.database == f"sqlite://{tmp_path}/data/lastgood.db"
    assert settings.archive == tmp_path / "data/archive"


def test_n9_routes_say_which_channel_hears_what_and_without_them_its_own_one_hears_the_usual(tmp_path: Path) -> None:
    site = "channel: C0PLANTA, routes: [{channel: C0TEAM, events: failed}, {channel: C0OPS, events: all}], reminder: 1d"
    declared = f"{{name: Plant A, timezone: Europe/Berlin, {site}, fallback: C0SPARE}}"
    plain = "{channel: C0PLANTB}"
    text = f"sites:\n  plant-a: {declared}\n  plant-b: {plain}\n  plant-c: {{channel: C0C, routes: []}}\n"

    sites = load(tmp_path, text).to_inventory().sites

    heard = {route.channel: route.events for route in sites["plant-a"].routes}
    assert heard == {"C0TEAM": {EventKind.FAILED}, "C0OPS": EVERYTHING}
    assert (sites["plant-a"].reminder, sites["plant-a"].fallback) == (timedelta(days=1), "C0SPARE")
    assert [(route.channel, route.events) for route in sites["plant-b"].routes] == [("C0PLANTB", USUAL)]
    assert sites["plant-c"].routes == ()


def test_names_that_yaml_takes_for_something_else_stay_names(tmp_path: Path) -> None:
    settings = load(tmp_path, GOOD.replace("core-sw1:", "no:"))

    assert list(settings.file.devices) == ["no"]


def test_many_devices_share_what_they_have_in_common(tmp_path: Path) -> None:
    shared = "devices:\n  a: &all {site: plant-a, host: h, platform: cisco_ios, credential: lab}\n"
    text = GOOD.replace("devices:\n", shared + "  b: {<<: *all, host: h2}\n")

    devices = load(tmp_path, text).to_inventory().devices

    assert (devices["a"].endpoint.host, devices["b"].endpoint.host) == ("h", "h2")
    assert devices["b"].site == "plant-a"


def test_secrets_are_never_printed(tmp_path: Path) -> None:
    settings = load(tmp_path, GOOD)

    assert "very-secret" not in f"{settings!r} {settings.secrets} {settings.secrets.model_dump_json()}"
    assert settings.secrets.bot_token.get_secret_value() == "xoxb-very-secret"


def test_agents_need_no_secret_of_slack(tmp_path: Path) -> None:
    (tmp_path / "app.yaml").write_text(GOOD, encoding="utf-8")

    settings = Settings.load(tmp_path / "app.yaml", {}, need_slack=False)

    assert settings.file.credentials["lab"].username == "backup"
