"""Questions that a device asks at log-in, in whatever words: what they are for, and what may be said to them.

Customers word them themselves. A password is said to one that could be meant for it, never to one that asks for
a name, a code, a new password or a yes.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from domain.failures import DeviceError, FailureKind
from runners.ssh.failures import LoginRefused, last_words, plain

if TYPE_CHECKING:
    from runners.ssh.login import Login

MAX_QUESTION_LENGTH = 200  # characters of a question
_QUESTION = re.compile(r"[:?\uff1a\uff1f] {0,3}(?:\[[^\]\n]{0,20}\]:? {0,3})?$")
_NAME = re.compile(
    r"(?i)\b(?:user ?-?name|user(?: ?id)?|login(?: name| as)?|account(?: name)?|name|benutzer(?:name)?)\W*$"
)
_OTHER = re.compile(
    r"(?i)\b(?:code|otp|token|one-?time|challenge|response|new|old|current|again|re-?type|re-?enter|repeat|confirm|"
    r"verify|verification|sure|proceed|choice|selection|option|menu|continue|accept|agree|answer|y/n|yes/no)\b"
)
_PASSWORD = re.compile(
    r"(?i)\b(?:pass(?:word|code|phrase|wd)?|kennwort|passwort|mot de passe|contrase\u00f1a|senha)\W*$"
)
_NEW = re.compile(r"(?i)\b(?:new|again|re-?type|re-?enter|repeat|confirm)\b")


def is_question(line: str) -> bool:
    """Whether the device waits for an answer to ``line``, in which the cursor stands."""
    return len(line) <= MAX_QUESTION_LENGTH and bool(line.strip()) and _QUESTION.search(line) is not None


def asks_for_name(line: str) -> bool:
    """Whether ``line`` wants to know who we are."""
    return _NAME.search(line) is not None


def asks_for_other(line: str) -> bool:
    """Whether ``line`` wants anything but a name or the password that we have."""
    return _OTHER.search(line) is not None


def asks_for_new_password(line: str) -> bool:
    """Whether ``line`` wants a password to be chosen, whatever else it looks like."""
    return _NEW.search(line) is not None


class ShellLogIn:
    """Answers a device that lets everybody in by SSH and asks who it is in the shell."""

    def __init__(self, login: Login) -> None:
        self._login = login
        self._has_said_password = False

    @staticmethod
    def knows(line: str) -> bool:
        """Whether ``line`` asks for a name or for the password, in words that leave no doubt."""
        is_known = asks_for_name(line) or _PASSWORD.search(line) is not None
        return is_known and is_question(line) and not asks_for_other(line)

    def answer(self, line: str) -> str:
        """What to say to ``line``, the password once.

        Raises:
            LoginRefused: the device asks again.
        """
        is_name = _PASSWORD.search(line) is None
        if self._has_said_password or not (is_name or self._login.password):
            raise LoginRefused(f'it asked "{plain(line)}" in the shell, once more than there is an answer')
        self._has_said_password = not is_name
        return self._login.username if is_name else self._login.password or ""


def asked(line: str) -> str:
    """``line`` as a fact about a log-in that stopped there."""
    return f'it asked "{plain(line)}", to which there is no answer'


def telling(error: DeviceError, shown: str) -> DeviceError:
    """``error`` before the first prompt, with what was ``shown`` last: a question, or why the device hung up."""
    if error.kind is FailureKind.CONNECTION_LOST:
        return DeviceError(error.kind, f"{error.facts}{last_words(shown.encode())}")
    line = shown.rpartition("\n")[2]
    if error.kind is FailureKind.NO_PROMPT and is_question(line):
        return DeviceError(error.kind, f"{error.facts}; {asked(line)}")
    return error
