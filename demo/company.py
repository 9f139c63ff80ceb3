"""A small company to try Lastgood in: two sites, nine devices, five people with different rights."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import yaml

from demo.fleet import DEMO_PASSWORD

if TYPE_CHECKING:
    from pathlib import Path

    from demo.fleet import Fleet
    from demo.slack import Channel, LocalSlack, Person

PASSWORD_VARIABLE = "DEMO_DEVICE_PASSWORD"  # noqa: S105 - the name of a variable

DEVICES = {
    "core-sw1": ("plant-a", "cisco_ios"),
    "access-sw1": ("plant-a", "arista_eos"),
    "dc-sw1": ("plant-a", "cisco_nxos"),
    "edge-rt1": ("plant-a", "juniper_junos"),
    "fw1": ("plant-a", "fortinet_fortios"),
    "wan-rt1": ("plant-b", "mikrotik_routeros"),
    "branch-rt1": ("plant-b", "vyos"),
    "lab-rt1": ("plant-b", "frr"),
    "web1": ("plant-b", "linux"),
}
PECULIAR: dict[str, dict[str, Any]] = {
    "lab-rt1": {"only": ["U01OWNER"]},  # exists for Olga alone
    "web1": {"retries": 0},  # fails at once, so that nobody waits for its story
}


@dataclass(frozen=True, slots=True)
class Company:
    """Who works there and where they talk."""

    operator: Person  # Anna: runs backups at Plant A, reads at Plant B
    viewer: Person  # Tom: reads at Plant A
    owner: Person  # Olga: everything, everywhere
    guest: Person  # Gus: a guest of the workspace
    outsider: Person  # Nora: works here, but has no access to any site
    guide: Person  # says what to try; nobody to act as
    plant_a: Channel
    plant_b: Channel
    netops: Channel
    general: Channel

    @property
    def people(self) -> tuple[Person, ...]:
        """Everybody one can act as, the operator first."""
        return self.operator, self.viewer, self.owner, self.guest, self.outsider


def move_in(slack: LocalSlack) -> Company:
    """Add the company's people and channels to ``slack``."""
    anna = slack.add_person("anna", id="U02ANNA", real_name="Anna (operator)")
    tom = slack.add_person("tom", id="U03TOM", real_name="Tom (viewer)")
    olga = slack.add_person("olga", id="U01OWNER", real_name="Olga (owner)")
    gus = slack.add_person("gus", id="U04GUS", real_name="Gus (guest)", is_restricted=True)
    nora = slack.add_person("nora", id="U05NORA", real_name="Nora (no access)")
    guide = slack.add_person("guide", id="U06GUIDE", real_name="Guide")
    everybody = [anna, tom, olga, gus, nora, guide]
    return Company(
        anna,
        tom,
        olga,
        gus,
        nora,
        guide,
        plant_a=slack.add_channel("plant-a", id="C0PLANTA", members=[anna, tom, olga, gus, nora, guide]),
        plant_b=slack.add_channel("plant-b", id="C0PLANTB", members=[olga]),
        netops=slack.add_channel("netops", id="C0NETOPS", members=[olga, tom]),
        general=slack.add_channel("general", id="C0GENERAL", members=everybody, bot_is_member=False),
    )


async def rack(fleet: Fleet) -> None:
    """Start the company's devices."""
    for seed, (name, (_, platform)) in enumerate(DEVICES.items()):
        await fleet.add(name, platform=platform, seed=seed, lines=120)


def write_settings(path: Path, slack: LocalSlack, fleet: Fleet) -> None:
    """Write the company's app.yaml. A device of the fleet that ``DEVICES`` does not know stands at Plant A."""
    path.write_text(yaml.safe_dump(_settings(slack, fleet), sort_keys=False), encoding="utf-8")


def secrets(slack: LocalSlack) -> dict[str, str]:
    """What the bot needs in its environment."""
    return {
        "SLACK_BOT_TOKEN": slack.bot_token,
        "SLACK_APP_TOKEN": slack.app_token,
        "SLACK_SIGNING_SECRET": slack.signing_secret,
        PASSWORD_VARIABLE: DEMO_PASSWORD,
    }


def _settings(slack: LocalSlack, fleet: Fleet) -> dict[str, Any]:
    return {
        "slack": {"api_url": slack.api_url, "owners": ["U01OWNER"]},
        "http": {"listen": "127.0.0.1:0"},
        "log": {"format": "json"},
        "credentials": {"demo": {"username": "backup", "password": f"env:{PASSWORD_VARIABLE}"}},
        "masking": [{"pattern": r"^(ip domain-name )\S+"}],
        "sites": {"plant-a": _plant_a(), "plant-b": _plant_b()},
        "agents": {"local": {"sites": "*", "concurrency": 20}},
        "devices": {name: _device(fleet, name) for name in fleet.devices},
    }


def _plant_a() -> dict[str, Any]:
    """Two channels hear of it, and its own gets a digest every morning and one a week."""
    return {
        "name": "Plant A",
        "timezone": "Europe/Berlin",
        "channel": "C0PLANTA",
        "access": {"operator": ["U02ANNA"], "viewer": ["U03TOM"]},
        "routes": [{"channel": "C0PLANTA"}, {"channel": "C0NETOPS", "events": "all"}],
        "digests": ["daily 07:00", "weekly mon 07:30"],
    }


def _plant_b() -> dict[str, Any]:
    """No line of its configurations stands in Slack."""
    return {
        "name": "Plant B",
        "timezone": "Asia/Kolkata",
        "channel": "C0PLANTB",
        "access": {"viewer": ["U02ANNA"]},
        "link_only": True,
    }


def _device(fleet: Fleet, name: str) -> dict[str, Any]:
    site, platform = DEVICES.get(name, ("plant-a", fleet[name].platform))
    facts = {"site": site, "host": "127.0.0.1", "port": fleet[name].port, "platform": platform, "credential": "demo"}
    if platform == "linux":
        facts["commands"] = ["/etc/network/interfaces"]
    return facts | PECULIAR.get(name, {})
