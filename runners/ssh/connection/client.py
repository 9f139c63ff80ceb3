"""Our side of one log-in: judges the host key, answers the device's questions, and knows why it came to nothing."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, cast

import asyncssh

from domain.failures import DeviceError, FailureKind
from runners.ssh.connection.algorithms import nothing_in_common, their_offer
from runners.ssh.failures import HostKeyChanged, LoginRefused, as_device_error, last_words, plain
from runners.ssh.questions import asked, asks_for_name, asks_for_other

if TYPE_CHECKING:
    from collections.abc import Sequence

    from runners.ssh.connection.device_connection import DeviceConnection
    from runners.ssh.login import Login
    from runners.wire.messages import Limits, LoginTarget

MAX_QUESTION_ROUNDS = 5  # of questions in one log-in
_BY_PASSWORD = frozenset({"password", "keyboard-interactive"})
_OWN_WORDS = ("Permission denied for user", "Connection lost")  # asyncssh's, not the device's


class Client(asyncssh.SSHClient):
    """Judges the host key and answers the device's questions for one connection."""

    def __init__(self, target: LoginTarget, login: Login, limits: Limits, *, username: str) -> None:
        self._target = target
        self._username = username
        self._login_limit = limits.login.total_seconds()
        self._password = login.password
        self.sent_password = False
        self.host_key = ""
        self.changed = False
        self.connection: DeviceConnection | None = None
        self.limit: asyncio.Timeout | None = None  # of connecting, and from the host key on of logging in
        self._rounds = 0  # of questions: one that was refused is not begun again
        self._unanswered = ""  # a question to which there was no answer
        self._told: list[str] = []  # what it said beside its questions
        self._wants_new_password = ""

    def connection_made(self, conn: asyncssh.SSHClientConnection) -> None:
        """Remember the connection, which knows more than its errors say."""
        self.connection = cast("DeviceConnection", conn)  # we make no other

    def validate_host_public_key(
        self,
        host: str,  # noqa: ARG002 - asyncssh's signature
        addr: str,  # noqa: ARG002
        port: int,  # noqa: ARG002
        key: asyncssh.SSHKey,
    ) -> bool:
        """Compare the device's key with the pinned one; the first one seen is good."""
        shown = key.export_public_key("openssh").decode().strip()
        if self.host_key:  # session keys are changed later on: whoever answers must still be the same
            return _bare(shown) == _bare(self.host_key)
        self.host_key = shown
        pinned = self._target.host_key
        self.changed = pinned is not None and _bare(shown) != _bare(pinned)
        if self.limit and not self.limit.expired():
            self.limit.reschedule(asyncio.get_running_loop().time() + self._login_limit)
        return not self.changed

    def password_auth_requested(self) -> str | None:
        """The password, if it was not said yet."""
        return self._once()

    def password_change_requested(self, prompt: str, lang: str) -> tuple[str, str]:
        """Never choose a new password: a person has to."""
        del lang
        self._wants_new_password = prompt or "it wants a new password"
        return NotImplemented  # type: ignore[no-any-return]

    def kbdint_auth_requested(self) -> str | None:
        """Let the device ask questions, unless that can only lead to the password being said twice."""
        is_half_in = self.connection is not None and self.connection.is_half_in
        may_ask = self._password is not None and (is_half_in or not (self.sent_password or self._rounds))
        self._rounds += 1
        return "" if may_ask and self._rounds <= MAX_QUESTION_ROUNDS else None

    def kbdint_challenge_received(
        self,
        name: str,
        instructions: str,
        lang: str,  # noqa: ARG002 - asyncssh's signature
        prompts: Sequence[tuple[str, bool]],
    ) -> list[str] | None:
        """Answer with the user's name and the password; anything else that is asked ends the log-in."""
        self._told += [text for text in (plain(name), plain(instructions)) if text]
        if not prompts:
            return []
        answers = [self._answer(question, is_echoed=is_echoed) for question, is_echoed in prompts]
        if _may_all_be_said(prompts) and all(answer is not None for answer in answers):
            return [self._username if answer else self._once() or "" for answer in answers]
        self._unanswered = " ".join(question for question, _ in prompts)
        return None

    def _answer(self, question: str, *, is_echoed: bool) -> bool | None:
        """What ``question`` is for: True a name, False the password; None: there is no answer to it."""
        if is_echoed and asks_for_name(question) and "password" not in question.casefold():
            return True
        if self.sent_password or asks_for_other(question) or (is_echoed and "password" not in question.casefold()):
            return None
        return False

    def _once(self) -> str | None:
        """The password, once in whatever way it is asked for: further tries would lock the account."""
        if self.sent_password or self._password is None:
            return None
        self.sent_password = True
        return self._password

    # Why it came to nothing.

    def why_it_hung(self) -> DeviceError:
        """The failure of a connection that took too long."""
        if self.host_key:
            facts = "the log-in was not answered"
        elif self.connection and self.connection.speaks_ssh:
            facts = "the key exchange was not answered"
        elif self.connection:
            facts = f"the port is open, but nothing there speaks SSH{last_words(self.connection.first_words)}"
        else:
            facts = "no answer to the connection attempt"
        return DeviceError(FailureKind.UNREACHABLE, facts)

    def why_not(self, error: asyncssh.Error | OSError) -> DeviceError | None:
        """``error`` with its true reason; None: it is a fault of ours."""
        if self.changed:
            return HostKeyChanged(self.host_key)
        if self.connection is None or isinstance(error, OSError):
            return as_device_error(error)
        if not self.connection.speaks_ssh:
            facts = "the connection was closed before SSH began"
            return DeviceError(FailureKind.CONNECTION_LOST, facts + last_words(self.connection.first_words))
        return self._why_no_log_in(error) if self.host_key else self._why_no_keys(error, self.connection)

    def _why_no_keys(self, error: asyncssh.Error, connection: DeviceConnection) -> DeviceError:
        """Before a host key was seen and found good: nothing secret was sent."""
        if isinstance(error, asyncssh.HostKeyNotVerifiable):
            return DeviceError(FailureKind.KEY_EXCHANGE, plain(f"its host key cannot be used: {error.reason}"))
        theirs = their_offer(connection.offer)
        # Whichever side sees it first: some devices close without a word when there is nothing in common.
        if theirs and (lacking := nothing_in_common(theirs, self._target.algorithms)):
            return DeviceError(FailureKind.KEY_EXCHANGE, lacking)
        if isinstance(error, asyncssh.KeyExchangeFailed):
            return DeviceError(FailureKind.KEY_EXCHANGE, plain(error.reason))
        return DeviceError(FailureKind.CONNECTION_LOST, plain(f"the key exchange was cut off{_said(error)}"))

    def _why_no_log_in(self, error: asyncssh.Error) -> DeviceError | None:
        known = as_device_error(error)
        if self._wants_new_password:
            return DeviceError(FailureKind.PASSWORD_EXPIRED, plain(self._wants_new_password))
        if isinstance(known, LoginRefused):
            return LoginRefused(plain(self._why_refused() + _said(error)))
        if known and self.sent_password and known.kind is FailureKind.CONNECTION_LOST:
            # Many devices answer a wrong password by closing: trying it again would lock the account.
            return LoginRefused(plain(f"the connection was closed right after the password{_said(error)}"))
        return known

    def _why_refused(self) -> str:
        told = f'; it said "{" ".join(self._told)}"' if self._told else ""
        methods = (self.connection.methods if self.connection else None) or ()
        if self._unanswered:
            return asked(self._unanswered) + told
        if self.connection and self.connection.is_half_in:
            return f"what we have was right, but it also wants {', '.join(methods)}{told}"
        if not self.sent_password and methods and not _BY_PASSWORD & set(methods):
            return f"it takes only {', '.join(methods)}{told}"
        if not self.sent_password and self._password is None:
            return f"it refused the key; it offers {', '.join(methods)}{told}" if methods else told[2:]
        return told[2:]


def _may_all_be_said(prompts: Sequence[tuple[str, bool]]) -> bool:
    """One question, or a name and the password: two secrets at once are a password and something else."""
    return sum(not is_echoed for _, is_echoed in prompts) <= 1


def _said(error: asyncssh.Error) -> str:
    """The device's own words in ``error``, to be put behind a sentence."""
    reason = plain(error.reason)
    return "" if not reason or reason.startswith(_OWN_WORDS) else f'; it said "{reason}"'


def _bare(key: str) -> tuple[str, ...]:
    """Kind and value of a key, without its comment."""
    return tuple(key.split()[:2])
