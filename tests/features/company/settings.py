"""The company's app.yaml."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import yaml

from bot.settings.loading import Settings
from bot.settings.sections import File

if TYPE_CHECKING:
    from pathlib import Path

    from demo.slack import LocalSlack
    from tests.features.company.company import Company, Site


def settings_of(company: Company, slack: LocalSlack, folder: Path) -> Settings:
    """As serve reads them from app.yaml; its devices are handed over parsed, since thousands of lines take time."""
    environ = {"SLACK_BOT_TOKEN": slack.bot_token, "SLACK_SIGNING_SECRET": slack.signing_secret}
    path = folder / "app.yaml"
    declared = _declared(company, slack)
    path.write_text(yaml.safe_dump({**declared, "devices": {}}), encoding="utf-8")
    return replace(Settings.load(path, environ), file=File.model_validate(declared))


def _declared(company: Company, slack: LocalSlack) -> dict[str, Any]:
    endpoint = {"host": "192.0.2.1", "platform": "cisco_ios", "credential": "lab"}
    devices = {
        one.name: {"site": one.site, **endpoint, **({"only": sorted(one.only)} if one.only else {})}
        for one in company.devices.values()
    }
    return {
        "slack": {"mode": "http", "api_url": slack.api_url, "owners": ["U0BOSS"]},
        "http": {"listen": "127.0.0.1:0"},
        "credentials": {"lab": {"username": "backup", "password": "env:LAB_PASSWORD"}},
        "sites": {key: _site_settings(site, company.roles[key]) for key, site in company.sites.items()},
        "devices": devices,
    }


def _site_settings(site: Site, roles: dict[str, str]) -> dict[str, Any]:
    access: dict[str, list[str]] = {}
    for principal, role in roles.items():
        access.setdefault(role, []).append(principal)
    return {
        "name": site.name,
        "timezone": site.zone,
        "channel": site.channel,
        "access": access,
        "digests": [],
        "routes": [{"channel": one, "events": sorted(events)} for one, events in site.routes.items()],
        **({"fallback": site.fallback} if site.fallback else {}),
        **({"reminder": "1d"} if site.reminds else {}),
    }
