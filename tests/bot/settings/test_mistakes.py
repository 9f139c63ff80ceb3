"""Mistakes in app.yaml: each is named with its line and its path."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bot.settings.loading import Settings
from domain.errors import SettingsError
from tests.bot.settings.reading import GOOD, SECRETS, problems_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        pytest.param(
            "channel: C0PLANTA",
            "channel: C0PLANTA, routes: [{channel: C0A, events: [faild]}]",
            'app.yaml:6: sites.plant-a.routes.0.events: unknown event "faild"; did you mean failed?',
            id="a misspelt event",
        ),
        pytest.param(
            "platform: cisco_ios",
            "platfrom: cisco_ios",
            "app.yaml:10: devices.core-sw1.platfrom: unknown key; did you mean platform?",
            id="a misspelt key of a device",
        ),
        pytest.param(
            "slack:", "slak:", "app.yaml:1: slak: unknown key; did you mean slack?", id="a misspelt part of the file"
        ),
        pytest.param(
            "host: 10.1.0.1",
            "host: h, jump: {host: j, credential: lab, potr: 1}",
            "app.yaml:10: devices.core-sw1.jump.potr: unknown key; did you mean port?",
            id="a misspelt key deep down",
        ),
        pytest.param(
            "concurrency: 50",
            "zzz: 50",
            "app.yaml:8: agents.local.zzz: unknown key; known here: sites, concurrency",
            id="a key that is near to nothing",
        ),
        pytest.param(
            "Europe/Berlin",
            "Europe/Berln",
            'app.yaml:6: sites.plant-a.timezone: unknown time zone "Europe/Berln"; did you mean Europe/Berlin?',
            id="a time zone",
        ),
        pytest.param(
            "C0PLANTA",
            "'#general'",
            'app.yaml:6: sites.plant-a.channel: "#general" is not a channel id: it begins with C '
            "(in Slack: the channel's details, at the very bottom)",
            id="a channel by its name",
        ),
        pytest.param(
            "U02ANNA",
            "anna",
            'app.yaml:6: sites.plant-a.access.operator.0: "anna" is neither a person\'s id '
            "(U...) nor a user group's (S...) nor a private channel's (C...)",
            id="a person by name",
        ),
        pytest.param(
            "U01OWNER",
            "S01OWNERS",
            'app.yaml:2: slack.owners.0: "S01OWNERS" is not a person\'s id: it begins with U '
            "(in Slack: profile, More, Copy member ID)",
            id="an owner that is a group",
        ),
        pytest.param(
            "operator:",
            "oprator:",
            'app.yaml:6: sites.plant-a.access.oprator: unknown role "oprator"; did you mean operator?',
            id="a role",
        ),
        pytest.param(
            "site: plant-a",
            "site: plant-b",
            'app.yaml:10: devices.core-sw1.site: unknown site "plant-b"; did you mean plant-a?',
            id="a site that is not declared",
        ),
        pytest.param(
            "platform: cisco_ios",
            "platform: cisco_iso",
            'app.yaml:10: devices.core-sw1.platform: unknown platform "cisco_iso"; did you mean cisco_ios?',
            id="a platform",
        ),
        pytest.param(
            "credential: lab",
            "credential: xyz",
            'app.yaml:10: devices.core-sw1.credential: unknown credential "xyz"; known: lab',
            id="a credential",
        ),
        pytest.param(
            '"*"',
            "[plant-a, plant-c]",
            'app.yaml:8: agents.local.sites.1: unknown site "plant-c"; did you mean plant-a?',
            id="an agent's site",
        ),
        pytest.param(
            "env:LAB_PASSWORD",
            "hunter2",
            "app.yaml:4: credentials.lab.password: is not a valid source of a secret: write env:NAME (an "
            "environment variable), file:PATH, keyring:SERVICE/USERNAME or vault:MOUNT/PATH#FIELD",
            id="a password in the file, which is not repeated",
        ),
        pytest.param(
            ", password: env:LAB_PASSWORD",
            "",
            "app.yaml:4: credentials.lab: has nothing to log in with: give one of password, private_key, agent_socket",
            id="a credential with a user alone",
        ),
        pytest.param(
            "password: env:LAB_PASSWORD",
            "password: env:LAB_PASSWORD, passphrase: env:OTHER",
            "app.yaml:4: credentials.lab.passphrase: needs a private_key",
            id="a passphrase without a key",
        ),
        pytest.param(
            "env:LAB_PASSWORD",
            "vault:secret/lab#password",
            "app.yaml:4: credentials.lab.password: says vault:, but app.yaml has no vault section with its address",
            id="a secret in a Vault that nobody knows",
        ),
        pytest.param(
            "sites:",
            "vault: {address: https://vault.example.net:8200}\nsites:",
            "app.yaml:5: vault: give either token, or role_id and secret_id",
            id="a Vault without a proof",
        ),
        pytest.param(
            "sites:",
            "vault: {address: https://vault.example.net:8200, role_id: x}\nsites:",
            "app.yaml:5: vault: role_id and secret_id are needed together",
            id="half an AppRole",
        ),
        pytest.param(
            "sites:",
            "vault: {address: http://vault.example.net:8200, token: env:VAULT_TOKEN}\nsites:",
            "app.yaml:5: vault.address: is not an address of Vault such as https://vault.example.net:8200; without TLS "
            "only on this machine (http://127.0.0.1:8200)",
            id="a Vault in plain sight",
        ),
        pytest.param(
            "sites:",
            "vault: {address: https://vault.example.net:8200, token: s.hunter2}\nsites:",
            "app.yaml:5: vault.token: is not a valid source of Vault's own secrets: write env:NAME (an "
            "environment variable), file:PATH or keyring:SERVICE/USERNAME",
            id="a token in the file, which is not repeated",
        ),
        pytest.param(
            "credential: lab",
            "credential: [lab, labb]",
            'app.yaml:10: devices.core-sw1.credential.1: unknown credential "labb"; did you mean lab?',
            id="the second of two credentials",
        ),
        pytest.param(
            "credential: lab",
            "credential: [lab, a, b, c]",
            "app.yaml:10: devices.core-sw1.credential: name at most 3: too many refused log-ins lock an account",
            id="too many credentials",
        ),
        pytest.param(
            "credential: lab",
            "credential: [lab, lab]",
            "app.yaml:10: devices.core-sw1.credential: names a credential twice",
            id="a credential named twice",
        ),
        pytest.param(
            "credential: lab",
            "credential: []",
            "app.yaml:10: devices.core-sw1.credential: name at least one credential",
            id="no credential",
        ),
        pytest.param(
            "host: 10.1.0.1",
            "host: h, port: 70000",
            "app.yaml:10: devices.core-sw1.port: must be less than or equal to 65535",
            id="a port",
        ),
        pytest.param(
            "host: 10.1.0.1",
            "host: h, limits: {running: 5}",
            'app.yaml:10: devices.core-sw1.limits.running: "5" is not a duration: write 30s, 5m, 2h or 1d',
            id="a duration without its unit",
        ),
        pytest.param("host: 10.1.0.1, ", "", "app.yaml:10: devices.core-sw1.host: is missing", id="a missing key"),
        pytest.param(
            "  core-sw1:",
            "  core-sw1: {}\n  core-sw1:",
            "app.yaml:11: devices.core-sw1: given twice (first on line 10)",
            id="a key given twice",
        ),
        pytest.param(
            "  core-sw1:",
            "  plant-a:",
            "app.yaml:10: devices.plant-a: a site has this name too: names of devices and sites must differ",
            id="a device named like a site",
        ),
        pytest.param(
            "agents:",
            "  plant-b: {channel: C0PLANTA}\nagents:",
            "app.yaml:7: sites.plant-b.channel: is already the channel of site plant-a: each site needs its own",
            id="one channel for two sites",
        ),
        pytest.param(
            "platform: cisco_ios",
            "platform: linux",
            "app.yaml:10: devices.core-sw1.commands: platform linux needs a list of files and commands to keep",
            id="a server without files",
        ),
        pytest.param(
            "slack:", "slack: {\n", "app.yaml:4: not valid YAML: did not find expected ',' or '}'", id="not YAML"
        ),
    ],
)
def test_a_mistake_is_named_with_its_line_and_path(tmp_path: Path, before: str, after: str, expected: str) -> None:
    assert before in GOOD

    assert expected in problems_of(tmp_path, GOOD.replace(before, after, 1))


def test_all_mistakes_are_reported_at_once_and_in_order(tmp_path: Path) -> None:
    text = GOOD.replace("owners", "owner").replace("Europe/Berlin", "Berlin")
    text = text.replace("credential: lab", "credential: x")

    problems = problems_of(tmp_path, text, {})

    assert [one.split(":")[1] for one in problems[:3]] == ["2", "6", "10"]
    assert problems[3].startswith("SLACK_BOT_TOKEN is not set")


@pytest.mark.parametrize(
    ("mode", "environ", "missing"),
    [
        pytest.param("socket", {}, ["SLACK_BOT_TOKEN", "SLACK_APP_TOKEN"], id="socket mode needs both tokens"),
        pytest.param("http", {}, ["SLACK_BOT_TOKEN", "SLACK_SIGNING_SECRET"], id="http mode needs the signing secret"),
        pytest.param("http", {"SLACK_BOT_TOKEN": "xoxb-1"}, ["SLACK_SIGNING_SECRET"], id="only what is missing"),
        pytest.param("socket", SECRETS | {"SLACK_APP_TOKEN": "xoxb-1"}, ["SLACK_APP_TOKEN"], id="swapped tokens"),
    ],
)
def test_a_missing_secret_is_named_with_where_to_get_it(
    tmp_path: Path, mode: str, environ: Mapping[str, str], missing: list[str]
) -> None:
    problems = problems_of(tmp_path, GOOD.replace("slack:\n", f"slack:\n  mode: {mode}\n"), environ)

    assert [one.split(" ")[0] for one in problems] == missing
    assert all("https://api.slack.com/apps: " in one for one in problems)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsError) as caught:
        Settings.load(tmp_path / "nowhere.yaml", {})

    assert caught.value.problems == (f"{tmp_path}/nowhere.yaml: no such file. Give the right one with --config",)


def test_an_anchor_that_holds_itself_is_refused(tmp_path: Path) -> None:
    problems = problems_of(tmp_path, "devices: &all\n  a: *all\n")

    assert problems == ("app.yaml:2: devices.a.a: is nested too deeply, or has an anchor that refers to itself",)
