"""The agent's own shortage of files, sockets or memory, told apart from trouble with a device."""

from __future__ import annotations

import errno
import logging
import os
import resource
from contextlib import contextmanager
from typing import TYPE_CHECKING

from domain.failures import DeviceError, FailureKind

if TYPE_CHECKING:
    from collections.abc import Iterator

log = logging.getLogger(__name__)

MAX_SESSION_FILES = 4  # open files that one session with a device may need, with a jump host and a name server
MAX_IDLE_FILES = 64  # open files of an agent that is at nothing, rounded up
_OURS = {
    errno.EMFILE: "too many open files in the agent's process",
    errno.ENFILE: "too many open files on the agent's machine",
    errno.ENOMEM: "no memory left on the agent's machine",
    errno.ENOBUFS: "no memory left for connections on the agent's machine",
}
_NO_MEMORY = "no memory left for the agent"

# What a library, or we ourselves, make of a file or socket that could not be opened, without saying why. What a device
# said itself is never taken for ours.
_PERHAPS_OURS = frozenset(
    {
        FailureKind.NAME_NOT_RESOLVED,
        FailureKind.REFUSED,
        FailureKind.UNREACHABLE,
        FailureKind.CONNECTION_LOST,
        FailureKind.CREDENTIAL,
        FailureKind.SECRETS_AWAY,
        FailureKind.INTERNAL,
    }
)


@contextmanager
def own_shortage() -> Iterator[None]:
    """Whatever goes wrong in the block because the agent ran short is that, and no failure of a device.

    Raises:
        DeviceError: of the kind AGENT_SHORTAGE.
    """
    try:
        yield
    except Exception as error:
        facts = _shortage(error)
        if facts is None:
            raise
        raise DeviceError(FailureKind.AGENT_SHORTAGE, facts) from error


def raise_file_limit(concurrency: int) -> None:
    """Take all the open files that the system grants, and say in the log if they are too few for ``concurrency``."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard not in (soft, resource.RLIM_INFINITY):
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
        soft = hard
    needed = concurrency * MAX_SESSION_FILES + MAX_IDLE_FILES
    if soft != resource.RLIM_INFINITY and soft < needed:
        log.warning(
            "the system grants too few open files for so many sessions: raise LimitNOFILE, or lower `concurrency`",
            extra={"granted": soft, "needed": needed, "concurrency": concurrency},
        )


def _shortage(error: Exception) -> str | None:
    """What the agent ran short of, by ``error`` or by one that led to it; None: it did not."""
    if isinstance(error, DeviceError) and error.kind not in _PERHAPS_OURS:
        return None
    cause: BaseException | None = error
    while cause is not None:
        found = _named(cause)
        if found:
            return found
        cause = cause.__cause__ or cause.__context__
    return _OURS[errno.EMFILE] if isinstance(error, DeviceError) and not _can_open() else None


def _named(error: BaseException) -> str | None:
    if isinstance(error, MemoryError):
        return _NO_MEMORY
    if not isinstance(error, OSError):
        return None
    # asyncio joins the errors of several addresses into one without a number
    joined = next((one for one in _OURS if error.errno is None and f"[Errno {one}]" in str(error)), None)
    return _OURS.get(error.errno or joined or 0)


def _can_open() -> bool:
    """Whether one more file could be opened now."""
    try:
        os.close(os.open(os.devnull, os.O_RDONLY))
    except OSError:
        return False
    return True
