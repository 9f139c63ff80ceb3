"""The places where a credential's password may be kept, in a test's hands: each can be given another password."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

import pytest
from keyrings.alt.file import PlaintextKeyring  # type: ignore[import-untyped]

from tests.support.vault_server import VaultServer, vault_server

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["place", "vault_server"]

KEPT = ("file", "keyring", "vault")  # places whose content changes while agents run; an environment does not


class Place(Protocol):
    """Where the password ``lab`` is kept."""

    @property
    def source(self) -> str:
        """As app.yaml names it."""
        ...

    @property
    def settings(self) -> dict[str, Any]:
        """Further sections that app.yaml needs for it."""
        ...

    @property
    def secrets(self) -> tuple[str, ...]:
        """What else opens something there."""
        ...

    def keep(self, password: str) -> None:
        """Let it hold ``password`` from now on."""
        ...


@dataclass
class InFile:
    """A file that nobody else may read."""

    path: Path
    secrets: tuple[str, ...] = ()

    @property
    def source(self) -> str:
        """By its path."""
        return f"file:{self.path}"

    @property
    def settings(self) -> dict[str, Any]:
        """Nothing further."""
        return {}

    def keep(self, password: str) -> None:
        """Write it anew, as a person would."""
        self.path.touch(mode=0o600)
        self.path.write_text(f"{password}\n")


@dataclass
class InKeyring:
    """A keyring in a file, which agents find by the environment."""

    ring: PlaintextKeyring
    source: str = "keyring:lastgood/lab"
    secrets: tuple[str, ...] = ()

    @property
    def settings(self) -> dict[str, Any]:
        """Nothing further."""
        return {}

    def keep(self, password: str) -> None:
        """As ``keyring set lastgood lab`` does."""
        self.ring.set_password("lastgood", "lab", password)


@dataclass
class InVault:
    """A server that speaks Vault's interface."""

    server: VaultServer
    token: Path
    source: str = "vault:secret/lab#password"

    @property
    def settings(self) -> dict[str, Any]:
        """Where it is, and where the agent's token is."""
        return {"vault": {"address": self.server.address, "token": f"file:{self.token}"}}

    @property
    def secrets(self) -> tuple[str, ...]:
        """The token."""
        return (self.token.read_text().strip(),)

    def keep(self, password: str) -> None:
        """Store a new version."""
        self.server.put("lab", password=password)


@pytest.fixture
def place(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> Place:
    """The place that the test's parameter names, in a folder that is none of Lastgood's."""
    folder = tmp_path_factory.mktemp("kept")
    if request.param == "file":
        return InFile(folder / "lab")
    if request.param == "keyring":
        monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyrings.alt.file.PlaintextKeyring")
        monkeypatch.setenv("XDG_DATA_HOME", str(folder))
        return InKeyring(PlaintextKeyring())
    server: VaultServer = request.getfixturevalue("vault_server")
    token = folder / "token"
    token.touch(mode=0o600)
    token.write_text(server.token())
    return InVault(server, token)
