"""Secrets that are at hand: in the environment and in files."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from runners.agent.secrets.errors import Unresolved

MAX_SECRET_BYTES = 64 * 1024  # bytes


def from_environment(where: str) -> str:
    """What an environment variable holds.

    Raises:
        Unresolved: it is not set, or empty.
    """
    value = os.environ.get(where)
    if not value:
        problem = f"the environment variable {where} is not set"
        raise Unresolved(problem)
    return value


def from_file(where: str) -> str:
    """The content of a file that nobody but its owner may read, and whose owner is the agent's user or root.

    Raises:
        Unresolved: there is no such file, or it is not kept as a secret must be.
    """
    path = Path(where)
    try:
        with open(path, "rb", opener=_without_waiting) as file:
            _insist_on_tight(path, os.fstat(file.fileno()))
            content = file.read(MAX_SECRET_BYTES).decode()
    except OSError as error:
        problem = f"{path} cannot be read: {error.strerror}"
        raise Unresolved(problem) from error
    except UnicodeDecodeError:  # it holds the content
        problem = f"{path} is not text"
        raise Unresolved(problem) from None
    if not content.strip():  # sent as a password it would only count as a failed log-in
        problem = f"{path} is empty"
        raise Unresolved(problem)
    return content


def _without_waiting(path: str, flags: int) -> int:
    """A pipe that nobody writes to must not hold up the sessions of all other devices."""
    return os.open(path, flags | os.O_NONBLOCK)


def _insist_on_tight(path: Path, facts: os.stat_result) -> None:
    if stat.S_IMODE(facts.st_mode) & (stat.S_IRWXG | stat.S_IRWXO):
        problem = f"{path} is readable by others: run chmod 600 on it"
        raise Unresolved(problem)
    if facts.st_uid not in {os.geteuid(), 0}:
        problem = f"{path} belongs to another user: chown it to the agent's user"
        raise Unresolved(problem)
