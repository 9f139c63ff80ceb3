"""The agent's side of the command line. Nothing imported here may bring Slack, the ORM or Jinja with it."""

from __future__ import annotations

import asyncio
import logging
import signal
from typing import TYPE_CHECKING

from bot.clock import SystemClock
from bot.logs import set_up_logging
from bot.signals import note_harmless_signals
from domain.errors import SettingsError
from runners.agent.main import run_agent as be_agent
from runners.agent.secrets.credentials import CredentialSources
from runners.agent.secrets.settings import VaultSettings
from runners.agent.settings import AgentSettings

if TYPE_CHECKING:
    from pathlib import Path

    from bot.settings.credentials import CredentialSection, VaultSection
    from bot.settings.loading import Settings

log = logging.getLogger(__name__)


def run_agent(settings: Settings, *, name: str, socket: Path) -> int:
    """Be the agent ``name`` until serve hangs up or SIGTERM comes; returns the exit status."""
    set_up_logging(settings.file.log)
    told = agent_settings(settings, name=name, socket=socket)
    try:
        asyncio.run(_until_stopped(told))
    except OSError as error:
        log.warning("no serve listens for this agent", extra={"socket": str(socket), "error": repr(error)})
        return 1
    return 0


def agent_settings(settings: Settings, *, name: str, socket: Path) -> AgentSettings:
    """What the agent ``name`` needs of app.yaml, and nothing else.

    Raises:
        SettingsError: no such agent is declared.
    """
    declared = settings.file.agents.get(name)
    if declared is None:
        raise SettingsError([f'{settings.path.name}: agents: no agent is named "{name}"'])
    return AgentSettings(
        name=name,
        socket=socket,
        platforms=settings.platforms,
        credentials={key: _sources(settings, one) for key, one in settings.file.credentials.items()},
        vault=_vault(settings, settings.file.vault) if settings.file.vault else None,
        masking=settings.masking,
        sites=declared.sites,
        concurrency=declared.concurrency,
        site_limits={key: site.concurrency for key, site in settings.file.sites.items()},
    )


def _sources(settings: Settings, one: CredentialSection) -> CredentialSources:
    return CredentialSources(
        username=one.username,
        password=_placed(settings, one.password),
        private_key=_placed(settings, one.private_key),
        passphrase=_placed(settings, one.passphrase),
        agent_socket=_socket(settings, one.agent_socket),
        enable=_placed(settings, one.enable),
    )


def _placed(settings: Settings, source: str | None) -> str | None:
    """``source`` with a relative file made absolute: it is relative to app.yaml's folder, not to where we run."""
    scheme, _, where = (source or "").partition(":")
    return f"file:{settings.folder / where}" if scheme == "file" else source


def _socket(settings: Settings, where: str | None) -> str | None:
    """The path of an SSH agent's socket, made absolute, unless it is named by the environment."""
    return where if where is None or where.startswith("env:") else str(settings.folder / where)


def _vault(settings: Settings, one: VaultSection) -> VaultSettings:
    return VaultSettings(
        address=one.address,
        token=_placed(settings, one.token),
        role_id=one.role_id,
        secret_id=_placed(settings, one.secret_id),
        role_mount=one.role_mount,
        namespace=one.namespace,
        ca=str(settings.folder / one.ca) if one.ca else None,
        company_ca=str(settings.company_ca) if settings.company_ca else None,
        timeout=one.timeout,
    )


async def _until_stopped(told: AgentSettings) -> None:
    loop, work = asyncio.get_running_loop(), asyncio.create_task(be_agent(told, clock=SystemClock()))
    loop.add_signal_handler(signal.SIGTERM, work.cancel)
    note_harmless_signals()
    loop.add_signal_handler(signal.SIGINT, lambda: None)  # Ctrl-C is for serve, which hangs up when it is done
    try:
        await work
    except asyncio.CancelledError:
        log.info("agent stopped", extra={"agent": told.name})
