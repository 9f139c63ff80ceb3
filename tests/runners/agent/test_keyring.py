"""Passwords in the keyring: read anew each time from a real backend, and each way it may fail told without a secret."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING

import keyring
import pytest
from keyring.backends.fail import Keyring as NoKeyring
from keyring.errors import KeyringLocked
from keyrings.alt.file import PlaintextKeyring  # type: ignore[import-untyped]

from domain.failures import DeviceError, FailureKind
from runners.agent.secrets import sources
from runners.agent.secrets.credentials import Credentials, CredentialSources
from runners.agent.secrets.sources import SecretSources

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from keyring.backend import KeyringBackend

LAB = "keyring:lastgood/lab"
SECRET = "Zq7ringVx"


class LockedKeyring(NoKeyring):
    """Tells its reason with more than anybody should read."""

    def get_password(self, service: str, username: str) -> str | None:  # type: ignore[override]  # as callers use it
        """Refuse."""
        del service, username
        raise KeyringLocked(SECRET)


class AskingKeyring(NoKeyring):
    """Waits for a person who is not there, as a keyring on a desktop does."""

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.person = threading.Event()

    def get_password(self, service: str, username: str) -> str | None:  # type: ignore[override]  # as callers use it
        """Wait to be unlocked."""
        del service, username
        self.person.wait()
        return SECRET


@contextmanager
def using(backend: KeyringBackend) -> Iterator[None]:
    """Let ``keyring`` use ``backend`` for as long as the block lasts."""
    before = keyring.get_keyring()
    keyring.set_keyring(backend)
    yield
    keyring.set_keyring(before)


@pytest.fixture
def ring(tmp_path: Path) -> Iterator[PlaintextKeyring]:
    """A keyring in a file."""
    backend = PlaintextKeyring()
    backend.file_path = str(tmp_path / "keyring.cfg")
    with using(backend):
        yield backend


async def trouble(source: str = LAB) -> DeviceError:
    with pytest.raises(DeviceError) as caught:
        await SecretSources().word(source)
    assert SECRET not in repr(caught.value)
    assert caught.value.__cause__ is None
    return caught.value


async def test_secret_is_read_anew_each_time_c2(ring: PlaintextKeyring) -> None:
    ring.set_password("lastgood", "lab", SECRET)
    credentials = Credentials({"lab": CredentialSources("backup", password=LAB)})

    before = await credentials.login("lab")
    ring.set_password("lastgood", "lab", "rotated")
    after = await credentials.login("lab")

    assert (before.password, after.password) == (SECRET, "rotated")


async def test_service_may_hold_slashes(ring: PlaintextKeyring) -> None:
    ring.set_password("https://lab.example.net/ssh", "backup", SECRET)

    assert await SecretSources().word("keyring:https://lab.example.net/ssh/backup") == SECRET


async def test_entry_that_is_not_there_is_told_by_its_name(ring: PlaintextKeyring) -> None:
    ring.set_password("lastgood", "lab", SECRET)

    error = await trouble("keyring:lastgood/other")

    assert (error.kind, error.facts) == (FailureKind.SECRET_MISSING, "the keyring has no entry for lastgood/other")


async def test_machine_without_a_keyring_says_so() -> None:
    with using(NoKeyring()):  # type: ignore[no-untyped-call]
        error = await trouble()

    assert error.kind is FailureKind.CREDENTIAL
    assert "the agent's machine has no keyring" in error.facts


async def test_locked_keyring_says_so_without_its_own_words() -> None:
    with using(LockedKeyring()):  # type: ignore[no-untyped-call]
        error = await trouble()

    assert error.kind is FailureKind.SECRETS_REFUSED
    assert "the keyring is locked" in error.facts


async def test_keyring_that_waits_for_a_person_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sources, "KEYRING_TIMEOUT", timedelta(milliseconds=50))
    backend = AskingKeyring()

    with using(backend):
        error = await trouble()
    backend.person.set()

    assert error.kind is FailureKind.SECRETS_AWAY
    assert "is it waiting to be unlocked?" in error.facts
