"""``lastgood check``: everything that can be known to be wrong before it goes wrong at night."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import track

from bot.cli.agent import agent_settings
from bot.cli.login_check import try_login
from bot.outgoing import outgoing_session
from bot.slack.identity import asking_client, who_we_are
from bot.slack.manifest import missing_scopes
from domain.errors import LastgoodError, SlackTrouble
from domain.failures import DeviceError
from notifications.delivery.errors import SlackRefusal, asked
from runners.agent.logins import LogIns
from runners.agent.secrets.credentials import Credentials
from runners.agent.secrets.sources import SecretSources
from storage.database.opening import database
from storage.devices.devices import device_states
from storage.devices.jump_hosts import jump_host_states

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from slack_sdk.web.async_client import AsyncWebClient

    from bot.settings.loading import Settings
    from domain.inventory.declared import Device
    from runners.agent.settings import AgentSettings

MAX_PARALLEL_LOGINS = 20  # log-ins of `check --devices` at a time


class _Report:
    """Prints one line for each thing that was looked at, and remembers whether any was wrong."""

    def __init__(self) -> None:
        self._console = Console(highlight=False, soft_wrap=True)
        self.is_bad = False

    def good(self, what: str) -> None:
        self._console.print(f"✅ {what}", markup=False)

    def bad(self, what: str) -> None:
        self.is_bad = True
        self._console.print(f"❌ {what}", markup=False)


async def check_all(settings: Settings, *, devices: bool) -> bool:
    """Look at everything and print it; True: something is wrong."""
    report = _Report()
    inventory = settings.to_inventory()
    report.good(f"{settings.path.name}: {len(inventory.sites)} sites, {len(inventory.devices)} devices")
    for site in inventory.sites.values():
        if not inventory.agents_for(site.key):
            report.bad(f"site {site.key}: no agent serves it, so its runs would never start")
    await _attempt(report, "database", lambda: _check_database(settings))
    await _attempt(report, "Slack", lambda: _check_slack(settings, report))
    if settings.file.vault:
        await _check_vault(settings, report)
    if devices:
        await _check_devices(settings, list(inventory.devices.values()), report)
    return report.is_bad


async def _attempt(report: _Report, what: str, look: Callable[[], Awaitable[str]]) -> None:
    try:
        report.good(f"{what}: {await look()}")
    except SlackTrouble as error:  # its advice is for people in Slack
        report.bad(f"{what}: {error}. Is slack.api_url right, and may this machine reach it?")
    except LastgoodError as error:
        report.bad(f"{what}: {error.advice} ({error})")


async def _check_database(settings: Settings) -> str:
    async with database(settings.database):
        return "reachable, schema up to date"


async def _check_slack(settings: Settings, report: _Report) -> str:
    async with outgoing_session() as session:
        client = asking_client(settings.file.slack, settings.secrets.bot_token.get_secret_value(), session)
        identity = await who_we_are(client)
        for missing in missing_scopes(identity.scopes):
            report.bad(f"Slack: the app lacks the scope {missing}: add it and install the app again")
        if settings.file.slack.mode == "socket":
            await _check_app_token(settings, client)
        for site in settings.to_inventory().sites.values():
            if site.channel:
                await _check_channel(client, site.key, site.channel, report)
    return f"workspace {identity.team}, bot {identity.bot_user}"


async def _check_app_token(settings: Settings, client: AsyncWebClient) -> None:
    token = settings.secrets.app_token.get_secret_value()
    await asked("apps.connections.open", client.apps_connections_open(app_token=token))


async def _check_channel(client: AsyncWebClient, site: str, channel: str, report: _Report) -> None:
    try:
        found = (await asked("conversations.info", client.conversations_info(channel=channel)))["channel"]
    except SlackRefusal as error:
        report.bad(f"site {site}: channel {channel} cannot be seen ({error.code}): invite the bot there")
        return
    if not found.get("is_member"):
        report.bad(f"site {site}: the bot is not in channel {channel}: invite it there")
    if found.get("is_ext_shared"):
        report.bad(f"site {site}: channel {channel} is shared with others, so no configuration goes there")


async def _check_vault(settings: Settings, report: _Report) -> None:
    vault = SecretSources(_agent(settings).vault).vault
    try:
        if vault:
            await vault.check()
            report.good("Vault: reachable, and takes the agent's proof")
    except DeviceError as error:
        report.bad(f"Vault: {error.facts}. {error.advice}")


def _agent(settings: Settings) -> AgentSettings:
    """What any agent is told: credentials are the same for all."""
    return agent_settings(settings, name=next(iter(settings.file.agents)), socket=settings.path)


async def _check_devices(settings: Settings, devices: list[Device], report: _Report) -> None:
    agent = _agent(settings)
    log_ins = LogIns(Credentials(agent.credentials, SecretSources(agent.vault)))
    async with database(settings.database):
        known = await device_states(device.name for device in devices)
        jumps = await jump_host_states((one.site, one.jump.address) for one in devices if one.jump)
    places = asyncio.Semaphore(MAX_PARALLEL_LOGINS)

    async def look(device: Device) -> tuple[Device, DeviceError | None]:
        state = known.get(device.name)
        jump = jumps.get((device.site, device.jump.address)) if device.jump else None
        async with places:
            try:
                await try_login(
                    device,
                    settings.platforms[device.platform],
                    log_ins,
                    host_key=state.host_key if state else None,
                    jump_host_key=jump.host_key if jump else None,
                )
            except DeviceError as error:
                return device, error
        return device, None

    tasks = [asyncio.create_task(look(device)) for device in devices]
    console = Console(stderr=True)
    for done in track(asyncio.as_completed(tasks), "logging in", len(tasks), console=console, transient=True):
        device, error = await done
        if error:
            report.bad(f"{device.name}: {error.advice} {error.facts}".rstrip())
        else:
            report.good(f"{device.name}: logged in with {log_ins.last(device.name)}")
