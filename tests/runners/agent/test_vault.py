"""Passwords in Vault: read anew each time from a real server, and each way it may fail told without a secret."""

from __future__ import annotations

import asyncio
import traceback
from contextlib import ExitStack, asynccontextmanager
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from domain.failures import DeviceError, FailureKind
from runners.agent.attempts import Attempts
from runners.agent.logins import LogIns
from runners.agent.secrets.credentials import Credentials, CredentialSources
from runners.agent.secrets.settings import VaultSettings
from runners.agent.secrets.sources import SecretSources
from runners.ssh.capture import capture
from runners.wire.messages import Captured, FromAgent, Started
from tests.runners.agent_ground import PLATFORMS, RealClock, job_for
from tests.support.fleet_fixtures import fleet, switch
from tests.support.real_devices import free_port
from tests.support.vault_server import VaultServer, vault_server, vault_with_tls

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from demo.fleet import Device

__all__ = ["fleet", "switch", "vault_server", "vault_with_tls"]

LAB = "vault:secret/lab#password"
SECRET = "Zq7vaultVx"
TOKEN = "LAB_VAULT_TOKEN"


@pytest.fixture
def token(vault_server: VaultServer, monkeypatch: pytest.MonkeyPatch) -> str:
    """A token that may read secret/lab, where the agent looks for it."""
    vault_server.put("lab", password=SECRET, enable="Zq7enableVx", empty="", number=5)
    token = vault_server.token()
    monkeypatch.setenv(TOKEN, token)
    return token


def sources(server: VaultServer, **changes: object) -> SecretSources:
    facts: dict[str, object] = {"address": server.address, "token": f"env:{TOKEN}"}
    return SecretSources(VaultSettings(**(facts | changes)))  # type: ignore[arg-type] # fields of VaultSettings


async def trouble(asked: SecretSources, source: str = LAB) -> DeviceError:
    with pytest.raises(DeviceError) as caught:
        await asked.word(source)
    told = "".join(traceback.format_exception(caught.value))
    assert not [secret for secret in (SECRET, "Zq7enableVx") if secret in told]
    return caught.value


async def test_secret_is_read_anew_each_time_c2(vault_server: VaultServer, token: str) -> None:
    del token
    fields = {"password": LAB, "enable": "vault:secret/lab#enable"}
    credentials = Credentials({"lab": CredentialSources("backup", **fields)}, sources(vault_server))

    before = await credentials.login("lab")
    vault_server.put("lab", password="rotated", enable="rotated too")
    after = await credentials.login("lab")

    assert (before.password, before.enable) == (SECRET, "Zq7enableVx")
    assert (after.password, after.enable) == ("rotated", "rotated too")


async def test_key_in_vault_keeps_its_lines(vault_server: VaultServer, token: str) -> None:
    del token
    vault_server.put("lab", key="line one\nline two\n")

    assert await sources(vault_server).content("vault:secret/lab#key") == "line one\nline two\n"


async def test_mount_with_slashes_in_its_name_is_ended_by_two(
    vault_server: VaultServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    vault_server.admin.sys.enable_secrets_engine("kv", path="teams/network/kv", options={"version": "2"})
    vault_server.admin.secrets.kv.v2.create_or_update_secret("sw/lab", {"p": SECRET}, mount_point="teams/network/kv")
    monkeypatch.setenv(TOKEN, vault_server.token('path "teams/network/kv/data/sw/lab" { capabilities = ["read"] }'))

    assert await sources(vault_server).word("vault:teams/network/kv//sw/lab#p") == SECRET


@pytest.mark.parametrize(
    ("source", "kind", "facts"),
    [
        ("vault:secret/lab#pasword", FailureKind.SECRET_MISSING, "secret/lab in Vault has no field named pasword"),
        ("vault:secret/lab#empty", FailureKind.SECRET_MISSING, "the field empty of secret/lab in Vault is empty"),
        ("vault:secret/lab#number", FailureKind.SECRET_MISSING, "the field number of secret/lab in Vault is empty"),
        ("vault:secret/other#password", FailureKind.SECRETS_REFUSED, "denies the agent secret/other"),
        ("vault:nowhere/lab#password", FailureKind.SECRETS_REFUSED, "denies the agent nowhere/lab"),
    ],
)
async def test_secret_that_is_not_there_is_told_by_its_name(
    vault_server: VaultServer, token: str, source: str, kind: FailureKind, facts: str
) -> None:
    error = await trouble(sources(vault_server), source)

    assert error.kind is kind
    assert facts in error.facts
    assert token not in str(error)
    assert not error.kind.is_transient


async def test_deleted_secret_is_missing(vault_server: VaultServer, token: str) -> None:
    del token
    vault_server.delete("lab")

    error = await trouble(sources(vault_server))

    assert (error.kind, error.facts) == (FailureKind.SECRET_MISSING, "Vault has nothing at secret/lab")


async def test_token_that_has_ended_is_told_from_a_missing_right_and_a_new_one_is_read(
    vault_server: VaultServer, token: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = sources(vault_server)
    vault_server.revoke(token)

    error = await trouble(asked)
    monkeypatch.setenv(TOKEN, vault_server.token())

    assert error.kind is FailureKind.SECRETS_REFUSED
    assert "which has expired or was revoked" in error.facts
    assert await asked.word(LAB) == SECRET


async def test_role_logs_in_by_itself_and_again_when_its_token_has_ended(
    vault_server: VaultServer, token: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    del token
    role_id, secret_id = vault_server.role()
    monkeypatch.setenv("LAB_ROLE_SECRET", secret_id)
    asked = sources(vault_server, token=None, role_id=role_id, secret_id="env:LAB_ROLE_SECRET")

    first = [await asked.word(LAB) for _ in range(3)]
    given = len(vault_server.tokens_of_roles())
    vault_server.revoke_tokens_of_roles()
    again = await asked.word(LAB)

    assert [*first, again] == [SECRET] * 4
    assert given == 1


async def test_wrong_role_is_told(vault_server: VaultServer, token: str, monkeypatch: pytest.MonkeyPatch) -> None:
    del token
    role_id, _ = vault_server.role()
    monkeypatch.setenv("LAB_ROLE_SECRET", "Zq7wrongVx")
    asked = sources(vault_server, token=None, role_id=role_id, secret_id="env:LAB_ROLE_SECRET")

    error = await trouble(asked)

    assert error.kind is FailureKind.SECRETS_REFUSED
    assert "rejects the agent's AppRole" in error.facts
    assert "Zq7wrongVx" not in str(error)


async def test_sealed_vault_may_be_asked_again(vault_server: VaultServer, token: str) -> None:
    del token
    asked = sources(vault_server)

    with vault_server.sealed():
        error = await trouble(asked)

    assert (error.kind, error.facts) == (FailureKind.SECRETS_AWAY, "Vault is sealed, or not ready")
    assert error.kind.is_transient


async def test_vault_that_is_down_may_be_asked_again(vault_server: VaultServer, token: str) -> None:
    del token
    asked = sources(vault_server, address=f"http://127.0.0.1:{free_port()}")

    error = await trouble(asked)

    assert (error.kind, error.facts) == (FailureKind.SECRETS_AWAY, "Vault did not answer")


@asynccontextmanager
async def something_else(answer: bytes) -> AsyncIterator[str]:
    """The address of something that is no Vault, and gives this answer; nothing: it never answers."""
    writers: list[asyncio.StreamWriter] = []

    async def meet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writers.append(writer)
        await reader.readuntil(b"\r\n\r\n")
        writer.write(answer)

    server = await asyncio.start_server(meet, "127.0.0.1", 0)
    yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    for writer in writers:
        writer.close()
        await writer.wait_closed()
    server.close()


async def test_vault_that_never_answers_is_given_up(vault_server: VaultServer, token: str) -> None:
    del token

    async with something_else(b"") as address:
        error = await trouble(sources(vault_server, address=address, timeout=timedelta(milliseconds=200)))

    assert error.kind is FailureKind.SECRETS_AWAY
    assert "Vault did not answer" in error.facts


@pytest.mark.parametrize(
    "body", [b"<html>hello</html>", b"[]", b"{}", b'{"data": {"data": "Zq7vaultVx"}}', b'{"data": {"data": null}}']
)
async def test_answer_of_something_else_is_not_taken_for_a_secret(
    vault_server: VaultServer, token: str, body: bytes
) -> None:
    del token
    head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"

    async with something_else(head % len(body) + body) as address:
        error = await trouble(sources(vault_server, address=address))

    assert error.kind is FailureKind.CREDENTIAL
    assert "is not valid: is the address right?" in error.facts


async def test_certificate_is_checked_against_the_authority_that_is_named(
    vault_with_tls: VaultServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    vault_with_tls.put("lab", password=SECRET)
    monkeypatch.setenv(TOKEN, vault_with_tls.token())

    error = await trouble(sources(vault_with_tls))
    read = await sources(vault_with_tls, ca=str(vault_with_tls.ca)).word(LAB)

    assert error.kind is FailureKind.CREDENTIAL
    assert "the agent does not trust Vault's certificate" in error.facts
    assert read == SECRET


async def test_token_of_the_environment_is_never_taken_unasked(
    vault_server: VaultServer, token: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VAULT_TOKEN", token)
    monkeypatch.setenv(TOKEN, "Zq7unknownVx")

    error = await trouble(sources(vault_server))

    assert error.kind is FailureKind.SECRETS_REFUSED


async def test_run_waits_out_a_sealed_vault_within_its_attempts_a5(
    vault_server: VaultServer,
    token: str,
    switch: Device,
) -> None:
    del token
    vault_server.put("lab", password=switch.password)
    credentials = Credentials({"lab": CredentialSources("backup", password=LAB)}, sources(vault_server))
    sealed = ExitStack()

    async def send(message: FromAgent) -> None:
        if isinstance(message, Started) and message.attempt == 2:
            sealed.close()

    attempts = Attempts(
        agent="local",
        platforms=PLATFORMS,
        log_ins=LogIns(credentials),
        clock=RealClock(),
        send=send,
        capture=capture,
    )
    sealed.enter_context(vault_server.sealed())
    job = job_for(switch, retries=2)

    end = await attempts.carry_out(job, attempts.begin(job))

    assert isinstance(end, Captured)
    assert (end.attempts, switch.logins.attempts) == (2, 1)


async def test_many_who_ask_at_once_share_one_answer_and_one_who_leaves_takes_it_from_nobody(
    vault_server: VaultServer, token: str
) -> None:
    del token
    asked = sources(vault_server)
    everyone = [asyncio.create_task(asked.word(LAB)) for _ in range(50)]
    await asyncio.sleep(0)

    everyone[0].cancel()
    answers = await asyncio.gather(*everyone, return_exceptions=True)

    assert isinstance(answers[0], asyncio.CancelledError)
    assert answers[1:] == [SECRET] * 49
