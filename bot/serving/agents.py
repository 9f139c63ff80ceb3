"""Agents as children of this process: how each is started, and what it may know."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from bot.clock import SystemClock
from runners.transport.local import LocalTransport

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from bot.settings.loading import Settings
    from domain.inventory.declared import Inventory

_NOT_THEIRS = ("SLACK_", "PG", "DATABASE_")  # prefixes of variables that are no agent's business


def local_transport(settings: Settings, inventory: Inventory) -> LocalTransport:
    """The embedded default: one child process for each declared agent, without Slack's secrets in its environment.

    Its clock is the machine's own also where a test moves time: the children are real.
    """
    hidden = settings.serve_only_variables
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith(_NOT_THEIRS) and name not in hidden
    }
    commands = {name: _command(settings.path, name) for name in inventory.agents}
    return LocalTransport(commands, clock=SystemClock(), environment=environment)


def _command(config: Path, name: str) -> Callable[[Path], Sequence[str]]:
    def command(socket: Path) -> Sequence[str]:
        start = (sys.executable, "-m", "bot", "agent")
        return (*start, "--config", str(config), "--name", name, "--socket", str(socket))

    return command
