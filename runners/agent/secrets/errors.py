"""A secret that could not be had."""

from __future__ import annotations

from domain.failures import DeviceError, FailureKind


class Unresolved(DeviceError):
    """A credential's secret could not be had; ``facts`` name its place, never its value."""

    def __init__(self, facts: str, kind: FailureKind = FailureKind.CREDENTIAL) -> None:
        super().__init__(kind, facts)


class TokenRefused(Unresolved):
    """Vault does not know the agent's token, or no longer."""

    def __init__(self) -> None:
        facts = "Vault rejects the agent's token, which has expired or was revoked"
        super().__init__(facts, FailureKind.SECRETS_REFUSED)
