"""Where Vault is, and where the agent's own proof for it is kept."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

VAULT_TIMEOUT = timedelta(seconds=10)  # for one answer of Vault


@dataclass(frozen=True, slots=True, kw_only=True)
class VaultSettings:
    """Where Vault is, and where the agent's own proof for it is kept: sources, never the secrets themselves."""

    address: str
    token: str | None = None
    role_id: str | None = None  # of an AppRole, instead of a token
    secret_id: str | None = None
    role_mount: str = "approle"
    namespace: str | None = None
    ca: str | None = None  # path of the only certificate to believe; None: the public ones and ``company_ca``
    company_ca: str | None = None  # path of the company's certificates
    timeout: timedelta = VAULT_TIMEOUT  # for one answer
