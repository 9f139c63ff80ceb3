"""Secrets at hand, in the environment and in files: read anew each time, and refused unless they are kept tight."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from domain.failures import DeviceError, FailureKind
from runners.agent.secrets.credentials import Credentials, CredentialSources

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("source", "expected"),
    [("env:SEEDED", "s3cret"), ("file:{folder}/secret", "from the file")],
    ids=["environment", "file"],
)
async def test_secret_is_read_at_each_use_c2(
    source: str, expected: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SEEDED", "s3cret")
    (tmp_path / "secret").write_text("from the file\n")
    (tmp_path / "secret").chmod(0o600)
    credentials = Credentials({"lab": CredentialSources("backup", password=source.format(folder=tmp_path))})

    before = await credentials.login("lab")
    monkeypatch.setenv("SEEDED", "rotated")
    (tmp_path / "secret").write_text("rotated\n")
    after = await credentials.login("lab")

    assert (before.password, after.password) == (expected, "rotated")
    assert expected not in repr(before)


async def test_file_of_another_user_is_refused_c1(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "secret").touch(mode=0o600)
    (tmp_path / "secret").write_text("s3cret\n")
    owner = (tmp_path / "secret").stat().st_uid
    if not owner:
        os.chown(tmp_path / "secret", 4711, 4711)
    monkeypatch.setattr(os, "geteuid", lambda: owner + 1)
    credentials = Credentials({"lab": CredentialSources("backup", password=f"file:{tmp_path / 'secret'}")})

    with pytest.raises(DeviceError) as caught:
        await credentials.login("lab")

    assert "belongs to another user" in caught.value.facts
    assert "s3cret" not in str(caught.value)


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("env:NOT_SET_ANYWHERE", "the environment variable NOT_SET_ANYWHERE is not set"),
        ("file:{folder}/open", "is readable by others"),
        ("file:{folder}/missing", "cannot be read"),
        ("file:{folder}/empty", "is empty"),
        ("file:{folder}/pipe", "is empty"),
        ("carrier-pigeon:x", "a source must begin with one of env:, file:"),
        ("s3cret", "a source must begin with one of"),
    ],
    ids=[
        "not set",
        "readable by others",
        "missing",
        "empty",
        "a pipe",
        "unknown scheme",
        "a secret instead of a source",
    ],
)
async def test_source_that_cannot_be_used_is_told_without_its_value_c1(
    source: str, reason: str, tmp_path: Path
) -> None:
    (tmp_path / "open").write_text("s3cret\n")
    (tmp_path / "open").chmod(0o644)
    (tmp_path / "empty").write_text("\n")
    (tmp_path / "empty").chmod(0o600)
    os.mkfifo(tmp_path / "pipe", 0o600)
    credentials = Credentials({"lab": CredentialSources("backup", password=source.format(folder=tmp_path))})

    with pytest.raises(DeviceError) as caught:
        await credentials.login("lab")

    assert caught.value.kind is FailureKind.CREDENTIAL
    assert reason in caught.value.facts
    assert "s3cret" not in str(caught.value)


async def test_unknown_credential_is_told_with_its_name() -> None:
    with pytest.raises(DeviceError) as caught:
        await Credentials({}).login("lost")

    assert (caught.value.kind, caught.value.facts) == (
        FailureKind.CREDENTIAL,
        "this agent has no credential named lost",
    )
