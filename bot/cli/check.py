"""``lastgood check``: everything that can be known to be wrong before it goes wrong at night."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import track

from bot.cli.login_check import shared_agent, trials
from bot.outgoing import outgoing_session
from bot.slack.identity import asking_client, who_we_are
from bot.slack.manifest import missing_scopes
from domain.errors import LastgoodError, SlackTrouble
from domain.failures import DeviceError
from notifications.delivery.errors import SlackRefusal, asked
from notifications.rendering.evidence import how_far
from notifications.rendering.units import plural
from runners.agent.evidence import tellable
from runners.agent.secrets.sources import SecretSources
from runners.ssh.capture import reach_prompt
from runners.ssh.transcript import shown
from storage.archive.archive import Archive, ArchiveError
from storage.database.opening import database
from storage.devices.missing import missing_counts
from storage.devices.versions import newest_versions

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable

    from slack_sdk.web.async_client import AsyncWebClient

    from bot.cli.login_check import Trial
    from bot.settings.loading import Settings
    from domain.inventory.declared import Device

MAX_NAMED_DEVICES = 10  # whose text is missing, named for each site
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

    def add(self, lines: Iterable[str]) -> None:
        """More about what was said last."""
        for line in lines:
            self._console.print(f"   {line}", markup=False, emoji=False)


async def check_all(settings: Settings, *, devices: bool) -> bool:
    """Look at everything and print it; True: something is wrong."""
    report = _Report()
    inventory = settings.to_inventory()
    report.good(f"{settings.path.name}: {len(inventory.sites)} sites, {len(inventory.devices)} devices")
    for site in inventory.sites.values():
        if not inventory.agents_for(site.key):
            report.bad(f"site {site.key}: no agent serves it, so its runs would never start")
    await _attempt(report, "database", lambda: _check_database(settings))
    await _attempt(report, "archive", lambda: _check_archive(settings, report))
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
        report.bad(f"{what}: {error}. Is slack.api_url right, and can this machine reach it?")
    except LastgoodError as error:
        report.bad(f"{what}: {error.advice} ({error})")


async def _check_database(settings: Settings) -> str:
    async with database(settings.database):
        return "reachable, schema up to date"


async def _check_archive(settings: Settings, report: _Report) -> str:
    """Every repository can be read, and holds the newest text of every device."""
    archive, inventory = Archive(settings.archive), settings.to_inventory()
    archive.open_to_read(inventory.sites)
    async with database(settings.database):
        newest = (await newest_versions(inventory.devices)).values()
        lost = sum((await missing_counts()).values())
    for site in inventory.sites:
        wanted = [(one.commit, one.device) for one in newest if one.site == site]
        try:
            gone = [device for _, device in await archive.unreadable(site, wanted)]
        except ArchiveError as error:
            report.bad(f"site {site}: its repository cannot be read. {error.advice} ({error})")
            continue
        if gone:
            report.bad(f"site {site}: the newest text of {plural(len(gone), 'device')} is missing from the archive")
            report.add(sorted(gone)[:MAX_NAMED_DEVICES])
    older = f", {plural(lost, 'text')} known to be missing" if lost else ""
    return f"{plural(len(newest), 'device')} with a backup looked at{older}"


async def _check_slack(settings: Settings, report: _Report) -> str:
    async with outgoing_session(ca=settings.company_ca) as session:
        client = asking_client(settings.file.slack, settings.secrets.bot_token.get_secret_value(), session)
        identity = await who_we_are(client)
        for missing in missing_scopes(identity.scopes):
            report.bad(f"Slack: the app lacks the scope {missing}. Add it and reinstall the app")
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
        report.bad(f"site {site}: channel {channel} is not visible to the bot ({error.code}). Invite the bot")
        return
    if not found.get("is_member"):
        report.bad(f"site {site}: the bot is not in channel {channel}. Invite it")
    if found.get("is_ext_shared"):
        report.bad(
            f"site {site}: channel {channel} is shared with another organisation, so no configuration is posted there"
        )


async def _check_vault(settings: Settings, report: _Report) -> None:
    vault = SecretSources(shared_agent(settings).vault).vault
    try:
        if vault:
            await vault.check()
            report.good("Vault: reachable, and accepts the agent's credentials")
    except DeviceError as error:
        report.bad(f"Vault: {error.facts}. {error.advice}")


async def _check_devices(settings: Settings, devices: list[Device], report: _Report) -> None:
    """Go as far as the first prompt of each, and say what was found."""
    places = asyncio.Semaphore(MAX_PARALLEL_LOGINS)

    async def look(trial: Trial) -> tuple[Trial, str, DeviceError | None]:
        async with places:
            try:
                return trial, await trial.carry_out(reach_prompt), None
            except DeviceError as error:
                return trial, "", error

    tasks = [asyncio.create_task(look(trial)) for trial in await trials(settings, devices)]
    console = Console(stderr=True)
    for done in track(asyncio.as_completed(tasks), "logging in", len(tasks), console=console, transient=True):
        trial, prompt, error = await done
        if error:
            report.bad(f"{trial.device.name}: {error.advice} {trial.facts(error)}".rstrip())
            report.add(_seen(trial, error))
        else:
            report.good(f"{trial.device.name}: {_found(trial, prompt)}")


def _found(trial: Trial, prompt: str) -> str:
    """That the log-in worked, and how the device waits after it."""
    words = [f"logged in with {trial.log_ins.last(trial.device.name)}"]
    if prompt:
        words.append(f"prompt {tellable(shown(prompt.encode())[0].strip(), trial.platform, secrets=trial.secrets)}")
    enable = trial.platform.enable
    if enable and enable.when.search(prompt):
        words.append(f"below the level that is needed: a backup sends {enable.send}")
    return ", ".join(words)


def _seen(trial: Trial, error: DeviceError) -> list[str]:
    """What a device showed that has let us in."""
    if not trial.transcript.is_open:
        return []
    evidence = trial.evidence(error)
    return [how_far(evidence), *(f"| {line}" for line in evidence.screen)]
