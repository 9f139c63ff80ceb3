"""Trying devices from this process, by the agent's own engine: what ``check --devices`` and ``try`` share.

Nothing is stored. The keys that are pinned are looked up all the same: no password goes to a machine that shows
another one.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, TypeVar

from bot.cli.agent import agent_settings
from domain.failures import DeviceError, FailureKind
from domain.inventory.masking_rules import rules_for
from domain.runs.outcomes import Outcome
from domain.runs.run import Run, Trigger
from runners.agent.evidence import evidence_of, tellable
from runners.agent.logins import LogIns, Refused
from runners.agent.secrets.credentials import Credentials
from runners.agent.secrets.errors import Unresolved
from runners.agent.secrets.sources import SecretSources
from runners.dispatch.assigning import capture_message
from runners.ssh.transcript import Transcript
from storage.database.opening import database, is_unborn
from storage.devices.devices import device_states
from storage.devices.jump_hosts import jump_host_states

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, Sequence

    from bot.settings.loading import Settings
    from domain.configs.platforms import Platform
    from domain.configs.versions import DeviceState
    from domain.inventory.declared import Device
    from domain.runs.evidence import Evidence
    from runners.agent.settings import AgentSettings
    from runners.ssh.login import Login
    from runners.wire.messages import Capture

T = TypeVar("T")


@dataclass(slots=True)
class Trial:
    """One try at a device, and what was said on the way."""

    device: Device
    job: Capture
    platform: Platform  # with the user's own rules for what is masked
    log_ins: LogIns
    new_transcript: Callable[[], Transcript] = Transcript
    transcript: Transcript = field(default_factory=Transcript)
    secrets: frozenset[str] = frozenset()  # what was said to log in

    async def carry_out(self, work: Callable[..., Awaitable[T]]) -> T:
        """What ``work``, such as ``runners.ssh.capture.capture``, gives with the first credential that is taken.

        Raises:
            DeviceError: it did not work; its kind says why.
        """
        try:
            async with asyncio.timeout(self.job.limits.running.total_seconds()):
                return await self._with_each_login(work)
        except TimeoutError as error:
            raise DeviceError(FailureKind.RUNNING_LIMIT) from error

    def facts(self, error: DeviceError) -> str:
        """The facts of ``error`` without secrets."""
        if isinstance(error, Unresolved):  # our own words about a place
            return error.facts
        return tellable(error.facts, self.platform, secrets=self.secrets)

    def evidence(self, error: DeviceError) -> Evidence:
        """How far it came before ``error``."""
        return evidence_of(self.transcript, error.kind, self.platform, secrets=self.secrets)

    async def _with_each_login(self, work: Callable[..., Awaitable[T]]) -> T:
        jump = await self.log_ins.credentials.login(self.job.jump.credentials[0]) if self.job.jump else None

        async def use(login: Login) -> T:
            self.secrets |= login.secrets | (jump.secrets if jump else frozenset())
            self.transcript = self.new_transcript()
            return await work(self.job, self.platform, login, jump=jump, transcript=self.transcript)

        return await self.log_ins.each(self.device.name, self.job.target.credentials, Refused(), use)


async def trials(
    settings: Settings, devices: Sequence[Device], *, platforms: Mapping[str, Platform] | None = None
) -> list[Trial]:
    """What is to be tried at each of ``devices``; ``platforms``: by name, if not those of the settings."""
    agent = shared_agent(settings)
    log_ins = LogIns(Credentials(agent.credentials, SecretSources(agent.vault)))
    inventory, platforms = settings.to_inventory(), platforms or settings.platforms
    jobs = await _jobs(settings, devices)
    found = []
    for device, job in zip(devices, jobs, strict=True):
        rules = rules_for(device.name, inventory, platforms)
        assert rules is not None, device.name  # noqa: S101 - a platform that is unknown stops the settings
        found.append(Trial(device, job, rules, log_ins))
    return found


def shared_agent(settings: Settings) -> AgentSettings:
    """What any agent is told: credentials are the same for all."""
    return agent_settings(settings, name=next(iter(settings.file.agents)), socket=settings.path)


async def _jobs(settings: Settings, devices: Sequence[Device]) -> list[Capture]:
    if is_unborn(settings.database):
        return [_job(one, None, None) for one in devices]
    async with database(settings.database):
        states = await device_states(device.name for device in devices)
        jumps = await jump_host_states((one.site, one.jump.address) for one in devices if one.jump)
    keys = {place: state.host_key for place, state in jumps.items()}
    return [
        _job(one, states.get(one.name), keys.get((one.site, one.jump.address)) if one.jump else None) for one in devices
    ]


def _job(device: Device, state: DeviceState | None, jump_key: str | None) -> Capture:
    """The same as for a run, of which nobody takes note."""
    run = Run(
        id=0,
        device=device.name,
        site=device.site,
        trigger=Trigger.COMMAND_LINE,
        outcome=Outcome.PENDING,
        created_at=datetime.now(UTC),
        waiting_limit=device.waiting_limit,
        running_limit=device.running_limit,
    )
    return capture_message(run, device, state, jump_key=jump_key, limit=device.running_limit)
