"""Each way in which a connection comes to nothing has its true reason, and whoever hangs up is quoted."""

from __future__ import annotations

import asyncio
import struct
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING

import asyncssh
import pytest
import yaml

from domain.failures import DeviceError, FailureKind
from runners.ssh.connect import connected
from runners.ssh.connection.algorithms import Offer, nothing_in_common, their_offer
from runners.ssh.login import Login
from runners.wire.messages import LoginTarget
from tests.runners.agent_ground import short
from tests.support.fleet_fixtures import old_algorithms

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping, Sequence

LIMITS = short(connect=5, login=5, silence=5)  # some of these devices never answer

PASSWORD = "hunter2-hunter2"
LOGIN = Login("backup", password=PASSWORD)
GREETING = b"SSH-2.0-Made_Up\r\n"


class Door(asyncssh.SSHServer):
    """Lets in by rules that a test sets; remembers everything that was said to it."""

    def __init__(self, said: list[str], **rules: object) -> None:
        self.said = said
        self._methods: Sequence[str] = rules.pop("methods", ("password",))  # type: ignore[assignment]
        self._rounds: list[tuple[str, list[tuple[str, bool]], list[str] | None]] = rules.pop("rounds", [])  # type: ignore[assignment]
        self._is_half = bool(rules.pop("is_half", False))
        self._expired = str(rules.pop("expired", ""))
        self._hangs_up = str(rules.pop("hangs_up", ""))
        self._round = 0
        self._is_half_in = False

    def connection_made(self, conn: asyncssh.SSHServerConnection) -> None:
        """Remember the connection."""
        self._connection = conn

    def begin_auth(self, username: str) -> bool:
        """Everybody has to log in, unless the lines are busy."""
        del username
        if self._hangs_up:
            self._connection.disconnect(asyncssh.DISC_TOO_MANY_CONNECTIONS, self._hangs_up)
        return True

    def public_key_auth_supported(self) -> bool:
        """As the rules have it."""
        return "publickey" in self._methods

    def password_auth_supported(self) -> bool:
        """As the rules have it, and once where it is half of the log-in."""
        return "password" in self._methods and not self._is_half_in

    def validate_password(self, username: str, password: str) -> bool:
        """Right, wrong, right as far as it goes, or too old."""
        del username
        self.said.append(password)
        if self._expired:
            raise asyncssh.PasswordChangeRequired(self._expired)
        if not self._is_half or password != PASSWORD:
            return password == PASSWORD
        self._is_half_in = True
        refuse = self._connection.send_userauth_failure
        self._connection.send_userauth_failure = lambda _partial: refuse(partial_success=True)  # type: ignore[method-assign,assignment]
        return False

    def kbdint_auth_supported(self) -> bool:
        """As the rules have it, or as the second half."""
        return self._is_half_in if self._is_half else "kbdint" in self._methods

    def get_kbdint_challenge(
        self, username: str, lang: str, submethods: str
    ) -> tuple[str, str, str, list[tuple[str, bool]]]:
        """The first round of questions."""
        del username, lang, submethods
        self._round = 0
        return self._challenge()

    def validate_kbdint_response(
        self, username: str, responses: Sequence[str]
    ) -> bool | tuple[str, str, str, list[tuple[str, bool]]]:
        """Judge a round, and ask the next."""
        del username
        self.said += responses
        wanted = self._rounds[self._round][2]
        if wanted is not None and list(responses) != wanted:
            return False
        self._round += 1
        return True if self._round == len(self._rounds) else self._challenge()

    def _challenge(self) -> tuple[str, str, str, list[tuple[str, bool]]]:
        instructions, prompts, _ = self._rounds[self._round]
        return "", instructions, "", prompts


@asynccontextmanager
async def door(
    said: list[str], *, options: Mapping[str, object] | None = None, **rules: object
) -> AsyncIterator[LoginTarget]:
    keys = [asyncssh.generate_private_key("ssh-ed25519")]
    listens: dict[str, object] = {"server_host_keys": keys, **(options or {})}
    server = await asyncssh.listen("127.0.0.1", 0, server_factory=lambda: Door(said, **rules), **listens)
    try:
        yield LoginTarget(host="127.0.0.1", port=server.get_port(), credentials=("lab",))
    finally:
        server.close()
        await server.wait_closed()


@asynccontextmanager
async def speaking(*pieces: bytes) -> AsyncIterator[LoginTarget]:
    """A port where nothing but ``pieces`` is said before it is closed."""
    is_over = asyncio.Event()

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for piece in pieces:
            writer.write(piece)
            await writer.drain()
        writer.write_eof()
        with suppress(ConnectionError):  # what the other side sent must not turn our words into a reset
            await reader.read()
        writer.close()
        is_over.set()

    server = await asyncio.start_server(talk, "127.0.0.1", 0)
    async with server:
        yield LoginTarget(host="127.0.0.1", port=server.sockets[0].getsockname()[1], credentials=("lab",))
        await is_over.wait()


async def log_in(target: LoginTarget, login: Login = LOGIN) -> None:
    async with connected(target, login, LIMITS, username=login.username):
        pass


async def why_not(target: LoginTarget, login: Login = LOGIN) -> DeviceError:
    with pytest.raises(DeviceError) as caught:
        await log_in(target, login)
    return caught.value


def packet(payload: bytes) -> bytes:
    padding = 8 - (len(payload) + 5) % 8 + 8
    return struct.pack(">IB", len(payload) + padding + 1, padding) + payload + bytes(padding)


def disconnect(code: int, words: bytes) -> bytes:
    return packet(b"\x01" + struct.pack(">II", code, len(words)) + words + struct.pack(">I", 0))


# Before SSH has begun, and while keys are exchanged.


@pytest.mark.parametrize("words", [b"No more sessions, 16 of 16 in use\r\n", b"\r\nip not allowed here\r\n\r\n"])
async def test_words_in_place_of_ssh_are_told(words: bytes) -> None:
    async with speaking(words) as target:
        error = await why_not(target)

    assert error.kind is FailureKind.CONNECTION_LOST
    assert words.decode().strip() in error.facts


async def test_port_that_closes_without_a_word_did_so_before_ssh_began() -> None:
    async with speaking() as target:
        error = await why_not(target)

    assert error.kind is FailureKind.CONNECTION_LOST
    assert error.facts == "the connection was closed before SSH began"


async def test_device_that_closes_behind_its_greeting_did_so_during_the_key_exchange() -> None:
    async with speaking(GREETING) as target:
        error = await why_not(target)

    assert error.kind is FailureKind.CONNECTION_LOST
    assert "the key exchange was cut off" in error.facts


async def test_reason_of_a_farewell_is_told() -> None:
    async with speaking(GREETING, disconnect(12, b"all 5 lines are busy")) as target:
        error = await why_not(target)

    assert error.kind is FailureKind.CONNECTION_LOST
    assert "all 5 lines are busy" in error.facts


@pytest.mark.parametrize("pinned", [None, "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHl5"])
async def test_host_key_that_nobody_has_seen_has_not_changed(pinned: str | None) -> None:
    async with speaking(GREETING, disconnect(9, b"bad signature")) as target:
        error = await why_not(target.model_copy(update={"host_key": pinned}))

    assert error.kind is FailureKind.KEY_EXCHANGE
    assert "host key cannot be used" in error.facts


# Old algorithms.


@old_algorithms
@pytest.mark.parametrize(
    ("options", "named"),
    [
        ({"kex_algs": ["diffie-hellman-group-exchange-sha1"]}, {"diffie-hellman-group-exchange-sha1"}),
        ({"encryption_algs": ["3des-cbc", "aes256-cbc"], "mac_algs": ["hmac-md5"]}, {"aes256-cbc", "hmac-md5"}),
        (
            {
                "kex_algs": ["diffie-hellman-group14-sha1"],
                "encryption_algs": ["aes192-cbc"],
                "mac_algs": ["hmac-sha1-96"],
            },
            {"diffie-hellman-group14-sha1", "aes192-cbc", "hmac-sha1-96"},
        ),
    ],
    ids=["kex", "cipher-and-mac", "all-three"],
)
async def test_all_old_algorithms_are_told_at_once_as_a_line_for_app_yaml(
    options: dict[str, object], named: set[str]
) -> None:
    async with door([], options=options) as target:
        error = await why_not(target)
        line = yaml.safe_load(error.facts)
        await log_in(target.model_copy(update={"algorithms": tuple(line["algorithms"])}))

    assert error.kind is FailureKind.KEY_EXCHANGE
    assert set(line["algorithms"]) == named


@old_algorithms
async def test_what_is_allowed_already_stays_in_the_line() -> None:
    options = {"kex_algs": ["diffie-hellman-group14-sha1"], "encryption_algs": ["aes128-cbc"]}

    async with door([], options=options) as target:
        error = await why_not(target.model_copy(update={"algorithms": ("aes128-cbc",)}))

    assert yaml.safe_load(error.facts) == {"algorithms": ["aes128-cbc", "diffie-hellman-group14-sha1"]}


@pytest.mark.parametrize(
    ("theirs", "line"),
    [
        (Offer(("curve25519-sha256",), ("ssh-dss", "ssh-rsa"), ("aes128-ctr",), ("hmac-sha2-256",)), "ssh-rsa"),
        (
            Offer(("diffie-hellman-group1-sha1",), ("ssh-ed25519",), ("aes256-gcm@openssh.com",), ("hmac-md5",)),
            "diffie-hellman-group1-sha1",
        ),
        (
            Offer(("rsa1024-sha1",), ("ssh-dss",), ("3des-cbc",), ("hmac-md5",)),
            "rsa1024-sha1, ssh-dss, 3des-cbc, hmac-md5",
        ),
    ],
    ids=["host-key", "cipher-needs-no-mac", "all-four"],
)
def test_of_each_kind_that_is_missing_the_best_is_named(theirs: Offer, line: str) -> None:
    assert nothing_in_common(theirs, ()) == f"algorithms: [ {line} ]"


async def test_device_that_closes_without_a_word_over_its_old_algorithms_is_understood() -> None:
    lists = [b"diffie-hellman-group1-sha1", b"ssh-ed25519", *2 * [b"aes128-ctr"], *2 * [b"hmac-sha2-256"]]
    lists += [b"none", b"none", b"", b""]
    offer = b"\x14" + bytes(16) + b"".join(struct.pack(">I", len(one)) + one for one in lists) + bytes(5)

    async with speaking(GREETING, packet(offer)) as target:
        error = await why_not(target)

    assert error.kind is FailureKind.KEY_EXCHANGE
    assert error.facts == "algorithms: [ diffie-hellman-group1-sha1 ]"


def test_algorithms_that_nobody_here_knows_are_no_line_for_app_yaml() -> None:
    theirs = Offer(("gost-kex",), ("ssh-ed25519",), ("aes128-ctr",), ("hmac-sha2-256",))

    assert nothing_in_common(theirs, ()) == "it offers only what the agent does not know (key exchange: gost-kex)"


@pytest.mark.parametrize("size", [0, 5, 17, 20, 40])
def test_offer_that_was_cut_off_is_none(size: int) -> None:
    assert their_offer((b"\x14" + bytes(16) + struct.pack(">I", 9) + b"some-kex," * 9)[:size]) is None


# At the log-in.


async def test_device_that_takes_only_keys_is_not_told_the_password() -> None:
    said: list[str] = []

    async with door(said, methods=("publickey",)) as target:
        error = await why_not(target)

    assert error.kind is FailureKind.AUTHENTICATION
    assert "takes only publickey" in error.facts
    assert said == []


async def test_key_that_was_not_taken_is_told_with_what_else_there_is() -> None:
    said: list[str] = []
    login = Login("backup", key=asyncssh.generate_private_key("ssh-ed25519"))

    async with door(said, methods=("publickey", "password")) as target:
        error = await why_not(target, login)

    assert error.kind is FailureKind.AUTHENTICATION
    assert "it refused the key" in error.facts
    assert "password" in error.facts
    assert said == []


async def test_wrong_password_is_said_once_though_it_could_be_asked_for_again() -> None:
    said: list[str] = []
    rounds = [("", [("Password: ", False)], [PASSWORD])]

    async with door(said, methods=("password", "kbdint"), rounds=rounds) as target:
        error = await why_not(target, Login("backup", password="wrong"))

    assert error.kind is FailureKind.AUTHENTICATION
    assert said == ["wrong"]


@pytest.mark.parametrize(
    "rounds",
    [
        [("", [], None)],
        [("Two factors are in force.", [], None), ("Welcome.", [], None)],
        [("", [("Your user id:", True)], ["backup"])],
    ],
    ids=["nothing", "two-notices", "name"],
)
async def test_password_that_is_half_of_a_log_in_is_followed_by_the_other_half(
    rounds: list[tuple[str, list[tuple[str, bool]], list[str] | None]],
) -> None:
    said: list[str] = []

    async with door(said, is_half=True, rounds=rounds) as target:
        await log_in(target)

    assert said.count(PASSWORD) == 1


async def test_other_half_without_an_answer_is_told_in_the_devices_words() -> None:
    said: list[str] = []
    rounds = [("Token of the finance group", [("Tokencode from your fob: ", False)], None)]

    async with door(said, is_half=True, rounds=rounds) as target:
        error = await why_not(target)

    assert error.kind is FailureKind.AUTHENTICATION
    assert 'it asked "Tokencode from your fob:"' in error.facts
    assert "Token of the finance group" in error.facts
    assert said == [PASSWORD]


@pytest.mark.parametrize(
    ("prompts", "answers"),
    [
        ([("Domain passphrase of the desk>", False)], [PASSWORD]),
        ([("Salasana:", False)], [PASSWORD]),
        ([("Username:", True), ("Password:", False)], ["backup", PASSWORD]),
        ([("login:", True), ("Clave de acceso:", False)], ["backup", PASSWORD]),
    ],
)
async def test_questions_may_be_worded_by_customers(prompts: list[tuple[str, bool]], answers: list[str]) -> None:
    said: list[str] = []

    async with door(said, methods=("kbdint",), rounds=[("", prompts, answers)]) as target:
        await log_in(target)

    assert said == answers


async def test_password_that_has_to_be_changed_is_told_as_such() -> None:
    async with door([], expired="Your password is 91 days old, choose another") as target:
        error = await why_not(target)

    assert error.kind is FailureKind.PASSWORD_EXPIRED
    assert "91 days old" in error.facts


async def test_device_that_hangs_up_before_the_password_says_why() -> None:
    said: list[str] = []

    async with door(said, hangs_up="maintenance until noon") as target:
        error = await why_not(target)

    assert error.kind is FailureKind.CONNECTION_LOST
    assert "maintenance until noon" in error.facts
    assert said == []
