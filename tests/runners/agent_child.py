"""An agent process as a test needs it: ``python -m tests.runners.agent_child NAME CONCURRENCY SOCKET``."""

from __future__ import annotations

import asyncio
import sys
from datetime import timedelta
from pathlib import Path

from bot.clock import SystemClock
from runners.agent.main import run_agent
from runners.agent.secrets.credentials import CredentialSources
from runners.agent.settings import AgentSettings
from runners.platforms.reading import load_platforms

if __name__ == "__main__":
    name, concurrency, socket = sys.argv[1:]
    settings = AgentSettings(
        name=name,
        socket=Path(socket),
        platforms=load_platforms(None),
        credentials={"lab": CredentialSources(username="backup", password="env:LAB_PASSWORD")},
        concurrency=int(concurrency),
        heartbeat=timedelta(milliseconds=500),
    )
    asyncio.run(run_agent(settings, clock=SystemClock()))
