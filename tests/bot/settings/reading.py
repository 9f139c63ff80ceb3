"""An app.yaml of a test's own, read as the bot reads it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from bot.settings.loading import Settings
from domain.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Mapping

ROOT = Path(__file__).parents[3]


SECRETS = {"SLACK_BOT_TOKEN": "xoxb-very-secret", "SLACK_APP_TOKEN": "xapp-very-secret"}


GOOD = """\
slack:
  owners: [U01OWNER]
credentials:
  lab: {username: backup, password: env:LAB_PASSWORD}
sites:
  plant-a: {name: Plant A, timezone: Europe/Berlin, channel: C0PLANTA, access: {operator: [U02ANNA], viewer: S03TEAM}}
agents:
  local: {sites: "*", concurrency: 50}
devices:
  core-sw1: {site: plant-a, host: 10.1.0.1, platform: cisco_ios, credential: lab}
"""


def load(folder: Path, text: str, environ: Mapping[str, str] | None = None) -> Settings:
    file = folder / "app.yaml"
    file.write_text(text, encoding="utf-8")
    return Settings.load(file, SECRETS if environ is None else environ)


def problems_of(folder: Path, text: str, environ: Mapping[str, str] | None = None) -> tuple[str, ...]:
    with pytest.raises(SettingsError) as caught:
        load(folder, text, environ)
    return caught.value.problems
