"""What a server may ask for and do that no device of the fleet does: its questions, its keys, its flood."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import asyncssh
import pytest

from domain.failures import DeviceError, FailureKind
from runners.ssh import exec_commands
from runners.ssh.connect import connected
from runners.ssh.login import Login
from runners.wire.messages import LoginTarget
from tests.runners.agent_ground import WIDE

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

PASSWORD = "hunter2-hunter2"
LOGIN = Login("backup", password=PASSWORD)


class Asking(asyncssh.SSHServer):
    """Lets nobody in before its questions are answered, and keeps the answers."""

    def __init__(self, questions: Sequence[tuple[str, bool]], answers: list[str]) -> None:
        self._questions = list(questions)
        self._answers = answers

    def password_auth_supported(self) -> bool:
        """Only questions."""
        return False

    def kbdint_auth_supported(self) -> bool:
        """Only questions."""
        return True

    def get_kbdint_challenge(
        self, username: str, lang: str, submethods: str
    ) -> tuple[str, str, str, list[tuple[str, bool]]]:
        """All of them at once."""
        del username, lang, submethods
        return "", "", "", self._questions

    def validate_kbdint_response(self, username: str, responses: Sequence[str]) -> bool:
        """Good enough if the password is all that was said."""
        del username
        self._answers += responses
        return list(responses) == [PASSWORD]


class HangingUp(asyncssh.SSHServer):
    """Answers a wrong password by closing the connection, as many switches do."""

    def __init__(self, passwords: list[str]) -> None:
        self._passwords = passwords

    def connection_made(self, conn: asyncssh.SSHServerConnection) -> None:
        """Remember what to close."""
        self._connection = conn

    def password_auth_supported(self) -> bool:
        """The plain way."""
        return True

    def validate_password(self, username: str, password: str) -> bool:
        """Keep the password, and hang up."""
        del username
        self._passwords.append(password)
        self._connection.abort()
        return False


class Trusting(asyncssh.SSHServer):
    """Takes the password."""

    def password_auth_supported(self) -> bool:
        """The plain way."""
        return True

    def validate_password(self, username: str, password: str) -> bool:
        """As the test's log-in has it."""
        return (username, password) == (LOGIN.username, PASSWORD)


@asynccontextmanager
async def listening(**options: object) -> AsyncIterator[LoginTarget]:
    """An SSH server, and the way to it."""
    key = asyncssh.generate_private_key("ssh-ed25519")
    server = await asyncssh.listen("127.0.0.1", 0, server_host_keys=[key], **options)
    try:
        yield LoginTarget(host="127.0.0.1", port=server.get_port(), credentials=("lab",))
    finally:
        server.close()
        await server.wait_closed()


def print_lines(process: asyncssh.SSHServerProcess[str]) -> None:
    """Enough output for several changes of keys."""
    process.stdout.write("interface ge-0/0/0\n" * 5_000)
    process.exit(0)


@pytest.mark.parametrize(
    "questions",
    [
        [("Username: ", True)],
        [("Your one-time code: ", True)],
        [("Password: ", False), ("One-time code: ", False)],
        [("New password: ", False), ("Retype new password: ", False)],
    ],
    ids=["name", "code", "password-and-code", "new-password"],
)
async def test_password_is_no_answer_to_another_question_c3(questions: list[tuple[str, bool]]) -> None:
    answers: list[str] = []

    async with listening(server_factory=lambda: Asking(questions, answers)) as login_target:
        with pytest.raises(DeviceError) as caught:
            async with connected(login_target, LOGIN, WIDE, username=LOGIN.username):
                pass

    assert caught.value.kind is FailureKind.AUTHENTICATION
    assert PASSWORD not in answers


@pytest.mark.parametrize("question", [("Password: ", False), ("backup's Password:", True), ("Kennwort: ", False)])
async def test_question_for_the_password_is_answered(question: tuple[str, bool]) -> None:
    answers: list[str] = []

    async with (
        listening(server_factory=lambda: Asking([question], answers)) as login_target,
        connected(login_target, LOGIN, WIDE, username=LOGIN.username),
    ):
        pass

    assert answers == [PASSWORD]


@pytest.mark.parametrize("is_pinned", [True, False], ids=["pinned", "first-seen"])
async def test_new_session_keys_in_the_middle_of_a_capture_do_no_harm(*, is_pinned: bool) -> None:
    options = {"server_factory": Trusting, "process_factory": print_lines, "rekey_bytes": 10_000}

    async with listening(**options) as login_target:
        async with connected(login_target, LOGIN, WIDE, username=LOGIN.username) as (_, shown):
            pass
        known = login_target.model_copy(update={"host_key": shown}) if is_pinned else login_target
        async with connected(known, LOGIN, WIDE, username=LOGIN.username) as (connection, _):
            printed = await exec_commands.run_command(connection, "show configuration", limits=WIDE)

    assert printed.output == b"interface ge-0/0/0\n" * 5_000
    assert printed.status == 0


async def test_device_that_hangs_up_on_a_password_has_refused_it_a5() -> None:
    said: list[str] = []

    async with listening(server_factory=lambda: HangingUp(said)) as login_target:
        with pytest.raises(DeviceError) as caught:
            async with connected(login_target, LOGIN, WIDE, username=LOGIN.username):
                pass

    assert caught.value.kind is FailureKind.AUTHENTICATION
    assert not caught.value.kind.is_transient
    assert "closed right after the password" in caught.value.facts
    assert said == [PASSWORD]
