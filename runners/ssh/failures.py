"""What went wrong, by kind: SSH's and the system's own errors in the words of ``domain.failures``.

The facts are written here from what is known to hold no secret; an error's own text is taken over only where
it speaks of algorithms, addresses or protocol.
"""

from __future__ import annotations

import errno
import re
import socket
from typing import TYPE_CHECKING

import asyncssh

from domain.failures import DeviceError, FailureKind

if TYPE_CHECKING:
    from domain.configs.proof import Flaw

_LONGEST_FACTS = 300  # characters
MAX_ANSWER_LINES = 3  # lines of a device's answer that a failure quotes
MAX_LAST_WORDS = 1000  # bytes, of which the last lines are told; who hands them over keeps no fewer
MAX_LAST_LINE = 500  # characters: of a longer line the beginning may be out of sight already
_TOO_MANY = "too many authentication failures"  # what OpenSSH says instead of refusing once more
_UNREACHABLE = frozenset(
    {errno.EHOSTUNREACH, errno.ENETUNREACH, errno.EHOSTDOWN, errno.ENETDOWN, errno.ETIMEDOUT, errno.EACCES}
)


class HostKeyChanged(DeviceError):
    """The device, or its jump host, showed another key than the one that is pinned; nothing secret was sent to it."""

    def __init__(self, offered: str, *, by_jump: bool = False) -> None:
        facts = "not the device but its jump host has a new key" if by_jump else ""
        super().__init__(FailureKind.HOST_KEY_CHANGED, facts)
        self.offered = offered
        self.by_jump = by_jump


class LoginRefused(DeviceError):
    """The device did not take the log-in; never said of a jump host on the way to it."""

    def __init__(self, facts: str = "") -> None:
        super().__init__(FailureKind.AUTHENTICATION, facts)


def at_jump_host(error: DeviceError) -> DeviceError:
    """``error``, which stopped us on the way, with facts that say so: the device itself may be in good health."""
    if isinstance(error, HostKeyChanged):
        return HostKeyChanged(error.offered, by_jump=True)
    return DeviceError(error.kind, f"at the jump host: {error.facts}" if error.facts else "at the jump host")


def as_device_error(error: Exception) -> DeviceError | None:
    """``error`` as a failure of the device; None: it is a fault of ours."""
    if isinstance(error, DeviceError):
        return error
    if isinstance(error, asyncssh.Error):
        return _of_ssh(error)
    if isinstance(error, OSError):
        return _of_system(error)
    return None


def plain(text: str) -> str:
    """``text`` of a device as one short line without control characters."""
    collapsed = re.sub(r"[\s\x00-\x1f\x7f]+", " ", text).strip()[:_LONGEST_FACTS]
    return "".join(one if one.isprintable() else "\ufffd" for one in collapsed)


def refuse(flaw: Flaw | None, command: str) -> None:
    """Raise ``flaw`` as a failure of ``command``; None: there is nothing to raise."""
    if flaw:
        raise DeviceError(flaw.kind, quoting(f"{command}: {flaw.note}", flaw.line))


def last_words(shown: bytes) -> str:
    """What a device said before it hung up, to be put behind a sentence; empty when it said nothing.

    No line is told whose beginning is out of sight: the rest of a secret looks like any word.
    """
    lines = shown[-MAX_LAST_WORDS:].decode("utf-8", "replace").splitlines()[len(shown) >= MAX_LAST_WORDS :]
    told = [words for line in lines if len(line) <= MAX_LAST_LINE and (words := plain(line))]
    return "\n".join(["; its last words:", *(line[:100] for line in told[-2:])]) if told else ""


def quoting(sentence: str, words: str) -> str:
    """``sentence`` and what a device said: its lines stay lines, or rules that look at their beginning miss secrets."""
    lines = [plain(line) for line in words.splitlines() if line.strip()][:MAX_ANSWER_LINES]
    return "\n".join([f"{plain(sentence)}{':' if lines else ''}", *lines])[:_LONGEST_FACTS]


def _of_ssh(error: asyncssh.Error) -> DeviceError:
    if isinstance(error, asyncssh.PermissionDenied) or _TOO_MANY in error.reason.casefold():
        return LoginRefused()
    if isinstance(error, asyncssh.HostKeyNotVerifiable):
        return DeviceError(
            FailureKind.CONNECTION_LOST, "in the middle of the session the device showed another host key"
        )
    if isinstance(error, asyncssh.KeyExchangeFailed):
        return DeviceError(FailureKind.KEY_EXCHANGE, plain(error.reason))
    if isinstance(error, asyncssh.ChannelOpenError):
        return DeviceError(FailureKind.CONNECTION_LOST, plain(f"no session: {error.reason}"))
    return DeviceError(FailureKind.CONNECTION_LOST, plain(error.reason))


def _of_system(error: OSError) -> DeviceError:
    if isinstance(error, socket.gaierror):
        return DeviceError(FailureKind.NAME_NOT_RESOLVED, plain(error.strerror or ""))
    if isinstance(error, ConnectionRefusedError):
        return DeviceError(FailureKind.REFUSED)
    if error.errno in _UNREACHABLE:
        return DeviceError(FailureKind.UNREACHABLE, plain(error.strerror or ""))
    if isinstance(error, ConnectionError):
        return DeviceError(FailureKind.CONNECTION_LOST, plain(error.strerror or ""))
    # asyncio joins the errors of several addresses into one without a number
    refused = "Connect call failed" in str(error) and "Errno 111" in str(error)
    return DeviceError(FailureKind.REFUSED if refused else FailureKind.UNREACHABLE, plain(error.strerror or ""))
