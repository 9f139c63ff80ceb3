"""The app.yaml of the measured bot: one site with every device in it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import yaml

from bench.fleet import PASSWORD

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from bench.fleet import Target
    from demo.slack import LocalSlack

SITE = "plant-a"
CHANNEL = "C0PLANTA"
OPERATOR = "U02ANNA"
HOST_KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIBenchBenchBenchBenchBenchBenchBenchBenchBench"
ENVIRONMENT = {"BENCH_PASSWORD": PASSWORD}


def write_settings(
    folder: Path,
    targets: Sequence[Target],
    *,
    parallel: int,
    slack: LocalSlack | None = None,
    database: str = "",
    viewers: Sequence[str] = (),
) -> Path:
    """Write an app.yaml for these devices, ``parallel`` at once, into ``folder``; its path.

    Without ``database`` it is the embedded default. ``viewers`` may see the site beside its operator.
    """
    settings: dict[str, Any] = {
        "http": {"listen": "127.0.0.1:0"},
        "log": {"format": "json", "level": "info" if slack else "warning"},  # an agent alone would log into the tables
        "credentials": {"bench": {"username": "backup", "password": "env:BENCH_PASSWORD"}},
        "sites": {
            SITE: {
                "name": "Plant A",
                "timezone": "Europe/Berlin",
                "channel": CHANNEL,
                "concurrency": parallel,
                "access": {"operator": [OPERATOR], **({"viewer": list(viewers)} if viewers else {})},
                "digests": [],  # whoever measures reports asks for them
            }
        },
        "agents": {"local": {"sites": "*", "concurrency": parallel}},
        "devices": {one.name: _device(one) for one in targets},
    }
    if slack:
        settings["slack"] = {"api_url": slack.api_url, "owners": ["U01OWNER"]}
    if database:
        settings["database"] = database
    path = folder / "app.yaml"
    path.write_text(yaml.safe_dump(settings, sort_keys=False), encoding="utf-8")
    return path


def slack_secrets(slack: LocalSlack) -> dict[str, str]:
    """What the bot needs in its environment to reach ``slack``."""
    return {
        "SLACK_BOT_TOKEN": slack.bot_token,
        "SLACK_APP_TOKEN": slack.app_token,
        "SLACK_SIGNING_SECRET": slack.signing_secret,
    }


def _device(target: Target) -> dict[str, Any]:
    return {
        "site": SITE,
        "host": "127.0.0.1",
        "port": target.port,
        "platform": "cisco_ios",
        "credential": "bench",
    }
