"""One run at the agent: attempts, each retry after a longer pause, within one limit, to one result."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import TYPE_CHECKING

import tenacity

from domain.configs.masking import scrubbed
from domain.configs.own_words import marks
from domain.failures import DeviceError, FailureKind
from domain.inventory.masking_rules import own_expressions
from runners.agent.evidence import evidence_of, tellable
from runners.agent.logins import LogIns, Refused
from runners.agent.secrets.errors import Unresolved
from runners.agent.shortage import own_shortage
from runners.ssh.failures import HostKeyChanged
from runners.ssh.transcript import Transcript
from runners.wire.messages import Captured, Failed, FromAgent, Started

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping
    from datetime import datetime

    from domain.clock import Clock
    from domain.configs.patterns import OwnRule
    from domain.configs.platforms import Platform
    from domain.runs.evidence import Evidence
    from runners.ssh.capture import CaptureOutcome
    from runners.ssh.login import Login
    from runners.wire.messages import Capture

    CaptureDevice = Callable[..., Awaitable[CaptureOutcome]]

log = logging.getLogger(__name__)

_GROWING = tenacity.wait_random_exponential(multiplier=2, min=1, max=30)  # seconds


@dataclass(frozen=True, slots=True)
class Attempts:
    """Carries out captures: what every run of this agent shares."""

    agent: str
    platforms: Mapping[str, Platform]
    log_ins: LogIns
    clock: Clock
    send: Callable[[FromAgent], Awaitable[None]]
    capture: CaptureDevice
    masking: tuple[OwnRule, ...] = ()  # the user's own, beside those of the platforms
    pause: tenacity.wait.wait_base = _GROWING

    def begin(self, job: Capture) -> RunProgress:
        """The story of a run that begins now."""
        return RunProgress(self.clock.now(), job.attempt)

    async def carry_out(self, job: Capture, progress: RunProgress) -> Captured | Failed:
        """Try ``job`` until it works or trying again cannot help; every attempt is announced by ``Started``.

        Raises:
            asyncio.CancelledError: cancelled from outside; the session is closed by then.
        """
        try:
            async with asyncio.timeout(job.limits.running.total_seconds()):
                outcome = await self._until_it_works(job, progress)
            return self._captured(job, progress, outcome)
        except TimeoutError:
            error = DeviceError(FailureKind.RUNNING_LIMIT, progress.last_trouble)
        except DeviceError as trouble:
            error = trouble
        except Exception:
            log.exception("capture hit an internal error", extra={"run": job.run, "device": job.device})
            error = DeviceError(FailureKind.INTERNAL)
        return self.failed(job, error, progress)

    def failed(self, job: Capture, error: DeviceError, progress: RunProgress | None = None) -> Failed:
        """The report of a capture that came to nothing."""
        now = self.clock.now()
        log.info("capture failed", extra={"run": job.run, "device": job.device, "kind": error.kind.value})
        return Failed(
            run=job.run,
            agent=self.agent,
            attempts=progress.attempt if progress else job.attempt,
            started_at=progress.started_at if progress else now,
            finished_at=now,
            kind=error.kind,
            facts=self._tellable(error, job, progress),
            offered_host_key=error.offered if isinstance(error, HostKeyChanged) else None,
            offered_by_jump=isinstance(error, HostKeyChanged) and error.by_jump,
            evidence=self._evidence(error.kind, job, progress),
        )

    async def _until_it_works(self, job: Capture, progress: RunProgress) -> CaptureOutcome:
        tries = tenacity.AsyncRetrying(
            stop=tenacity.stop_after_attempt(job.retries + 1),
            wait=self.pause,
            retry=tenacity.retry_if_exception(_is_transient),
            sleep=self._sleep,
            reraise=True,
        )
        async for attempt in tries:
            with attempt:
                progress.attempt = job.attempt + attempt.retry_state.attempt_number - 1
                return await self._try(job, progress)
        raise DeviceError(FailureKind.INTERNAL)  # tenacity either returned or raised

    async def _try(self, job: Capture, progress: RunProgress) -> CaptureOutcome:
        await self.send(Started(run=job.run, agent=self.agent, attempt=progress.attempt, at=self.clock.now()))
        platform = self.platforms.get(job.platform)
        if platform is None:
            raise DeviceError(FailureKind.INTERNAL, f"this agent has no platform named {job.platform}")
        try:
            with own_shortage():
                return await self._with_each_login(job, platform, progress)
        except DeviceError as error:
            if error.kind is FailureKind.AGENT_SHORTAGE:
                log.error("the agent itself ran short", extra={"run": job.run, "facts": error.facts})  # noqa: TRY400
            progress.last_trouble = f"the last attempt ended with {error.kind.value}"
            raise

    async def _with_each_login(self, job: Capture, platform: Platform, progress: RunProgress) -> CaptureOutcome:
        progress.transcript = None  # of the attempt before
        jump = await self.log_ins.credentials.login(job.jump.credentials[0]) if job.jump else None

        async def use(login: Login) -> CaptureOutcome:
            progress.secrets |= login.secrets | (jump.secrets if jump else frozenset())
            progress.transcript = Transcript()
            return await self.capture(job, platform, login, jump=jump, transcript=progress.transcript)

        return await self.log_ins.each(job.device, job.target.credentials, progress.refused, use)

    async def _sleep(self, seconds: float) -> None:
        await self.clock.sleep(timedelta(seconds=seconds))

    def _captured(self, job: Capture, progress: RunProgress, outcome: CaptureOutcome) -> Captured:
        return Captured(
            run=job.run,
            agent=self.agent,
            attempts=progress.attempt,
            started_at=progress.started_at,
            finished_at=self.clock.now(),
            text=outcome.text,
            own_words=marks(outcome.text, progress.secrets),
            host_key=outcome.host_key,
            jump_host_key=outcome.jump_host_key,
        )

    def _tellable(self, error: DeviceError, job: Capture, progress: RunProgress | None) -> str:
        """The facts of ``error`` without secrets: they may quote the device, and a device may echo what it was sent."""
        if isinstance(error, Unresolved):  # our own words about a place, which only look like a line with a secret
            return error.facts
        secrets = progress.secrets if progress else frozenset()
        rules = self._rules(job)
        return tellable(error.facts, rules, secrets=secrets) if rules else scrubbed(error.facts, secrets)

    def _evidence(self, kind: FailureKind, job: Capture, progress: RunProgress | None) -> Evidence | None:
        rules = self._rules(job)
        if rules is None or progress is None or progress.transcript is None:
            return None
        return evidence_of(progress.transcript, kind, rules, secrets=progress.secrets)

    def _rules(self, job: Capture) -> Platform | None:
        """The platform, with the user's own rules for what is masked in texts of this device."""
        platform = self.platforms.get(job.platform)
        if platform is None:
            return None
        own = own_expressions(self.masking, site=job.site, device=job.device, platform=job.platform)
        return replace(platform, secrets=(*platform.secrets, *own))


@dataclass(slots=True)
class RunProgress:
    """How far a run has come: kept up to date by ``Attempts.carry_out``."""

    started_at: datetime
    attempt: int
    last_trouble: str = ""
    secrets: frozenset[str] = frozenset()
    refused: Refused = field(default_factory=Refused)
    transcript: Transcript | None = None  # of the last log-in that was tried


def _is_transient(error: BaseException) -> bool:
    return isinstance(error, DeviceError) and error.kind.is_transient
