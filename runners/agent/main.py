"""The agent process: from its start to the end of its link."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

from runners.agent.attempts import Attempts
from runners.agent.link import Link
from runners.agent.logins import LogIns
from runners.agent.memory import give_back, settle
from runners.agent.secrets.credentials import Credentials
from runners.agent.secrets.sources import SecretSources
from runners.agent.shortage import raise_file_limit
from runners.agent.work import Work
from runners.ssh.capture import capture

if TYPE_CHECKING:
    from domain.clock import Clock
    from runners.agent.settings import AgentSettings

log = logging.getLogger(__name__)


async def run_agent(settings: AgentSettings, *, clock: Clock) -> None:
    """Be an agent until ``serve`` hangs up or this task is cancelled.

    Sessions are closed then, and what was under way is not reported: ``serve`` knows from its database what
    was lost.

    Raises:
        OSError: nobody listens on the socket.
    """
    logging.getLogger("asyncssh").setLevel(logging.WARNING)  # it would log each packet
    settle()
    raise_file_limit(settings.concurrency)
    link = await Link.open(settings.socket)
    attempts = Attempts(
        agent=settings.name,
        platforms=settings.platforms,
        log_ins=LogIns(Credentials(settings.credentials, SecretSources(settings.vault))),
        clock=clock,
        send=link.send,
        capture=capture,
        masking=settings.masking,
    )
    work = Work(settings, attempts, link.send)
    try:
        await link.send(work.hello())
        log.info("agent started", extra={"agent": settings.name, "concurrency": settings.concurrency})
        await _serve(settings, link, work, clock)
    except ConnectionError:
        log.info("serve hung up", extra={"agent": settings.name})
    finally:
        await work.stop()
        await link.close()


async def _serve(settings: AgentSettings, link: Link, work: Work, clock: Clock) -> None:
    """Take messages until there are no more, with heartbeats beside."""
    heart = asyncio.create_task(_beat(settings, link, work, clock), name="heartbeat")
    try:
        async for message in link.messages():
            await work.take(message)
    finally:
        heart.cancel()
        await asyncio.gather(heart, return_exceptions=True)


async def _beat(settings: AgentSettings, link: Link, work: Work, clock: Clock) -> None:
    while True:
        await clock.sleep(settings.heartbeat)
        await link.send(work.heartbeat())
        if not work.running:
            give_back()
