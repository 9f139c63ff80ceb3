"""What can go wrong with a device, on demand, and what a fault does to the text that it prints."""

from __future__ import annotations

from collections import deque
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

BIG_CONFIG_BYTES = 5_000_000


class Fault(StrEnum):
    """One way to misbehave. A connection keeps the faults that it began with."""

    # Before the log-in.
    REFUSES = "refuses"  # standing: nobody listens; by fail_next: the connection is reset at once
    HANGS_AFTER_CONNECT = "hangs_after_connect"  # TCP only, no SSH banner ever
    CHANGED_HOST_KEY = "changed_host_key"
    OLD_ALGORITHMS = "old_algorithms"  # group14-sha1, aes128-cbc, hmac-sha1, ssh-rsa and nothing newer
    WRONG_PASSWORD = "wrong_password"  # noqa: S105 - a fault, not a password
    KEYBOARD_INTERACTIVE_ONLY = "keyboard_interactive_only"
    # Between the log-in and the first prompt.
    HANGS_AFTER_LOGIN = "hangs_after_login"
    PASSWORD_EXPIRED = "password_expired"  # noqa: S105 - a fault, not a password
    NO_PROMPT = "no_prompt"  # a menu instead of a prompt, whatever is typed
    PRESS_ANY_KEY = "press_any_key"
    ACCEPT_BANNER = "accept_banner"  # wants the key a
    ACCEPT_POLICY = "accept_policy"  # wants the word yes
    WRONG_ENABLE = "wrong_enable"  # refuses the enable password
    # While the configuration is printed.
    HANGS_IN_CONFIG = "hangs_in_config"
    DROPS = "drops"  # the connection breaks in the middle
    ENDLESS = "endless"  # prints for ever
    REJECTS_CONFIG = "rejects_config"  # the platform's own words for an unknown command
    AUTHORIZATION_FAILED = "authorization_failed"
    PAGES_ANYWAY = "pages_anyway"  # accepts the command that turns the pager off, and pages
    LOG_LINES = "log_lines"  # %SYS-5-CONFIG_I between the lines
    # What is wrong with the configuration itself.
    PROMPT_LIKE_LINES = "prompt_like_lines"
    TRUNCATED = "truncated"  # two thirds of it, no end marker
    SHRUNK = "shrunk"  # a tenth of it, end marker and all
    LOW_PRIVILEGE = "low_privilege"  # the few lines that such a user may see, no error
    BIG = "big"  # 5 MB
    CRLF = "crlf"  # its lines end with CR LF by themselves
    NOT_UTF8 = "not_utf8"
    # How the bytes travel.
    BYTE_BY_BYTE = "byte_by_byte"
    RANDOM_CHUNKS = "random_chunks"
    NO_EXIT_STATUS = "no_exit_status"  # an exec channel closes without one


class FaultPlan:
    """The faults that stand, and those waiting for the next connections."""

    def __init__(self) -> None:
        self.standing: frozenset[Fault] = frozenset()
        self._next: deque[Fault] = deque()

    def add_next(self, fault: Fault, *, times: int) -> None:
        """Let the next ``times`` connections have ``fault``, after those already planned."""
        self._next.extend([fault] * times)

    def forget_next(self) -> None:
        """Drop what is planned for coming connections."""
        self._next.clear()

    def begin_connection(self) -> frozenset[Fault]:
        """The faults of the connection that begins now."""
        return self.standing | {self._next.popleft()} if self._next else self.standing


def spoil(text: bytes, faults: Iterable[Fault], *, hostname: str) -> bytes:
    """Apply to a printed configuration what ``faults`` do to its text. Lines end with LF, in and out."""
    for fault in sorted(faults):
        spoiler = _SPOILERS.get(fault)
        if spoiler:
            text = spoiler(text, hostname.encode())
    return text


def _truncate(text: bytes, _hostname: bytes) -> bytes:
    lines = text.splitlines(keepends=True)
    return b"".join(lines[: max(1, len(lines) * 2 // 3)])


def _shrink(text: bytes, _hostname: bytes) -> bytes:
    lines = text.splitlines(keepends=True)
    return b"".join([*lines[: max(1, len(lines) // 10)], lines[-1]])


def _low_privilege(text: bytes, _hostname: bytes) -> bytes:
    lines = text.splitlines(keepends=True)
    return b"".join([*lines[: min(8, len(lines) // 3)], lines[-1]])


def _prompt_like(text: bytes, hostname: bytes) -> bytes:
    lines = text.splitlines(keepends=True)
    middle = len(lines) // 2
    likes = [b"%s#\n" % hostname, b"%s> \n" % hostname, b"admin@%s> \n" % hostname, b"[admin@%s] > \n" % hostname]
    return b"".join([*lines[:middle], *likes, *lines[middle:]])


def _grow(text: bytes, _hostname: bytes) -> bytes:
    lines = text.splitlines(keepends=True)
    body = b"".join(lines[:-1]) or text
    return body * (BIG_CONFIG_BYTES // len(body) + 1) + lines[-1]


def _with_crlf(text: bytes, _hostname: bytes) -> bytes:
    return text.replace(b"\n", b"\r\n")


def _not_utf8(text: bytes, _hostname: bytes) -> bytes:
    lines = text.splitlines(keepends=True)
    middle = len(lines) // 2
    return b"".join([*lines[:middle], b"! R\xe4umlichkeiten \xa7 4 \xff\xfe\n", *lines[middle:]])


_SPOILERS = {
    Fault.BIG: _grow,
    Fault.CRLF: _with_crlf,
    Fault.LOW_PRIVILEGE: _low_privilege,
    Fault.NOT_UTF8: _not_utf8,
    Fault.PROMPT_LIKE_LINES: _prompt_like,
    Fault.SHRUNK: _shrink,
    Fault.TRUNCATED: _truncate,
}
